// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
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
  // `program`: of the secrets that are looked for, null for none. As open_result_store().
  static std::unique_ptr<LayerCache> open(
      const ResultCacheOptions& options, const LayerScanOptions& layer,
      const scan::secrets::ScannerOptions& scanner,
      std::shared_ptr<const rules::secret::SecretProgram> program,
      std::vector<Diagnostic>& problems);

  // `stored_bytes`: how many the layer has as it is stored, where that is known.
  std::optional<LayerScan> find(std::string_view digest, std::optional<std::uint64_t> stored_bytes);
  void put(std::string_view digest, std::optional<std::uint64_t> stored_bytes,
           const LayerScan& scan);

  // At the end, by one thread: what could not be kept, and why.
  std::optional<Diagnostic> close() { return store_->close(); }

 private:
  LayerCache(std::unique_ptr<store::ResultStore> store, std::string settings,
             std::shared_ptr<const rules::secret::SecretProgram> program)
      : store_(std::move(store)), settings_(std::move(settings)), program_(std::move(program)) {}
  store::ResultKey key_of(std::string_view digest) const;

  std::unique_ptr<store::ResultStore> store_;
  const std::string settings_;  // what goes into each key
  std::shared_ptr<const rules::secret::SecretProgram> program_;
};

}  // namespace vedette::engine
