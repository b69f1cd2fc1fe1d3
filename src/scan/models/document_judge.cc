// SPDX-License-Identifier: Apache-2.0
#include "scan/models/document_judge.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string>
#include <utility>

#include "base/limits.h"
#include "formats/packages/tree.h"
#include "scan/models/callee.h"

namespace vedette::scan::models {
namespace {

using formats::packages::Member;
using formats::packages::Node;

constexpr std::size_t kFindingsMax = 50;
constexpr std::size_t kDocumentMax = std::size_t{32} << 20;
constexpr std::size_t kShownMax = 200;

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

class Document {
 public:
  Document(const ModelRules& rules, std::string_view path, std::vector<event::Finding>& findings)
      : rules_(rules), path_(path), findings_(findings) {}

  void report(ModelRule rule, std::string call, std::string message) {
    if (findings_.size() >= kFindingsMax) return;
    const auto same = [&](const event::Finding& finding) {
      return finding.rule == &rules_[rule] && finding.redacted == call &&
             finding.place.path == path_;
    };
    if (std::ranges::any_of(findings_, same)) return;
    findings_.push_back(make_finding(rules_[rule], path_, 0, call, std::move(message)));
  }

  // Every table and text in the tree, the outermost first. The tree's depth is bounded.
  void walk(const Node& root) {
    std::vector<std::pair<std::string_view, const Node*>> waiting = {{"", &root}};
    while (!waiting.empty()) {
      const auto [key, node] = waiting.back();
      waiting.pop_back();
      if (node->is_text()) judge_text(key, node->text);
      if (node->is_table()) judge_table(*node);
      for (const Member& member : node->members)
        waiting.emplace_back(node->is_table() ? member.key : key, &member.value);
    }
  }

  void judge_notebook(const Node& cells) {
    for (const Member& cell : cells.members) {
      if (cell.value["cell_type"].text != "code") continue;
      const Node& source = cell.value["source"];
      if (source.is_text()) judge_lines(source.text);
      for (const Member& line : source.members) judge_lines(line.value.text);
    }
  }

 private:
  void judge_text(std::string_view key, std::string_view text) {
    if (key.find("template") == std::string_view::npos &&
        text.find("{{") == std::string_view::npos && text.find("{%") == std::string_view::npos) {
      return;
    }
    if (const std::string_view part = hostile_template(text); !part.empty()) {
      report(
          ModelRule::kRunsCode, std::string(part),
          fmt::format("The template leaves Jinja's sandbox by {} when a chat is formatted", part));
    }
  }

  void judge_table(const Node& table) {
    judge_keras(table);
    judge_named(table["__module__"].text, table["__class__"].text);
    const Node& map = table["auto_map"];
    if (map.is_table() && !map.members.empty()) {
      report(ModelRule::kUnknownCall, "auto_map",
             "Loading with trust_remote_code=True runs Python code beside the model (auto_map)");
    }
  }

  void judge_keras(const Node& table) {
    const std::string_view type = table["class_name"].text;
    if (type.empty()) return;
    const std::string_view module = table["module"].text;
    const Node& settings = table["config"];
    if (is_one_of(type, {"__lambda__"}) || (type == "Lambda" && holds_code(settings))) {
      report(ModelRule::kRunsCode, std::string(type),
             "The model holds a Lambda layer, whose byte code runs at load where safe_mode is off "
             "or the format is HDF5 (CVE-2024-3660)");
    }
    if (is_one_of(type, {"TorchModuleWrapper"})) {
      report(ModelRule::kLoadsCode, std::string(type),
             "Loading unpickles the PyTorch module that is wrapped here (CVE-2025-49655)");
    }
    judge_named(module, type == "function" ? settings.text : type);
    if (type == "function" && settings.is_text()) judge_named(module, settings.text);
  }

  static bool holds_code(const Node& settings) {
    const Node& function = settings["function"];
    if (function.is_list()) return true;
    return function.is_table() && function["class_name"].text == "__lambda__";
  }

  void judge_named(std::string_view module, std::string_view name) {
    if (module.empty() || name.empty()) return;
    const Callee callee = look_up(module, name);
    const bool downloads = name.find("get_file") != std::string_view::npos;
    if (callee.capability < Capability::kReadsFiles && !downloads) return;
    if (module.starts_with("keras") && !downloads) return;
    report(downloads ? ModelRule::kUsesNetwork : ModelRule::kRunsCode, callee.name,
           fmt::format("Loading resolves {}, which {} (CVE-2025-1550, CVE-2025-8747)", callee.name,
                       downloads ? "downloads a file" : to_string(callee.capability)));
  }

