// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "event/finding.h"
#include "scan/models/model_rules.h"

namespace vedette::scan::models {

// Judges what is written as text in and beside models: Keras' and skops' descriptions, settings of
// transformers (auto_map, chat templates), notebooks, PMML. False where `bytes` are none of these.
bool judge_document(const ModelRules& rules, std::string_view path, std::string_view bytes,
                    std::vector<event::Finding>& findings);

// Jinja's attribute walks out of its sandbox: "" where there is none, else the part that shows it.
std::string_view hostile_template(std::string_view text);

// Binary formats by the texts in them: Keras in HDF5, TensorFlow's graphs, ONNX, GGUF, safetensors.
enum class BinaryVerdict : std::uint8_t {
  kOther,  // none of these
  kJudged,
  kJudgedInPart,  // its first 64 MiB
};
BinaryVerdict judge_binary(const ModelRules& rules, std::string_view path, std::string_view bytes,
                           std::vector<event::Finding>& findings);

}  // namespace vedette::scan::models
