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
#include "scan/models/exchange/exchange_judge.h"
#include "scan/models/keras_judge.h"

namespace vedette::scan::models {
namespace {

using formats::packages::Member;
using formats::packages::Node;

constexpr std::size_t kDocumentMax = std::size_t{32} << 20;
constexpr std::size_t kShownMax = 200;
// Python's json goes down less far.
constexpr std::size_t kDepthMax = 10'000;

class Document {
 public:
  explicit Document(ExchangeReport& out) : out_(out) {}

  void report(ModelRule rule, const std::string& call, std::string message) {
    out_.add(rule, call, std::move(message));
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
      std::string text(source.text);
      for (const Member& line : source.members) text += line.value.text;
      judge_cell(text);
      judge_outputs(cell.value["outputs"]);
    }
  }

 private:
  void judge_text(std::string_view key, std::string_view text) {
    if (key.find("template") == std::string_view::npos &&
        text.find("{{") == std::string_view::npos && text.find("{%") == std::string_view::npos) {
      return;
    }
    if (const std::string part = hostile_template(text); !part.empty()) {
      report(
          ModelRule::kRunsCode, part,
          fmt::format("The template leaves Jinja's sandbox by {} when a chat is formatted", part));
    }
  }

  void judge_table(const Node& table) {
    judge_skops(table);
    judge_target(table["_target_"].text);
    if (table["op"].text == "Custom" && table.has("name")) {
      report(
          ModelRule::kUnknownCall, "Custom",
          "Running the graph calls an operator of its own (Custom), which is Python code that is "
          "registered beside the model");
    }
    const Node& map = table["auto_map"];
    if (map.is_table() && !map.members.empty()) {
      report(ModelRule::kUnknownCall, "auto_map",
             "Loading with trust_remote_code=True runs Python code beside the model (auto_map)");
    }
  }

  // Of skops: what its loader would resolve, where it is told to trust it.
  void judge_skops(const Node& table) {
    const std::string_view module = table["__module__"].text;
    const std::string_view name = table["__class__"].text;
    if (table["__loader__"].text.empty()) return judge_named(module, name);
    if (module.empty() || name.empty()) return;
    const Callee callee = look_up(module, name);
    if (callee.capability < Capability::kIndirect) return;
    report(callee.capability == Capability::kIndirect ? ModelRule::kIndirectCall
                                                      : ModelRule::kRunsCode,
           callee.name,
           fmt::format("Loading with trusted types resolves {}, which {}", callee.name,
                       to_string(callee.capability)));
  }

  // Hydra's instantiate() calls what "_target_" names.
  void judge_target(std::string_view target) {
    const std::size_t dot = target.rfind('.');
    if (dot == std::string_view::npos) return;
    const Callee callee = look_up(target.substr(0, dot), target.substr(dot + 1));
    if (callee.capability < Capability::kWritesFiles) return;
    report(ModelRule::kRunsCode, callee.name,
           fmt::format("Instantiating this configuration calls {}, which {}", callee.name,
                       to_string(callee.capability)));
  }

  void judge_named(std::string_view module, std::string_view name) {
    if (module.empty() || name.empty()) return;
    const Callee callee = look_up(module, name);
    if (callee.capability < Capability::kReadsFiles) return;
    report(ModelRule::kRunsCode, callee.name,
           fmt::format("Loading resolves {}, which {}", callee.name, to_string(callee.capability)));
  }

  // A cell of a shell's is one from its first line on.
  void judge_cell(std::string_view source) {
    const std::size_t first = std::min(source.find_first_not_of(" \t\n"), source.size());
    const std::string_view head = source.substr(first);
    const bool is_shell =
        std::ranges::any_of(std::to_array<std::string_view>(
                                {"%%bash", "%%sh", "%%script", "%%system", "%%perl", "%%!"}),
                            [head](std::string_view magic) { return head.starts_with(magic); });
    judge_lines(source, is_shell);
  }

  // A script in what a cell once gave runs when the notebook is opened and trusted; libraries for
  // plots write such, too.
  void judge_outputs(const Node& outputs) {
    for (const Member& one : outputs.members) {
      const Node& html = one.value["data"]["text/html"];
      std::string text(html.text);
      for (const Member& line : html.members) text += line.value.text;
      if (text.find("<script") == std::string::npos && text.find("<iframe") == std::string::npos)
        continue;
      const bool sends = std::ranges::any_of(
          std::to_array<std::string_view>({"fetch(", "XMLHttpRequest", "sendBeacon",
                                           "document.cookie", "Jupyter.notebook.kernel",
                                           "IPython.notebook.kernel"}),
          [&text](std::string_view word) { return text.find(word) != std::string::npos; });
      if (sends)
        report(ModelRule::kUsesNetwork, "<script>",
               "A script in an output of the notebook sends or runs something when it is opened");
    }
  }

  void judge_lines(std::string_view source, bool is_shell) {
    while (!source.empty()) {
      const std::size_t end = std::min(source.find('\n'), source.size());
      judge_line(source.substr(0, end), is_shell);
      source.remove_prefix(std::min(end + 1, source.size()));
    }
  }

  void judge_line(std::string_view line, bool is_shell) {
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos) return;
    line.remove_prefix(first);
    const bool shell = is_shell || line.starts_with('!') || line.starts_with("%sx") ||
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

  ExchangeReport& out_;
};

}  // namespace

bool judge_document(std::string_view bytes, ExchangeReport& report) {
  const std::string_view path = report.path();
  if (bytes.size() > kDocumentMax) return false;
  const std::size_t first = bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (first == std::string_view::npos) return false;
  Document document(report);
  if (path.ends_with(".jinja") || path.ends_with(".jinja2") || path.ends_with(".j2")) {
    if (const std::string part = hostile_template(bytes); !part.empty()) {
      document.report(ModelRule::kRunsCode, part,
                      fmt::format("The template leaves Jinja's sandbox by {}", part));
    }
    return true;
  }
  if (bytes[first] != '{' && bytes[first] != '[') return false;
  Limits limits;
  limits.values_max = 2'000'000;
  limits.file_bytes_max = kDocumentMax;
  limits.depth_max = kDepthMax;
  const formats::packages::Tree tree =
      formats::packages::read_json(path, bytes, limits, formats::packages::JsonForm::kPython);
  if (!tree.root.is_table() && !tree.root.is_list()) return false;
  document.walk(tree.root);
  if (tree.is_cut) report.set_cut();
  judge_exchange_tree(tree.root, report);
  judge_keras(tree.root, KerasForm::kArchive, report);
  if (tree.root["cells"].is_list()) document.judge_notebook(tree.root["cells"]);
  return true;
}

}  // namespace vedette::scan::models
