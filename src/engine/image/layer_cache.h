// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "engine/image/image_layer.h"
#include "engine/scan/result_cache.h"
#include "store/result_store.h"

namespace vedette::engine {

// What layers gave, by all that this depends on: the layer's digest, what was looked for, rules,
// options and this program. Images that share a layer share its result, as do processes.
//
// The digest is what the image names: a layer that is known is not read again, and so not checked
// again, but for its size. Any thread. Findings point to rules of `program`.
class LayerCache {
 public:
  using SharedProgram = std::shared_ptr<const rules::secret::SecretProgram>;
  // Gives what looks for secrets in documents that are kept as they are, also where none are told;
  // null: there are no rules. Called by one thread, once, and only when there is such a document.
  using DocumentRules = std::function<SharedProgram()>;

  // `program`: of the secrets that are looked for, null for none. As open_result_store().
  static std::unique_ptr<LayerCache> open(const ResultCacheOptions& options,
                                          const LayerScanOptions& layer,
                                          const scan::secrets::ScannerOptions& scanner,
                                          SharedProgram program, DocumentRules document_rules,
                                          std::vector<Diagnostic>& problems);

  // `stored_bytes`: how many the layer has as it is stored, where that is known.
  std::optional<LayerScan> find(std::string_view digest, std::optional<std::uint64_t> stored_bytes);
  // Of a layer with documents in which something looks like a secret nothing is kept.
  void put(std::string_view digest, std::optional<std::uint64_t> stored_bytes,
           const LayerScan& scan);

  // At the end, by one thread: what could not be kept, and why.
  std::optional<Diagnostic> close() { return store_->close(); }

 private:
  LayerCache(std::unique_ptr<store::ResultStore> store, std::string settings, SharedProgram program,
             DocumentRules document_rules)
      : store_(std::move(store)),
        settings_(std::move(settings)),
        program_(std::move(program)),
        load_document_rules_(std::move(document_rules)) {}
  bool may_hold_secret(const LayerFile& file);
  store::ResultKey key_of(std::string_view digest) const;

  std::unique_ptr<store::ResultStore> store_;
  const std::string settings_;  // what goes into each key
  const SharedProgram program_;
  const DocumentRules load_document_rules_;
  std::once_flag loaded_;
  SharedProgram document_rules_;  // once loaded_
};

}  // namespace vedette::engine
