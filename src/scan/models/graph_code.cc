// SPDX-License-Identifier: Apache-2.0
#include "scan/models/graph_code.h"

#include <algorithm>
#include <array>
#include <string>

#include "formats/models/python_source.h"
#include "scan/models/callee.h"
#include "scan/models/torch_operations.h"

namespace vedette::scan::models {
namespace {

using formats::models::PythonCall;
using formats::models::Value;
using formats::models::ValueGraph;
using formats::models::ValueId;
using formats::models::ValueKind;

constexpr std::size_t kCodeMax = std::size_t{8} << 20;
constexpr std::size_t kEntriesMax = 1000;  // of a module's __dict__, which is some dozens

constexpr std::string_view kWordSigns =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

bool consists_of(std::string_view text, std::string_view further) {
  return std::ranges::all_of(
      text, [further](char c) { return kWordSigns.contains(c) || further.contains(c); });
}

// "torch.nn" and "torch.nn.functional", not "torchother".
bool is_of_libraries(std::string_view module) {
  constexpr auto kLibraries = std::to_array<std::string_view>(
      {"torch", "torchvision", "torchaudio", "torchtext", "torch_geometric", "math", "typing"});
  return std::ranges::find(kLibraries, module.substr(0, module.find('.'))) != kLibraries.end();
}

// "import torch.utils._pytree as pytree", "from math import inf".
bool is_plain_import(std::string_view line) {
  const std::string_view kind = line.starts_with("import ") ? "import " : "from ";
  if (!line.starts_with(kind) || !consists_of(line, " .")) return false;
  line.remove_prefix(kind.size());
  return is_of_libraries(line.substr(0, line.find(' ')));
}

// "def forward(self, x : torch.Tensor, y = None):". Defaults are computed when it is executed.
bool is_plain_head(std::string_view line) {
  constexpr std::string_view kBegin = "def forward(";
  if (!line.starts_with(kBegin) || !line.ends_with(':')) return false;
  line.remove_prefix(kBegin.size());
  return consists_of(line, " .,:=[]*->)") && std::ranges::count(line, ')') == 1;
}

bool is_plain_statement(std::string_view line) {
  // Names of two underscores begin what leads out of a sandbox; those of modules have some inside.
  for (const std::string_view sign : {".__", "\"__", "'__", "\\"})
    if (line.contains(sign)) return false;
  constexpr std::string_view kAsk = "getattr(";
  for (std::size_t at = line.find(kAsk); at != std::string_view::npos; at = line.find(kAsk, at)) {
    at += kAsk.size();
    // Of a name that stands there as it is: getattr(self.layer, "0").
    const std::string_view rest = line.substr(at, line.find(')', at) - at);
    const std::size_t comma = rest.find(", \"");
    if (comma == std::string_view::npos || !consists_of(rest.substr(0, comma), ".")) return false;
    const std::string_view name = rest.substr(comma + 3);
    if (!name.ends_with('"') || !consists_of(name.substr(0, name.size() - 1), "")) return false;
  }
  return true;
}

bool is_plain_line(std::string_view line) {
  constexpr std::string_view kIndent = "    ";
  if (line.find_first_not_of(' ') == std::string_view::npos || line == "NoneType = type(None)")
    return true;
  if (line.starts_with(kIndent)) return is_plain_statement(line);
  if (line.starts_with("wrap(\"") && line.ends_with("\")"))
    return consists_of(line.substr(6, line.size() - 8), ".");
  return is_plain_import(line) || is_plain_head(line);
}

bool may_be_called(std::string_view module, std::string_view name) {
  const Callee callee = look_up(module, name);
  return callee.capability <= Capability::kUnknown && (!callee.is_standard || module == "math") &&
         find_torch_operation(module, name).kind != TorchOperation::Kind::kDangerous;
}

bool is_plain_call(const PythonCall& call) {
  if (call.module == "builtins") {
    constexpr auto kPlain = std::to_array<std::string_view>(
        {"getattr", "len", "int", "float", "bool", "slice", "tuple", "list", "dict", "max", "min",
         "range", "sum", "abs", "round", "type", "wrap", "isinstance"});
    return std::ranges::find(kPlain, call.name) != kPlain.end();
  }
  return may_be_called(call.module, call.name);
}

// What is named without being called may be called by another name.
bool names_no_danger(std::string_view source) {
  constexpr std::string_view kLibrary = "torch";
  for (std::size_t at = source.find(kLibrary); at != std::string_view::npos;
       at = source.find(kLibrary, at + 1)) {
    std::string_view chain = source.substr(at);
    chain = chain.substr(
        0, std::min(chain.find_first_not_of(std::string(kWordSigns) + "."), chain.size()));
    for (std::size_t dot = chain.find('.'); dot != std::string_view::npos;
         dot = chain.find('.', dot + 1)) {
      const std::size_t end = std::min(chain.find('.', dot + 1), chain.size());
      if (!may_be_called(chain.substr(0, dot), chain.substr(dot + 1, end - dot - 1))) return false;
    }
  }
  return true;
}

}  // namespace

bool is_plain_graph_code(std::string_view source) {
  if (source.size() > kCodeMax) return false;
  for (std::string_view rest = source; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    const bool has_control = std::ranges::any_of(
        line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7F'; });
    if (has_control || !is_plain_line(line)) return false;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const std::vector<PythonCall> calls = formats::models::python_calls(source);
  return calls.size() < formats::models::kPythonCallsMax &&
         std::ranges::all_of(calls, is_plain_call) && names_no_danger(source);
}

bool rebuilds_plain_graph(const ValueGraph& graph, const Value& call) {
  const Value& arguments = graph[call.parts[1]];
  if (arguments.kind != ValueKind::kTuple || arguments.parts.size() != 2) return false;
  const Value& body = graph[arguments.parts[0]];
  const Value& imports = graph[arguments.parts[1]];
  if (body.kind != ValueKind::kDictionary || body.parts.size() > kEntriesMax ||
      imports.kind != ValueKind::kString)
    return false;
  const std::string head = std::string(imports.text) + '\n';
  bool has_code = false;
  // Of a key that is there twice the last counts, so that each has to be plain.
  for (std::size_t i = 0; i + 1 < body.parts.size(); i += 2) {
    const Value& key = graph[body.parts[i]];
    const Value& value = graph[body.parts[i + 1]];
    if (key.kind != ValueKind::kString) return false;
    if (key.text == "_tracer_cls" && value.kind != ValueKind::kNone &&
        !(value.kind == ValueKind::kGlobal && value.text.starts_with("torch.fx.")))
      return false;
    if (key.text != "_code" && key.text != "code") continue;
    if (value.kind != ValueKind::kString || !is_plain_graph_code(head + std::string(value.text)))
      return false;
    has_code = true;
  }
  return has_code;
}

}  // namespace vedette::scan::models