  void judge_lines(std::string_view source) {
    while (!source.empty()) {
      const std::size_t end = std::min(source.find('\n'), source.size());
      judge_line(source.substr(0, end));
      source.remove_prefix(std::min(end + 1, source.size()));
    }
  }

  void judge_line(std::string_view line) {
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos) return;
    line.remove_prefix(first);
    const bool shell = line.starts_with('!') || line.starts_with("%sx") ||
                       line.starts_with("%system") || line.starts_with("%%bash") ||
                       line.starts_with("%%sh") || line.starts_with("%%script");
    constexpr auto kHostile = std::to_array<std::string_view>(
        {"curl ", "wget ", "| sh", "|sh", "| bash", "|bash", "nc ", "/dev/tcp", "base64 -d",
         "chmod +x", "rm -rf", "os.system(", "subprocess.", "exec(", "eval(", "pickle.load",
         "socket.socket(", "__import__(", "os.popen("});
    for (const std::string_view word : kHostile) {
      if (line.find(word) == std::string_view::npos) continue;
      const bool is_shell_word = word.find('(') == std::string_view::npos && word != "subprocess.";
      if (is_shell_word && !shell) continue;
      report(ModelRule::kUnknownCall, std::string(line.substr(0, kShownMax)),
             fmt::format("A cell of the notebook runs {}", line.substr(0, kShownMax)));
      return;
    }
  }

  const ModelRules& rules_;
  std::string_view path_;
  std::vector<event::Finding>& findings_;
};

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("\\x5f") || text.substr(i).starts_with("\\x5F") ||
        text.substr(i).starts_with("\\137")) {
      out += '_';
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool judge_xml(const ModelRules& rules, std::string_view path, std::string_view bytes,
               std::vector<event::Finding>& findings) {
  const std::string_view head = bytes.substr(0, 65536);
  if (!head.starts_with("<?xml") && !head.starts_with("<PMML") && !head.starts_with("<!DOCTYPE"))
    return false;
  const bool entity = head.find("<!ENTITY") != std::string_view::npos;
  if (entity && (head.find("SYSTEM") != std::string_view::npos ||
                 head.find("PUBLIC") != std::string_view::npos)) {
    Document(rules, path, findings)
        .report(ModelRule::kReadsFiles, "<!ENTITY SYSTEM>",
                "Reading this document with external entities reads files or addresses (XXE)");
  } else if (entity) {
    Document(rules, path, findings)
        .report(ModelRule::kIndirectCall, "<!ENTITY>",
                "The document defines entities, which can grow without bound when read");
  }
  return true;
}

}  // namespace

std::string_view hostile_template(std::string_view text) {
  constexpr auto kWalks = std::to_array<std::string_view>({"__class__",
                                                           "__globals__",
                                                           "__subclasses__",
                                                           "__mro__",
                                                           "__base__",
                                                           "__bases__",
                                                           "__builtins__",
                                                           "__init__",
                                                           "__import__",
                                                           "__dict__",
                                                           "__getattribute__",
                                                           "__getitem__",
                                                           "lipsum",
                                                           "cycler.",
                                                           "joiner.",
                                                           "|attr(",
                                                           "| attr(",
                                                           "|attr (",
                                                           ".popen(",
                                                           "os.system",
                                                           "request.application",
                                                           "self._TemplateReference",
                                                           "get_flashed_messages"});
  const std::string plain = unescaped(text);
  for (const std::string_view walk : kWalks) {
    if (plain.find(walk) != std::string::npos) return walk;
  }
  return {};
}

bool judge_document(const ModelRules& rules, std::string_view path, std::string_view bytes,
                    std::vector<event::Finding>& findings) {
  if (bytes.size() > kDocumentMax) return false;
  const std::size_t first = bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (first == std::string_view::npos) return false;
  Document document(rules, path, findings);
  if (path.ends_with(".jinja") || path.ends_with(".jinja2") || path.ends_with(".j2")) {
    if (const std::string_view part = hostile_template(bytes); !part.empty()) {
      document.report(ModelRule::kRunsCode, std::string(part),
                      fmt::format("The template leaves Jinja's sandbox by {}", part));
    }
    return true;
  }
  if (bytes[first] == '<') return judge_xml(rules, path, bytes.substr(first), findings);
  if (bytes[first] != '{' && bytes[first] != '[') return false;
  Limits limits;
  limits.values_max = 2'000'000;
  limits.file_bytes_max = kDocumentMax;
  limits.depth_max = 256;
  const formats::packages::Tree tree = formats::packages::read_json(path, bytes, limits);
  if (!tree.root.is_table() && !tree.root.is_list()) return false;
  document.walk(tree.root);
  if (tree.root["cells"].is_list()) document.judge_notebook(tree.root["cells"]);
  return true;
}

}  // namespace vedette::scan::models
