// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/finding.h"
#include "scan/models/exchange/exchange_report.h"
#include "scan/models/model_rules.h"

namespace vedette::scan::models {

// Judges what is written as text in and beside models: Keras' and skops' descriptions, settings of
// transformers (auto_map, chat templates), notebooks, the JSON of exchange formats. False where
// `bytes` are none of these.
bool judge_document(std::string_view bytes, ExchangeReport& report);

// Keys under which a configuration names what it makes objects of.
inline constexpr std::array<std::string_view, 5> kTargetKeys = {"_target_", "class_path", "target",
                                                                "type", "cls"};
// Whether a value of such a key is a name of Python's: "type" and "target" mean much else.
bool is_target(std::string_view key, std::string_view value);

// What settings in `text` name to be made an object of, where that is dangerous: JSON, YAML or
// Python's own notation, as headers of models hold it. "" where there is none.
std::string hostile_target(std::string_view text);

// How a template of Jinja leaves its sandbox, in the template's words: "" where it does not.
std::string hostile_template(std::string_view text);
// Whether that is a walk that no language with tags of the same look has.
bool is_walk(std::string_view part);

// Source texts of and beside models: Python, YAML, requirements, MLflow's MLmodel. By the name of
// `path`; false for others.
enum class SourceOrigin : std::uint8_t {
  kBeside,        // runs only where it is trusted
  kTorchScript,   // code of a TorchScript archive
  kTorchPackage,  // a module of a torch.package
  kTorchServe,    // beside the model in an archive for TorchServe
};
bool judge_source(const ModelRules& rules, std::string_view path, std::string_view bytes,
                  SourceOrigin origin, std::vector<event::Finding>& findings);

// Binary formats: TensorFlow's graphs, ONNX, GGUF, safetensors by their structure.
enum class BinaryVerdict : std::uint8_t {
  kOther,  // none of these
  kJudged,
  kJudgedInPart,  // its first kGraphMessagesMax messages
};
BinaryVerdict judge_binary(const ModelRules& rules, std::string_view path, std::string_view bytes,
                           std::vector<event::Finding>& findings);

// Graphs of ONNX and TensorFlow, which have no mark of their own: by their structure.
inline constexpr std::size_t kGraphMessagesMax = 4'000'000;
BinaryVerdict judge_graph(const ModelRules& rules, std::string_view path, std::string_view bytes,
                          std::vector<event::Finding>& findings);

// The same of one in text format (.pbtxt).
void judge_graph_text(const ModelRules& rules, std::string_view path, std::string_view text,
                      std::vector<event::Finding>& findings);

}  // namespace vedette::scan::models
