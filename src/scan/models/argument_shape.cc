// SPDX-License-Identifier: Apache-2.0
#include "scan/models/argument_shape.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace vedette::scan::models {
namespace {

using formats::models::Value;
using formats::models::ValueGraph;
using formats::models::ValueId;
using formats::models::ValueKind;

constexpr std::size_t kWordMax = 64;
constexpr std::size_t kPartsLooked = 16;  // of one tuple or list

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_text(const Value& value) {
  return value.kind == ValueKind::kString || value.kind == ValueKind::kBytes;
}

// A command is a short list; a long one is data.
bool holds_parts(const Value& value) {
  return value.parts.size() <= kPartsLooked &&
         (value.kind == ValueKind::kTuple || value.kind == ValueKind::kList ||
          value.kind == ValueKind::kDictionary);
}

// Numbers of a library's own, other than a command.
bool is_data(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    return static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t' && c != '\r';
  });
}

bool contains_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(
      words, [text](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

// "eval(", "x.y(": a call, other than a bracket behind a space.
bool holds_call(std::string_view text) {
  for (std::size_t at = text.find('('); at != std::string_view::npos; at = text.find('(', at + 1)) {
    if (at != 0 && is_letter(text[at - 1])) return true;
  }
  return false;
}

// What is loaded as code or as pickles, wherever it lies.
bool names_code(std::string_view text) {
  constexpr auto kEndings = std::to_array<std::string_view>(
      {".pkl", ".pickle", ".joblib", ".dill", ".pt", ".pth", ".ckpt", ".bin", ".npy", ".npz", ".py",
       ".pyc", ".so", ".sh", ".dll", ".dylib", ".zip", ".whl"});
  return std::ranges::any_of(kEndings, [text](std::string_view e) { return text.ends_with(e); });
}

}  // namespace

std::string_view telling_word(const ValueGraph& graph, ValueId root) {
  constexpr std::size_t kValuesLooked = 2000;
  constexpr int kDepthMax = 6;
  std::vector<std::pair<ValueId, int>> waiting = {{root, 0}};
  for (std::size_t i = 0; i < waiting.size() && i < kValuesLooked; ++i) {
    const auto [id, depth] = waiting[i];
    const Value& value = graph[id];
    if (value.kind == ValueKind::kString && is_telling_word(value.text)) return value.text;
    if (depth >= kDepthMax) continue;
    for (const ValueId part : value.parts) waiting.emplace_back(part, depth + 1);
  }
  return {};
}

bool opens_by_name(std::string_view class_name) {
  constexpr auto kEndings =
      std::to_array<std::string_view>({"Corpus",       "Reader",     "View",
                                       "File",         "Store",      "Loader",
                                       "Parser",       "Tagger",     "Server",
                                       "Client",       "Downloader", "Writer",
                                       "Session",      "Process",    "Shell",
                                       "Command",      "Runner",     "Importer",
                                       "Visualizer",   "Library",    "Popen",
                                       "Database",     "Browser",    "Connection",
                                       "OutputFormat", "TFSMLayer",  "SentenceTransformer",
                                       "CrossEncoder", "DMatrix"});
  return std::ranges::any_of(kEndings,
                             [class_name](std::string_view e) { return class_name.ends_with(e); });
}

bool is_telling_word(std::string_view word) {
  constexpr auto kWords = std::to_array<std::string_view>(
      {"system",         "popen",     "subprocess", "Popen",       "check_output", "exec",
       "__import__",     "socket",    "urlopen",    "urlretrieve", "requests",     "urllib",
       "urllib.request", "b64decode", "os.system",  "spawn",       "execv",        "execve",
       "fork",           "ctypes",    "marshal",    "unlink",      "rmtree"});
  return std::ranges::find(kWords, word) != kWords.end();
}

bool is_error(std::string_view name) {
  return name.ends_with("Error") || name.ends_with("Exception") || name.ends_with("Warning");
}

bool acts_by_name(std::string_view class_name) {
  constexpr auto kEndings = std::to_array<std::string_view>({"Popen",       "Process",
                                                             "ProcessPool", "ProcessPoolExecutor",
                                                             "Subprocess",  "SubprocessGitClient",
                                                             "Shell",       "Interpreter",
                                                             "LuaRuntime",  "Gateway",
                                                             "Server",      "Client",
                                                             "Connection",  "Browser",
                                                             "PortScanner", "Command",
                                                             "Listener",    "SMTP",
                                                             "Executor",    "ExecutePreprocessor"});
  return std::ranges::any_of(kEndings,
                             [class_name](std::string_view e) { return class_name.ends_with(e); });
}

bool is_plain_word(std::string_view text) {
  return text.size() <= kWordMax && std::ranges::all_of(text, [](char c) {
           return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '+';
         });
}

bool is_place(std::string_view text) {
  const bool has_drive = text.size() > 2 && is_letter(text[0]) && text[1] == ':' &&
                         (text[2] == '\\' || text[2] == '/');
  return (text.size() > 1 && text[0] == '/' && text[1] != ' ') || text.starts_with("~/") ||
         text.starts_with("../") || text.starts_with("\\\\") || has_drive ||
         text.find("://") != std::string_view::npos;
}

bool leads_out(std::string_view text) {
  if (text.size() < 2 || text.size() > kLeadingTextMax) return false;
  if (is_data(text)) return false;
  return is_place(text) ||
         contains_any(text, {"../", "..\\", "__import__", "__class__", "__globals__",
                             "__builtins__", "$(", "`", " | ", "|sh", "&&", "; "}) ||
         holds_call(text) || names_code(text);
}

std::string_view leading_argument(const ValueGraph& graph, const Value& call) {
  // The tuple of arguments and the dictionary of those with names; what they hold; lists in these.
  std::vector<ValueId> level(call.parts.begin() + 1, call.parts.end());
  for (int depth = 0; depth < 3; ++depth) {
    std::vector<ValueId> next;
    for (const ValueId id : level) {
      const Value& value = graph[id];
      if (is_text(value) && leads_out(value.text)) return value.text;
      if (holds_parts(value)) next.insert(next.end(), value.parts.begin(), value.parts.end());
    }
    level = std::move(next);
  }
  return {};
}

bool takes_text(const ValueGraph& graph, const Value& call, TextKind kind) {
  const Value& arguments = graph[call.parts[1]];
  return std::ranges::any_of(arguments.parts, [&graph, kind](ValueId id) {
    if (!is_text(graph[id])) return false;
    if (kind == TextKind::kMoreThanWord && graph[id].kind == ValueKind::kBytes &&
        is_data(graph[id].text))
      return false;
    return kind == TextKind::kAny ||
           (kind == TextKind::kPlace ? is_place(graph[id].text) : !is_plain_word(graph[id].text));
  });
}

bool takes_code(const ValueGraph& graph, const Value& call) {
  std::vector<ValueId> level(call.parts.begin() + 1, call.parts.end());
  for (int depth = 0; depth < 3; ++depth) {
    std::vector<ValueId> next;
    for (const ValueId id : level) {
      const Value& value = graph[id];
      if (value.kind == ValueKind::kString && !is_data(value.text) &&
          contains_any(value.text, {"exec", "eval", "open", "import", "compile", "getattr", "print",
                                    "lambda", "__"}))
        return true;
      if (holds_parts(value)) next.insert(next.end(), value.parts.begin(), value.parts.end());
    }
    level = std::move(next);
  }
  return false;
}

std::string_view hostile_formula(const ValueGraph& graph, ValueId state) {
  const Value& table = graph[state];
  if (table.kind != ValueKind::kDictionary) return {};
  for (std::size_t i = 0; i + 1 < table.parts.size(); i += 2) {
    const Value& given = graph[table.parts[i + 1]];
    if (graph[table.parts[i]].text == "formula" && given.kind == ValueKind::kString &&
        contains_any(given.text, {"__", "eval(", "exec(", "open(", "system(", "popen(", "getattr(",
                                  "compile(", "import_module", "subprocess."})) {
      return given.text;
    }
  }
  return {};
}

bool acts(const ValueGraph& graph, const Value& call, std::string_view name) {
  const std::string_view last = name.substr(name.rfind('.') + 1);
  return takes_text(graph, call, TextKind::kMoreThanWord) ||
         !leading_argument(graph, call).empty() || acts_by_name(last) ||
         (opens_by_name(last) && takes_text(graph, call, TextKind::kAny));
}

bool takes_state(const ValueGraph& graph, const Value& call) {
  const Value& arguments = graph[call.parts[1]];
  const bool has_more = std::ranges::any_of(
      arguments.parts, [&graph](ValueId id) { return graph[id].kind != ValueKind::kString; });
  return (has_more || arguments.parts.empty()) && leading_argument(graph, call).empty();
}

bool is_name_in_table(const ValueGraph& graph, const Value& call) {
  const Value& arguments = graph[call.parts[1]];
  if (arguments.kind != ValueKind::kTuple || arguments.parts.size() < 2) return false;
  const Value& text = graph[arguments.parts[0]];
  const Value& table = graph[arguments.parts[1]];
  if (text.kind != ValueKind::kString || table.kind != ValueKind::kDictionary) return false;
  for (std::size_t i = 0; i + 1 < table.parts.size(); i += 2) {
    const Value& key = graph[table.parts[i]];
    if (key.kind == ValueKind::kString && key.text == text.text)
      return std::ranges::all_of(text.text, [](char c) { return is_letter(c) || is_digit(c); });
  }
  return false;
}

bool is_plain_literal(const ValueGraph& graph, const Value& call) {
  const Value& arguments = graph[call.parts[1]];
  if (arguments.kind != ValueKind::kTuple || arguments.parts.size() != 1) return false;
  const std::string_view text = graph[arguments.parts[0]].text;
  const std::size_t open = std::min(text.find('('), text.size());
  constexpr auto kNames =
      std::to_array<std::string_view>({"range", "slice", "complex", "xrange", "bytearray"});
  return std::ranges::find(kNames, text.substr(0, open)) != kNames.end() &&
         text.substr(open).find_first_not_of("()0123456789,.- None") == std::string_view::npos;
}

}  // namespace vedette::scan::models
