// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/models/digest_manifest.h"

// What the files beside a model say of it, for a bill of materials. All of it is what its author
// wrote: nothing here is checked.
namespace vedette::formats::models {

struct ModelDescription {
  static constexpr std::size_t kFileBytesMax = std::size_t{1} << 20;
  static constexpr std::size_t kNamesMax = 200;  // of each list
  static constexpr std::size_t kNameBytesMax = 500;

  std::string architecture;  // "LlamaForCausalLM"
  std::string family;        // "llama"
  std::string task;          // "text-generation"
  std::string library;       // "transformers"
  std::vector<std::string> licenses;
  std::vector<std::string> datasets;
  std::vector<std::string> base_models;
};

// config.json of transformers and its like, adapter_config.json of PEFT, model_index.json of
// diffusers; what is already known stays.
void read_model_config(std::string_view path, std::string_view text, ModelDescription& model);
// A model card: the YAML between two lines of dashes at the begin of README.md.
void read_model_card(std::string_view path, std::string_view text, ModelDescription& model);

// One model: a folder of files that belong together, or one file.
struct ModelComponent {
  std::string name;
  std::string version;  // may be empty
  std::string purl;     // may be empty
  ModelDescription description;
  std::vector<FileDigest> files;  // by path, without shards
};

// Puts files together to models. A model is the uppermost folder that holds a description
// (config.json, a card …) and, in it or below, weights; weights beside all such folders are models
// of their own. `subject` names what lies in the target itself. Descriptions are not read.
std::vector<ModelComponent> group_models(const DigestManifest& manifest, std::string_view subject);
// Whether a file of this name is read by read_model_config() or read_model_card().
bool describes_model(std::string_view name);

}  // namespace vedette::formats::models
