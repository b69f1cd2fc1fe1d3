// SPDX-License-Identifier: Apache-2.0
#include "formats/models/model_description.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <set>
#include <utility>

#include "base/limits.h"
#include "formats/packages/tree.h"

namespace vedette::formats::models {
namespace {

using packages::Member;
using packages::Node;

constexpr auto kDescriptions = std::to_array<std::string_view>(
    {"config.json", "adapter_config.json", "model_index.json", "README.md", "MLmodel"});
constexpr auto kWeights = std::to_array<std::string_view>(
    {"safetensors", "bin",        "pt",        "pth",   "ckpt",    "gguf",   "ggml",   "onnx",
     "h5",          "hdf5",       "keras",     "pb",    "tflite",  "pkl",    "pickle", "joblib",
     "npz",         "npy",        "msgpack",   "ot",    "mlmodel", "ubj",    "cbm",    "params",
     "pdparams",    "pdmodel",    "pdiparams", "skops", "engine",  "pmml",   "nemo",   "llamafile",
     "t7",          "caffemodel", "pte",       "dill",  "model",   "weights"});

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool is_weights(std::string_view path) {
  const std::string_view name = name_of(path);
  const std::size_t dot = name.rfind('.');
  return dot != std::string_view::npos &&
         std::ranges::find(kWeights, name.substr(dot + 1)) != kWeights.end();
}

void set(const Node& node, std::string& value) {
  if (node.is_text() && value.empty()) value = node.text.substr(0, ModelDescription::kNameBytesMax);
}

// A text, or a list of texts.
void append(const Node& node, std::vector<std::string>& values) {
  const auto add = [&values](const Node& one) {
    if (!one.is_text() || one.text.empty() || values.size() >= ModelDescription::kNamesMax) return;
    std::string text(one.text.substr(0, ModelDescription::kNameBytesMax));
    if (std::ranges::find(values, text) == values.end()) values.push_back(std::move(text));
  };
  add(node);
  if (!node.is_list()) return;
  for (const Member& member : node.members) add(member.value);
}

Limits limits() {
  Limits limits;
  limits.file_bytes_max = ModelDescription::kFileBytesMax;
  return limits;
}

// "models--owner--name/snapshots/<revision>" of a Hugging Face cache.
void name_by_cache(std::string_view folder, ModelComponent& model) {
  const std::size_t at = folder.rfind("models--");
  if (at == std::string_view::npos || (at != 0 && folder[at - 1] != '/')) return;
  const std::string_view rest = folder.substr(at + 8);
  const std::size_t slash = rest.find('/');
  const std::string_view inner = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
  if (!inner.starts_with("snapshots/")) return;
  std::string name(rest.substr(0, slash));
  if (const std::size_t dashes = name.find("--"); dashes != std::string::npos)
    name.replace(dashes, 2, "/");
  model.version = inner.substr(10, inner.find('/', 10) - 10);
  model.purl = fmt::format("pkg:huggingface/{}@{}", name, model.version);
  model.name = std::move(name);
}

// The uppermost folder above `path` that is in `folders`, with its slash; "/" for the target
// itself, "" for none.
std::string_view folder_of(std::string_view path, const std::set<std::string_view>& folders) {
  if (folders.contains("/")) return "/";
  for (std::size_t at = path.find('/'); at != std::string_view::npos; at = path.find('/', at + 1)) {
    if (const auto found = folders.find(path.substr(0, at + 1)); found != folders.end())
      return *found;
  }
  return {};
}

}  // namespace

bool describes_model(std::string_view name) {
  return std::ranges::find(kDescriptions, name) != kDescriptions.end() && name != "MLmodel";
}

void read_model_config(std::string_view path, std::string_view text, ModelDescription& model) {
  const packages::Tree tree = packages::read_json(path, text, limits());
  const Node& root = tree.root;
  if (!root.is_table()) return;
  const Node& architectures = root["architectures"];
  if (architectures.is_list() && !architectures.members.empty())
    set(architectures.members.front().value, model.architecture);
  set(root["_class_name"], model.architecture);  // diffusers
  set(root["peft_type"], model.architecture);
  set(root["model_type"], model.family);
  set(root["task_type"], model.task);
  append(root["base_model_name_or_path"], model.base_models);
}

void read_model_card(std::string_view path, std::string_view text, ModelDescription& model) {
  text = text.substr(0, ModelDescription::kFileBytesMax);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!text.starts_with("---\n") && !text.starts_with("---\r\n")) return;
  const std::size_t end = text.find("\n---", 3);
  if (end == std::string_view::npos) return;
  const packages::Tree tree = packages::read_yaml(path, text.substr(4, end - 3), limits());
  const Node& root = tree.root;
  if (!root.is_table()) return;
  // What people read says more than what a program wrote.
  if (root["pipeline_tag"].is_text()) model.task.clear();
  set(root["pipeline_tag"], model.task);
  set(root["library_name"], model.library);
  const bool is_other = root["license"].text == "other" && root["license_name"].is_text();
  append(root[is_other ? "license_name" : "license"], model.licenses);
  append(root["datasets"], model.datasets);
  append(root["base_model"], model.base_models);
}

std::vector<ModelComponent> group_models(const DigestManifest& manifest, std::string_view subject) {
  std::set<std::string_view> described;
  for (const FileDigest& file : manifest.files) {
    const std::string_view path = file.path;
    const std::string_view name = name_of(path);
    if (std::ranges::find(kDescriptions, name) == kDescriptions.end()) continue;
    const std::string_view folder = path.substr(0, path.size() - name.size());
    described.insert(folder.empty() ? "/" : folder);
  }
  std::set<std::string_view> with_weights;
  for (const FileDigest& file : manifest.files) {
    if (is_weights(file.path)) with_weights.insert(folder_of(file.path, described));
  }
  std::map<std::string_view, ModelComponent> models;
  for (const FileDigest& file : manifest.files) {
    std::string_view folder = folder_of(file.path, described);
    if (folder.empty() && is_weights(file.path)) {
      folder = file.path;
    } else if (folder.empty() || !with_weights.contains(folder)) {
      continue;
    }
    ModelComponent& model = models[folder];
    model.files.push_back(file);
    if (!model.name.empty()) continue;
    model.name = folder == "/"           ? subject
                 : folder.ends_with('/') ? folder.substr(0, folder.size() - 1)
                                         : folder;
    name_by_cache(folder, model);
  }
  std::vector<ModelComponent> found;
  for (auto& [folder, model] : models) found.push_back(std::move(model));
  return found;
}

}  // namespace vedette::formats::models
