// SPDX-License-Identifier: Apache-2.0
#include "scan/models/document_judge.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <functional>
#include <set>
#include <string>
#include <utility>

#include "base/limits.h"
#include "base/unicode.h"
#include "formats/packages/tree.h"
#include "scan/models/callee.h"
#include "scan/models/exchange/exchange_judge.h"
#include "scan/models/keras_judge.h"
#include "scan/models/tensorflow_operations.h"

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
      const bool is_old = cell.value.has("input");
      const Node& source = cell.value[is_old ? "input" : "source"];
      std::string text(source.text);
      for (const Member& line : source.members) text += line.value.text;
      judge_cell(text);
      judge_outputs(cell.value["outputs"]);
    }
  }

 private:
  void judge_text(std::string_view key, std::string_view text) {
    // An expression of MONAI's bundles.
    if (text.starts_with('$') && (text.find("__import__") != std::string_view::npos ||
                                  text.find("os.system") != std::string_view::npos)) {
      report(
          ModelRule::kRunsCode, std::string(text.substr(0, kShownMax)),
          fmt::format("Instantiating this configuration evaluates {}", text.substr(1, kShownMax)));
    }
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
    judge_targets(table);
    judge_marks(table);
    judge_libraries(table);
    judge_remote(table);
    const std::string_view called = table["op"].text;
    if (!called.empty() && table.has("name")) judge_operation(called);
    if (called == "Custom" && table.has("name")) {
      report(
          ModelRule::kUnknownCall, "Custom",
          "Running the graph calls an operator of its own (Custom), which is Python code that is "
          "registered beside the model");
    }
    judge_langchain(table);
    const Node& map = table["auto_map"];
    if (map.is_table() && !map.members.empty()) {
      report(ModelRule::kUnknownCall, "auto_map",
             "Loading with trust_remote_code=True runs Python code beside the model (auto_map)");
    }
  }

  // Of a graph of TensorFlow's as JSON, as TensorFlow.js has it.
  void judge_operation(std::string_view name) {
    const TensorflowOperation* const operation = find_tensorflow_operation(name);
    if (operation == nullptr) return;
    report(operation->rule, std::string(name),
           fmt::format("Running the graph {} (operation {})", operation->does, name));
  }

  // Settings by which transformers fetches code without being told to trust it.
  void judge_remote(const Node& table) {
    for (const Member& member : table.members) {
      // Configurations of models hand it on to the models within them.
      if (member.key == "trust_remote_code" && member.value.is_true() && holds_model(table)) {
        report(ModelRule::kUnknownCall, "trust_remote_code",
               "The configuration asks to run Python code beside the models that it names "
               "(trust_remote_code, CVE-2026-5241)");
      }
      if (member.key == "weightsManifest") judge_manifest(member.value);
      if (member.key == "custom_ops_library" && leads_outside(member.value.text)) {
        report(ModelRule::kLoadsCode, std::string(member.value.text.substr(0, kShownMax)),
               fmt::format("Loading with ONNX Runtime loads the library {}, outside of the model",
                           member.value.text.substr(0, kShownMax)));
      }
      if (member.key == "model_file" && member.value.text.ends_with(".py")) {
        report(ModelRule::kLoadsCode, std::string(member.value.text.substr(0, kShownMax)),
               fmt::format("Loading with mlx-lm imports {} (CVE-2026-5843)",
                           member.value.text.substr(0, kShownMax)));
      }
      const bool is_kernel = member.key.ends_with("attn_implementation") ||
                             member.key.ends_with("attn_implementation_internal") ||
                             member.key.ends_with("experts_implementation");
      if (is_kernel && member.value.is_text()) judge_kernel(member.value.text);
      if (!is_kernel || !member.value.is_table()) continue;
      for (const Member& part : member.value.members)
        if (part.value.is_text()) judge_kernel(part.value.text);
    }
  }

  // Whether a configuration holds that of another model.
  static bool holds_model(const Node& table) {
    return table.has("model_type") && std::ranges::any_of(table.members, [](const Member& one) {
             return one.value.is_table() &&
                    (one.value.has("model_type") || one.value.has("auto_map"));
           });
  }

  // TensorFlow.js takes weights from these files, beside the graph.
  void judge_manifest(const Node& manifest) {
    for (const Member& group : manifest.members) {
      for (const Member& path : group.value["paths"].members) {
        const std::string_view place = path.value.text.substr(0, kShownMax);
        if (!leads_outside(place)) continue;
        report(ModelRule::kReadsFiles, std::string(place),
               fmt::format("Loading reads weights from {}, outside of the model", place));
      }
    }
  }

  // "sdpa", or a repository of kernels, which is imported while the model is made.
  void judge_kernel(std::string_view name) {
    constexpr std::string_view kOwn = "kernels-community/";
    name = name.substr(0, kShownMax);
    name.remove_prefix(std::min(name.find('|') + 1, name.size()));
    if (name.find('/') == std::string_view::npos || name.starts_with(kOwn)) return;
    report(ModelRule::kLoadsCode, std::string(name),
           fmt::format("Loading fetches and imports the kernels of {} (CVE-2026-4372)", name));
  }

  // Of LangChain: what its loaders make objects of, chains that run what a model writes, and
  // prompts in files of their own.
  void judge_langchain(const Node& table) {
    const Node& id = table["id"];
    if (table["type"].text == "constructor" && table.has("lc") && id.members.size() >= 2) {
      std::string module(id.members[0].value.text);
      for (std::size_t i = 1; i + 1 < id.members.size(); ++i)
        (module += '.') += id.members[i].value.text;
      judge_named(module, id.members.back().value.text);
    }
    const std::string_view type = table["_type"].text;
    if (type == "llm_bash_chain" || type == "pal_chain")
      report(ModelRule::kRunsCode, std::string(type),
             fmt::format("The chain ({}) runs what the model writes", type));
    const std::string_view place = table["template_path"].text;
    if (!type.empty() && leads_outside(place))
      report(ModelRule::kReadsFiles, std::string(place.substr(0, kShownMax)),
             fmt::format("Loading reads a prompt from {}, outside of the model",
                         place.substr(0, kShownMax)));
  }

  // Of skops: what its loader would resolve, where it is told to trust it.
  void judge_skops(const Node& table) {
    std::string_view module = table["__module__"].text;
    const std::string_view name = table["__class__"].text;
    const std::string_view loader = table["__loader__"].text;
    if (loader.empty()) return judge_named(module, name);
    if (module.empty() || name.empty()) return;
    // Whatever module is named, these take the name from elsewhere (CVE-2025-54412, -54413).
    if (loader == "OperatorFuncNode") module = "operator";
    const std::string_view method = table["content"]["func"].text;
    if (loader == "MethodNode" && method.starts_with("__"))
      report(ModelRule::kIndirectCall, std::string(method),
             fmt::format("Loading takes the method {} of an object", method));
    const Callee callee = look_up(module, name);
    if (callee.capability < Capability::kIndirect) return;
    // What it holds is a table of its own.
    if (callee.name == "functools.partial" && table["__loader__"].text == "PartialNode") return;
    report(callee.capability == Capability::kIndirect ? ModelRule::kIndirectCall
                                                      : ModelRule::kRunsCode,
           callee.name,
           fmt::format("Loading with trusted types resolves {}, which {}", callee.name,
                       to_string(callee.capability)));
  }

  // What makes objects of settings calls what they name: Hydra and MONAI by "_target_", Lightning
  // by "class_path", latent diffusion by "target", OpenMMLab by "type", NeMo by "cls".
  void judge_targets(const Node& table) {
    for (const std::string_view key : kTargetKeys) {
      if (is_target(key, table[key].text)) judge_target(table[key].text);
    }
  }

  void judge_target(std::string_view target) {
    const std::size_t dot = target.rfind('.');
    if (dot == std::string_view::npos) return;
    const Callee callee = look_up(target.substr(0, dot), target.substr(dot + 1));
    if (callee.capability < Capability::kWritesFiles) return;
    report(ModelRule::kRunsCode, callee.name,
           fmt::format("Instantiating this configuration calls {}, which {}", callee.name,
                       to_string(callee.capability)));
  }

  // Of jsonpickle: names that its decoder resolves and calls.
  void judge_marks(const Node& table) {
    for (const std::string_view key : {"py/object", "py/type", "py/function", "py/class"}) {
      const std::string_view name = table[key].text;
      const std::size_t dot = name.rfind('.');
      if (dot != std::string_view::npos) judge_named(name.substr(0, dot), name.substr(dot + 1));
    }
    if (const std::string_view text = table["py/repr"].text; !text.empty())
      report(ModelRule::kRunsCode, std::string(text.substr(0, kShownMax)),
             fmt::format("Decoding this evaluates {}", text.substr(0, kShownMax)));
  }

  // Modules that loaders import because a description of theirs names them.
  void judge_libraries(const Node& table) {
    const std::string_view library = table["auto_mapping"]["parent_library"].text;
    constexpr auto kKnown = std::to_array<std::string_view>(
        {"transformers", "diffusers", "timm", "torch", "sentence_transformers", "peft"});
    const std::string_view package = library.substr(0, library.find('.'));
    const bool is_known = package.starts_with("transformers_modules") ||
                          std::ranges::find(kKnown, package) != kKnown.end();
    if (!library.empty() && !is_known)
      report(ModelRule::kUnknownCall, std::string(library.substr(0, kShownMax)),
             fmt::format("Loading the adapter imports {}, which is no known library",
                         library.substr(0, kShownMax)));
    const Node& pipelines = table["custom_pipelines"];
    if ((pipelines.is_table() && !pipelines.members.empty()) || table["_class_name"].is_list())
      report(ModelRule::kUnknownCall, "custom_pipelines",
             "Loading with trust_remote_code=True runs Python code beside the model (a pipeline of "
             "its own)");
    // Of a pipeline of diffusers: each part names a module and a class of it.
    if (table.has("_diffusers_version") || out_.path().ends_with("model_index.json")) {
      for (const Member& part : table.members) {
        if (!part.value.is_list() || part.value.members.size() != 2) continue;
        judge_named(part.value.members[0].value.text, part.value.members[1].value.text);
      }
    }
    // Of modules.json.
    const std::string_view module = table["type"].text;
    if (out_.path().ends_with("modules.json") && module.find('.') != std::string_view::npos &&
        table.has("idx") && !module.starts_with("sentence_transformers."))
      report(ModelRule::kUnknownCall, std::string(module.substr(0, kShownMax)),
             fmt::format("Loading imports {}, which is none of sentence-transformers' own",
                         module.substr(0, kShownMax)));
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
    const bool is_shell = std::ranges::any_of(
        std::to_array<std::string_view>(
            {"%%bash", "%%sh", "%%script", "%%system", "%%perl", "%%ruby", "%%!"}),
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
      const Node& script = one.value["data"]["application/javascript"];
      if (!script.text.empty() || !script.members.empty()) text += "<script>";
      text += script.text;
      for (const Member& line : script.members) text += line.value.text;
      if (text.find("<script") == std::string::npos && text.find("<iframe") == std::string::npos &&
          text.find("onerror=") == std::string::npos && text.find("onload=") == std::string::npos)
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
      judge_line(source.substr(0, end), source, is_shell);
      source.remove_prefix(std::min(end + 1, source.size()));
    }
  }

  // Notes a function of the notebook's own that has the name of one that runs text.
  bool defines(std::string_view line) {
    constexpr std::string_view kDefinition = "def ";
    if (!line.starts_with(kDefinition)) return false;
    line.remove_prefix(kDefinition.size());
    const std::string_view name = line.substr(0, line.find('('));
    if (name == "eval" || name == "exec") own_.emplace(name);
    return true;
  }

  // `cell` begins with the line and goes on to its end.
  void judge_line(std::string_view line, std::string_view cell, bool is_shell) {
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos) return;
    line.remove_prefix(first);
    const bool shell =
        is_shell || line.starts_with('!') || line.find("= !") != std::string_view::npos ||
        line.find("get_ipython().system(") != std::string_view::npos || line.starts_with("%sx") ||
        line.starts_with("%system") || line.starts_with("%%bash") || line.starts_with("%%sh") ||
        line.starts_with("%%script");
    constexpr auto kShellWords = std::to_array<std::string_view>(
        {"| sh", "|sh", "| bash", "|bash", "nc ", "/dev/tcp", "base64 -d", "/etc/shadow", "crontab",
         ".ssh/authorized_keys", ".bashrc", "perl -e", "ruby -e"});
    constexpr auto kCalls = std::to_array<std::string_view>({"os.system(",
                                                             "subprocess.run(",
                                                             "subprocess.Popen(",
                                                             "subprocess.call(",
                                                             "subprocess.check_call(",
                                                             "subprocess.check_output(",
                                                             "subprocess.getoutput(",
                                                             "subprocess.getstatusoutput(",
                                                             "exec(",
                                                             "eval(",
                                                             "pickle.loads(",
                                                             "socket.socket(",
                                                             "__import__(",
                                                             "os.popen(",
                                                             "pty.spawn(",
                                                             "ctypes.CDLL(",
                                                             "ctypes.cdll.LoadLibrary(",
                                                             "getoutput(",
                                                             "from os import system",
                                                             "from os import popen",
                                                             "from subprocess import"});
    // Also as an attribute of something.
    constexpr auto kMentions = std::to_array<std::string_view>(
        {"['__builtins__']", "[\"__builtins__\"]", "import_module('os'", "import_module(\"os\"",
         "import_module('subprocess'", "import_module(\"subprocess\"", "rmtree('/')",
         "rmtree(\"/\")", "run_cell_magic('bash'", "run_cell_magic(\"bash\""});
    if (!shell && line.starts_with('#')) return;
    if (defines(line)) return;
    if (installs_packages(line)) {
      if (line.find("http://") == std::string_view::npos) return;
      return report(ModelRule::kUntrustedSource, std::string(line.substr(0, kShownMax)),
                    fmt::format("A cell of the notebook installs packages without protection: {}",
                                line.substr(0, kShownMax)));
    }
    const bool is_hostile =
        std::ranges::any_of(kCalls,
                            [this, line, cell](std::string_view word) {
                              return calls(line, word) &&
                                     !own_.contains(word.substr(0, word.size() - 1)) &&
                                     !starts_plain_program(cell.substr(cell.find(word)), word);
                            }) ||
        std::ranges::any_of(
            kMentions,
            [line](std::string_view word) { return line.find(word) != std::string_view::npos; }) ||
        (shell && (std::ranges::any_of(kShellWords,
                                       [line](std::string_view word) {
                                         return line.find(word) != std::string_view::npos;
                                       }) ||
                   removes_much(line) || starts_what_it_made(line) || is_risky_transfer(line)));
    if (is_hostile)
      report(ModelRule::kUnknownCall, std::string(line.substr(0, kShownMax)),
             fmt::format("A cell of the notebook runs {}", line.substr(0, kShownMax)));
  }

  // subprocess.run(["git", "clone", …]): a program by its name, that is no shell and fetches
  // nothing itself, with texts that no shell reads.
  static bool starts_plain_program(std::string_view call, std::string_view word) {
    if (!word.starts_with("subprocess.")) return false;
    constexpr std::size_t kCallMax = 1000;
    std::string_view rest = call.substr(word.size(), kCallMax);
    rest = rest.substr(0, rest.find(')'));
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n["), rest.size()));
    if (rest.empty() || (rest[0] != '"' && rest[0] != '\'')) return false;
    const std::string_view text = rest.substr(1, rest.find(rest[0], 1) - 1);
    const std::string_view program = text.substr(0, text.find(' '));
    constexpr auto kOthers = std::to_array<std::string_view>(
        {"sh",    "bash",   "zsh",   "dash",    "cmd",    "cmd.exe",  "powershell", "pwsh",
         "curl",  "wget",   "nc",    "ncat",    "perl",   "ruby",     "python",     "python3",
         "rm",    "dd",     "sudo",  "crontab", "eval",   "ssh",      "scp",        "env",
         "xargs", "base64", "chmod", "id",      "whoami", "osascript"});
    const bool is_word =
        !program.empty() && program.find_first_of("/\\$.") == std::string_view::npos;
    return is_word && std::ranges::find(kOthers, program) == kOthers.end() &&
           rest.find_first_of(";|&`$<>") == std::string_view::npos &&
           rest.find("http://") == std::string_view::npos;
  }

  // Also by subprocess with the interpreter that runs the notebook.
  static bool installs_packages(std::string_view line) {
    const bool is_pip = line.starts_with("%pip ") || line.starts_with("!pip ") ||
                        line.starts_with("!pip3 ") || line.starts_with("!python -m pip ") ||
                        (line.find("sys.executable") != std::string_view::npos &&
                         line.find("\"-m\", \"pip\"") != std::string_view::npos);
    const std::size_t install = line.find("install");
    return is_pip && install != std::string_view::npos &&
           line.find_first_of(";|&`$", install) == std::string_view::npos;
  }

  static bool starts_what_it_made(std::string_view line) {
    const std::size_t at = line.find("chmod +x");
    return at != std::string_view::npos && line.find_first_of(";&", at) != std::string_view::npos;
  }

  // "rm -rf" of a folder of its own is usual: of more than that it is not.
  static bool removes_much(std::string_view line) {
    const std::size_t at = line.find("rm -rf");
    if (at == std::string_view::npos) return false;
    std::string_view rest = line.substr(at + 6);
    rest = rest.substr(0, rest.find_first_of(";&|"));
    return rest.find_first_of("/~*$`\"'") != std::string_view::npos ||
           rest.find("..") != std::string_view::npos || rest.ends_with(" .");
  }

  // "eval(", but no method of that name: model.eval().
  static bool calls(std::string_view line, std::string_view word) {
    for (std::size_t at = line.find(word); at != std::string_view::npos;
         at = line.find(word, at + 1)) {
      const char before = at == 0 ? ' ' : line[at - 1];
      const bool in_name = before == '.' || before == '_' || (before >= 'a' && before <= 'z') ||
                           (before >= 'A' && before <= 'Z') || (before >= '0' && before <= '9');
      if (!in_name) return true;
    }
    return false;
  }

  // Data sets are fetched by curl and wget in many notebooks: what is fetched without protection or
  // goes on into something, and what is sent, is another thing.
  static bool is_risky_transfer(std::string_view line) {
    if (line.find("curl ") == std::string_view::npos &&
        line.find("wget ") == std::string_view::npos) {
      return false;
    }
    if (line.find("http://localhost") != std::string_view::npos &&
        line.find_first_of("|;`$") == std::string_view::npos)
      return false;
    return std::ranges::any_of(
        std::to_array<std::string_view>(
            {"http://", "ftp://", "|",          ";",     "$",        "`",
             "<(",      "&& sh",  "&& bash",    "&& ./", "&& chmod", "&& python",
             "&& sudo", " -d",    " --data",    " -F",   " -T",      "--upload",
             "--post",  "-X",     "--insecure", " -k "}),
        [line](std::string_view word) { return line.find(word) != std::string_view::npos; });
  }

  ExchangeReport& out_;
  std::set<std::string, std::less<>> own_;  // functions of a notebook, by names of Python's
};

}  // namespace

