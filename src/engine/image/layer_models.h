// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/finding.h"
#include "formats/archive/tar_reader.h"
#include "ingest/skip_tally.h"
#include "scan/models/model_scanner.h"
#include "scan/secrets/secret_scanner.h"

namespace vedette::engine {

// Models among the files of a layer, which come as a stream. Of a file beyond the bound its begin
// and its end are looked at: there stands what is not a tensor's bytes.
class LayerModels {
 public:
  static constexpr std::size_t kHeadMax = std::size_t{32} << 20;
  static constexpr std::size_t kTailMax = std::size_t{8} << 20;
  // A size that lies takes addresses, no memory.
  static constexpr std::uint64_t kFileBytesMax = std::uint64_t{1} << 40;

  // What a call holds of secrets is masked with `masking`. Both outlive this.
  LayerModels(const scan::models::ModelRules& rules, scan::secrets::SecretScanner& masking)
      : scanner_(rules), masking_(masking) {}

  // By its name, or its first bytes.
  static bool is_model(std::string_view path, std::string_view head);

  // Appends what is found in the whole `content` of a file.
  void look(std::string_view path, std::string_view content, std::vector<event::Finding>& findings,
            ingest::SkipTally& skipped);
  // The same of a file of `size` bytes, which `reader` gives.
  Result<void> look_at_large(std::string_view path, std::uint64_t size,
                             formats::archive::TarReader& reader,
                             std::vector<event::Finding>& findings, ingest::SkipTally& skipped);

 private:
  scan::models::ModelScanner scanner_;
  scan::secrets::SecretScanner& masking_;
};

}  // namespace vedette::engine
