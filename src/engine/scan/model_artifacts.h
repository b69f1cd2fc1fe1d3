// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "event/finding.h"
#include "formats/models/artifact_manifest.h"
#include "scan/models/model_rules.h"

namespace vedette::engine {

// Models that are kept as blobs named by their digests (OCI layouts, Ollama): gathers blobs and
// manifests while a tree is walked, so that each blob is looked at once, knowing what its manifests
// say of it. One thread at a time.
class ModelArtifacts {
 public:
  explicit ModelArtifacts(const scan::models::ModelRules& rules) : rules_(rules) {}

  // True where the file is a blob, which then waits for look_at_blobs().
  bool note_blob(const std::string& path);
  // A file that may be a manifest by its name and is none of the blobs.
  static bool may_be_manifest(std::string_view path);
  void note_manifest(const std::string& path, std::string_view text,
                     std::vector<event::Finding>& findings);

  struct Blob {
    std::string path;
    std::string digest;                                     // that it is named by
    const formats::models::ArtifactLayer* layer = nullptr;  // null: no manifest names it
    std::string name() const;                               // for judges
  };
  // All blobs, manifests first. `look` gives the bytes to note_manifest() of those that are small.
  void look_at_blobs(const std::function<void(const Blob& blob)>& look,
                     std::vector<event::Finding>& findings);

 private:
  const scan::models::ModelRules& rules_;
  std::map<std::string, std::string> blobs_;                      // paths, by digest
  std::map<std::string, formats::models::ArtifactLayer> layers_;  // by digest
  std::vector<std::pair<std::string, std::string>> named_;        // manifests and digests
};

// Compares a blob with the digest that it is named by; judges what it is by its manifest.
void judge_blob(const scan::models::ModelRules& rules, const ModelArtifacts::Blob& blob,
                std::string_view bytes, std::vector<event::Finding>& findings);

}  // namespace vedette::engine
