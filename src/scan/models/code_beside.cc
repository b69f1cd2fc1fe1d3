// SPDX-License-Identifier: Apache-2.0
#include "scan/models/code_beside.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>
#include <vector>

#include "base/limits.h"
#include "formats/models/python_source.h"
#include "formats/models/shard_index.h"
#include "formats/packages/tree.h"
#include "scan/models/callee.h"
#include "scan/models/document_judge.h"

namespace vedette::scan::models {
namespace {

using formats::packages::Member;
using formats::packages::Node;

constexpr std::string_view kCall = "auto_map";
constexpr std::size_t kFilesMax = 64;

// "modeling_own.OwnModel" is of modeling_own.py. Empty where that is not beside the settings.
std::string file_of(std::string_view reference) {
  const std::size_t dot = reference.rfind('.');
  if (dot == std::string_view::npos || reference.contains("--")) return {};
  std::string name(reference.substr(0, dot));
  std::ranges::replace(name, '.', '/');
  name += ".py";
  return formats::models::stays_in_folder(name) ? name : std::string();
}

// Each value is a reference, or a list of some of which those that are not there are null. Empty
// where one is not beside.
std::set<std::string> files_of(const Node& map) {
  std::set<std::string> files;
  std::vector<const Node*> waiting = {&map};
  while (!waiting.empty()) {
    const Node& node = *waiting.back();
    waiting.pop_back();
    for (const Member& member : node.members) waiting.push_back(&member.value);
    if (!node.is_text()) continue;
    std::string file = file_of(node.text);
    if (file.empty() || files.size() >= kFilesMax) return {};
    files.insert(std::move(file));
  }
  return files;
}

// Whether a call in a function counts that making the model may make. Libraries' own loaders of
// weights and stores do not, nor does fetching an image; what is run of an answer is a call itself.
bool goes_further(const formats::models::PythonCall& call) {
  constexpr auto kOfText =
      std::to_array<std::string_view>({"eval", "exec", "compile", "__import__"});
  if (call.module == "builtins") return std::ranges::find(kOfText, call.name) != kOfText.end();
  const Callee callee = look_up(call.module, call.name);
  if (callee.capability < Capability::kNetwork || callee.name == "requests.get") return false;
  return callee.capability == Capability::kRunsCode || !callee.is_library;
}

bool calls_nothing_further(std::string_view text) {
  const std::vector<formats::models::PythonCall> calls = formats::models::python_calls(text);
  return calls.size() < formats::models::kPythonCallsMax &&
         std::ranges::none_of(calls, goes_further);
}

}  // namespace

bool may_name_code(std::string_view path) { return path.ends_with("config.json"); }

void judge_code_beside(const ModelRules& rules, std::string_view path, std::string_view bytes,
                       const ReadBeside& read, std::span<event::Finding> found) {
  const auto is_of_map = [](const event::Finding& finding) { return finding.redacted == kCall; };
  const auto of_map = std::ranges::find_if(found, is_of_map);
  if (of_map == found.end()) return;
  const Limits limits;
  const formats::packages::Tree tree =
      formats::packages::read_json(path, bytes, limits, formats::packages::JsonForm::kPython);
  const std::set<std::string> files = files_of(tree.root[kCall]);
  if (files.empty()) return;
  std::vector<event::Finding> in_code;
  for (const std::string& file : files) {
    const std::optional<std::string> text = read(file);
    if (!text || !calls_nothing_further(*text)) return;
    judge_source(rules, file, *text, SourceOrigin::kBeside, in_code);
  }
  if (std::ranges::any_of(in_code, [](const event::Finding& finding) {
        return finding.severity > event::Level::kInformational;
      }))
    return;
  of_map->severity = event::Level::kInformational;
  of_map->message = fmt::format(
      "Loading with trust_remote_code=True runs {} beside the model, in which nothing that is "
      "dangerous was found",
      fmt::join(files, ", "));
}

}  // namespace vedette::scan::models