namespace {

// A JSON text in another encoding, which Python's json tells by where its zeros are (RFC 4627,
// section 3): in UTF-8. Empty where it is UTF-8 already.
std::string from_wide(std::string_view bytes) {
  if (bytes.size() < 4 || bytes.size() > kDocumentMax) return {};
  const bool has_mark = bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF");
  const bool is_big = bytes[0] == '\0' || bytes.starts_with("\xFE\xFF");
  const bool is_wide = has_mark || (bytes[0] == '\0' && bytes[1] != '\0' && bytes[2] == '\0') ||
                       (bytes[0] != '\0' && bytes[1] == '\0' && bytes[3] == '\0');
  if (!is_wide) return {};
  std::string little(bytes.substr(has_mark ? 2 : 0));
  for (std::size_t i = 0; is_big && i + 1 < little.size(); i += 2)
    std::swap(little[i], little[i + 1]);
  std::string out(little.size() / 2 * 3 + 4, '\0');
  out.resize(utf16le_to_utf8(little, out.data()));
  const std::size_t first = out.find_first_not_of(" \t\r\n");
  return first != std::string::npos && (out[first] == '{' || out[first] == '[') ? out : "";
}

// By its name a text that is no source: where it has tags, they are a template's.
bool may_be_template(std::string_view path, std::string_view bytes) {
  constexpr std::size_t kTemplateMax = std::size_t{1} << 20;
  constexpr auto kEndings =
      std::to_array<std::string_view>({".template", ".tmpl", ".tpl", ".txt", ".prompt"});
  const std::string_view file = path.substr(path.rfind('/') + 1);
  const bool is_named =
      file == "Modelfile" || file == "chat_template" ||
      std::ranges::any_of(kEndings, [file](auto ending) { return file.ends_with(ending); });
  return is_named && bytes.size() <= kTemplateMax && bytes.find('\0') == std::string_view::npos;
}

}  // namespace

bool judge_document(std::string_view bytes, ExchangeReport& report) {
  const std::string_view path = report.path();
  if (bytes.size() > kDocumentMax) return false;
  const std::string narrow = from_wide(bytes);
  if (!narrow.empty()) bytes = narrow;
  const std::size_t first = bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (first == std::string_view::npos) return false;
  Document document(report);
  const bool is_template =
      path.ends_with(".jinja") || path.ends_with(".jinja2") || path.ends_with(".j2");
  const bool may_be_json = bytes[first] == '{' || bytes[first] == '[';
  if (is_template || may_be_template(path, bytes)) {
    const std::string part = hostile_template(bytes);
    // Other languages have tags of the same look, but no such walks.
    if (!part.empty() && (is_template || is_walk(part))) {
      document.report(ModelRule::kRunsCode, part,
                      fmt::format("The template leaves Jinja's sandbox by {}", part));
    }
    if (is_template) return true;
  }
  if (!may_be_json) return false;
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
  for (const Member& sheet : tree.root["worksheets"].members) {
    if (sheet.value["cells"].is_list()) document.judge_notebook(sheet.value["cells"]);
  }
  return true;
}

}  // namespace vedette::scan::models
