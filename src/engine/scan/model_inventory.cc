// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/model_inventory.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "base/file.h"

namespace vedette::engine {
namespace {

using formats::models::FileDigest;
using formats::models::ModelComponent;
using formats::models::ModelDescription;

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::size_t depth_of(std::string_view path) {
  return static_cast<std::size_t>(std::ranges::count(path, '/'));
}

// The outermost description of each kind speaks for the model; configurations before the card.
void describe(const std::string& folder, ModelComponent& model, event::ScanSummary& summary) {
  std::vector<const FileDigest*> files;
  for (const FileDigest& file : model.files) {
    if (formats::models::describes_model(name_of(file.path))) files.push_back(&file);
  }
  std::ranges::stable_sort(files, {}, [](const FileDigest* file) {
    return std::pair(name_of(file->path) == "README.md", depth_of(file->path));
  });
  bool has_card = false;
  for (const FileDigest* file : files) {
    const std::string path = folder + file->path;
    const bool is_card = name_of(path) == "README.md";
    if (is_card && std::exchange(has_card, true)) continue;
    const auto text = read_file(path, ModelDescription::kFileBytesMax);
    if (!text) {
      summary.problems.push_back({DiagnosticKind::kWarning,
                                  {path, 0, 0, 0},
                                  text.error().message,
                                  "what it says of the model is missing"});
    } else if (is_card) {
      read_model_card(path, *text, model.description);
    } else {
      read_model_config(path, *text, model.description);
    }
  }
}

}  // namespace

Result<ModelInventory> list_models(DigestOptions options, std::string_view subject,
                                   const std::atomic<bool>& stop) {
  options.shard_bytes = formats::models::DigestManifest::kWhole;
  TRY(DigestRun run, make_digests(options, stop));
  ModelInventory inventory;
  inventory.summary = std::move(run.summary);
  inventory.models = group_models(run.manifest, subject);
  std::error_code error;
  const bool is_folder = std::filesystem::is_directory(options.target, error);
  for (ModelComponent& model : inventory.models) {
    if (is_folder) describe(options.target + "/", model, inventory.summary);
  }
  return inventory;
}

}  // namespace vedette::engine
