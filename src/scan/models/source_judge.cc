// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/limits.h"
#include "formats/models/python_source.h"
#include "formats/packages/tree.h"
#include "scan/models/callee.h"
#include "scan/models/document_judge.h"
#include "scan/models/keras_judge.h"
#include "scan/models/torch_operations.h"

namespace vedette::scan::models {
namespace {

using formats::models::PythonCall;
using formats::packages::Member;
using formats::packages::Node;

constexpr std::size_t kFindingsMax = 50;
constexpr std::size_t kSourceMax = std::size_t{8} << 20;
constexpr std::size_t kShownMax = 200;

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> endings) {
  return std::ranges::any_of(endings, [text](std::string_view one) { return text.ends_with(one); });
}

class Source {
 public:
  Source(const ModelRules& rules, std::string_view path, std::vector<event::Finding>& findings)
      : rules_(rules), path_(path), findings_(findings) {}

  void report(ModelRule rule, std::string call, std::string message, std::uint32_t line = 0) {
    const auto same = [&](const event::Finding& finding) {
      return finding.rule == &rules_[rule] && finding.redacted == call &&
             finding.place.path == path_;
    };
    if (findings_.size() >= kFindingsMax || std::ranges::any_of(findings_, same)) return;
    findings_.push_back(make_finding(rules_[rule], path_, 0, call, std::move(message)));
    findings_.back().place.line = line;
    findings_.back().place.column = line == 0 ? 0 : 1;
    findings_.back().place.end_line = line;
    findings_.back().place.end_column = line == 0 ? 0 : 1;
  }

  // Code of TorchScript is part of the model. Of a class's methods __setstate__ is called at load.
  void torch_script(std::string_view text) {
    std::vector<std::string_view> foreign;
    const std::vector<PythonCall> calls = formats::models::torch_script_calls(text);
    for (const PythonCall& call : calls) {
      const std::string_view when =
          call.function == "__setstate__" ? "Loading the model calls" : "Running the model calls";
      const TorchOperation operation = find_torch_operation(call.module, call.name);
      if (operation.kind == TorchOperation::Kind::kForeign) foreign.push_back(operation.space);
      if (operation.kind != TorchOperation::Kind::kDangerous) continue;
      const std::string shown = called(call.module + "." + call.name, call);
      report(operation.rule, shown, fmt::format("{} {}, which {}", when, shown, operation.does),
             call.line);
    }
    std::ranges::sort(foreign);
    const auto rest = std::ranges::unique(foreign);
    foreign.erase(rest.begin(), rest.end());
    for (const std::string_view space : foreign) {
      report(ModelRule::kCustomOperation, std::string(space),
             fmt::format("The model needs operators of a library that is loaded beside it ({})",
                         space));
    }
  }

  // Code of a torch.package runs when the model's classes are looked up, without being trusted, and
  // that of an archive for TorchServe with each request.
  void packaged(std::string_view text, SourceOrigin origin) {
    for (const PythonCall& call : formats::models::python_calls(text)) {
      const Callee callee = look_up(call.module, call.name);
      const bool opens =
          callee.capability == Capability::kNetwork && !fetches_from_its_own(callee.name);
      const bool is_served =
          origin == SourceOrigin::kTorchServe && callee.name.starts_with("subprocess.");
      const bool runs = runs_code(call, callee) || is_served;
      if (!runs && !(opens && call.at_import)) continue;
      const std::string shown = called(callee.name, call);
      const ModelRule rule = !call.at_import ? ModelRule::kCodeBeside
                             : opens         ? ModelRule::kUsesNetwork
                                             : ModelRule::kRunsCode;
      report(rule, shown,
             fmt::format("{} {}, which {}",
                         call.at_import ? "Loading the package imports this file, which calls"
                                        : "A function of the package calls",
                         shown, to_string(callee.capability)),
             call.line);
    }
  }

  void python(std::string_view text) {
    attribute_calls(text);
    const bool is_setup = path_.ends_with("setup.py");
    for (const PythonCall& call : formats::models::python_calls(text)) {
      const Callee callee = look_up(call.module, call.name);
      const bool opens =
          callee.capability == Capability::kNetwork && !fetches_from_its_own(callee.name);
      const bool runs = runs_code(call, callee) && !is_plain_command(call.argument);
      if (!runs && !(opens && call.at_import)) continue;
      if (opens && call.argument.starts_with("http://localhost")) continue;
      if (is_setup && callee.name == "builtins.exec" && reads_version(text, call.line)) continue;
      const std::string shown = called(callee.name, call);
      report(ModelRule::kCodeBeside, shown,
             fmt::format(
                 "{} {}, which {}",
                 call.at_import ? "Importing this file calls" : "A function of this file calls",
                 shown, to_string(callee.capability)),
             call.line);
    }
  }

  void yaml(std::string_view text) {
    yaml_tags(text);
    named_by_tags(text);
    // A prefix may stand for the tags' begin.
    if (text.find("%TAG") != std::string_view::npos &&
        text.find("tag:yaml.org,2002:python") != std::string_view::npos)
      report(
          ModelRule::kRunsCode, "%TAG",
          "Loading this with an unsafe loader of YAML calls what stands behind a tag with a prefix "
          "of its own");
    expressions(text);
    if (text.find("__import__(") != std::string_view::npos)
      report(ModelRule::kUnknownCall, "__import__(",
             "A value of this configuration imports a module where it is evaluated");
    // Other tools have tags of the same look, but no such walks.
    if (const std::string part = hostile_template(text); is_walk(part))
      report(ModelRule::kRunsCode, part,
             fmt::format("A template leaves Jinja's sandbox by {}", part));
    java_tags(text);
    packages(text);
    if (text.find("cmd:") != std::string_view::npos || path_.ends_with("MLproject")) shell(text);
    const bool may_be_keras = text.find("class_name") != std::string_view::npos;
    if (!may_have_table(text) && !may_be_keras) return;
    Limits limits;
    limits.values_max = 200'000;
    // The reader refuses tags that it does not know; loaders of models have more.
    const std::string plain = without_tags(text);
    const auto tree = formats::packages::read_yaml(path_, plain, limits);
    if (may_be_keras) {
      // Keras 2 wrote a model's description like this as well, and knew no safe_mode.
      ExchangeReport report(rules_, path_, findings_);
      judge_keras(tree.root, KerasForm::kSavedModel, report);
    }
    std::vector<const Node*> waiting = {&tree.root};
    while (!waiting.empty()) {
      const Node* const node = waiting.back();
      waiting.pop_back();
      if (node->is_table()) table(*node);
      for (const Member& member : node->members) waiting.push_back(&member.value);
    }
  }

  // Of MONAI's bundles: values that begin with a dollar sign are evaluated.
  void expressions(std::string_view text) {
    for (std::size_t at = text.find(": $"); at != std::string_view::npos;
         at = text.find(": $", at + 1)) {
      const std::string_view value =
          text.substr(at + 2, std::min(text.find('\n', at), text.size()) - at - 2);
      for (const std::string_view word :
           {"os.system(", "os.popen(", "subprocess.", "eval(", "exec("}) {
        if (value.starts_with("${") || value.find(word) == std::string_view::npos) continue;
        report(ModelRule::kRunsCode, std::string(value.substr(0, kShownMax)),
               fmt::format("Instantiating this configuration evaluates {}",
                           value.substr(1, kShownMax)));
        break;
      }
    }
  }

  // Of an environment's description: what pip is told.
  void packages(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      shell_in_package(line);
      const bool is_asked = line.find("index-url http://") != std::string_view::npos ||
                            line.find("index-url=http://") != std::string_view::npos ||
                            line.find("git+http://") != std::string_view::npos ||
                            line.find("- http://") != std::string_view::npos ||
                            line.find("--trusted-host") != std::string_view::npos;
      if (is_asked) requirements(line);
    }
  }

  // MLflow gave what an environment lists to a shell; names of packages have no words of one.
  void shell_in_package(std::string_view line) {
    if (!ends_with_any(path_, {"python_env.yaml", "conda.yaml"}) || line.find("- ") == line.npos)
      return;
    for (const std::string_view word : {"&&", "||", " | ", "$(", "`"}) {
      if (line.find(word) != std::string_view::npos) return shell_line(line);
    }
    const std::size_t at = line.find(';');
    if (at == std::string_view::npos) return;
    // A condition of PEP 508 begins with one of its names.
    std::string_view rest = line.substr(at + 1);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t("), rest.size()));
    constexpr auto kNames = std::to_array<std::string_view>(
        {"python_version", "python_full_version", "os_name", "sys_platform", "platform_",
         "implementation_", "extra", "os.name", "sys.platform", "'", "\"", "#"});
    const bool is_condition = rest.empty() || std::ranges::any_of(kNames, [rest](auto name) {
                                return rest.starts_with(name);
                              });
    if (!is_condition) shell_line(line);
  }

  void shell_line(std::string_view line) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t-"), line.size()));
    line = line.substr(0, kShownMax);
    report(ModelRule::kRunsCode, std::string(line),
           fmt::format("Installing what the model needs gives this to a shell: {} "
                       "(CVE-2025-15379)",
                       line));
  }

  // Of scripts, recipes of images and stages of pipelines: what is fetched without protection and
  // run, and shells that connect elsewhere.
  void shell(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      line = line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
      if (line.starts_with('#')) continue;
      const auto holds = [line](std::string_view word) {
        return line.find(word) != std::string_view::npos;
      };
      const bool runs = holds("| sh") || holds("|sh") || holds("| bash") || holds("|bash") ||
                        holds("| python") || holds("$(curl") || holds("$(wget");
      const bool fetches = holds("curl ") || holds("wget ");
      const bool hides = holds("base64 -d") || holds("base64 --decode");
      const bool connects = (holds("/dev/tcp/") && !holds("/dev/tcp/localhost")) ||
                            holds("nc -e") || holds("-e /bin/sh");
      if (!(connects || (runs && fetches && holds("http://")) || (runs && hides))) continue;
      report(ModelRule::kCodeBeside, std::string(line.substr(0, kShownMax)),
             fmt::format("A script beside the model runs {}", line.substr(0, kShownMax)));
    }
  }

  void requirements(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, std::min(end, text.find('#')));
      text.remove_prefix(std::min(end + 1, text.size()));
      line = line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
      if (line.find("http://") == std::string_view::npos &&
          line.find("--trusted-host") == std::string_view::npos)
        continue;
      report(ModelRule::kUntrustedSource, std::string(line.substr(0, kShownMax)),
             fmt::format("Packages come from an address without protection: {}",
                         line.substr(0, kShownMax)));
    }
  }

 private:
  // Whether a key that table() asks for may stand there: as it is, escaped ("\\x5ftarget_"), or in
  // UTF-16. Most files of a source tree have none, and are not parsed.
  static bool may_have_table(std::string_view text) {
    constexpr std::string_view kHiding("\\\0", 2);
    return text.find("loader_module") != std::string_view::npos ||
           std::ranges::any_of(
               kTargetKeys,
               [text](std::string_view key) { return text.find(key) != std::string_view::npos; }) ||
           text.find_first_of(kHiding) != std::string_view::npos;
  }

  static std::string called(const std::string& name, const PythonCall& call) {
    if (call.argument.empty()) return name + "()";
    return fmt::format("{}(\"{}\")", name, call.argument.substr(0, kShownMax));
  }

  // Only what the loader makes an object of is called; a name is imported, as mkdocs.yml has it.
  void yaml_tags(std::string_view text) {
    constexpr std::string_view kObject = "python/object";
    for (std::size_t at = text.find("python/"); at != std::string_view::npos;
         at = text.find("python/", at + 1)) {
      const std::size_t begin = tag_begin(text.substr(0, at));
      if (begin == at) continue;
      const std::string_view shown =
          text.substr(begin, std::min(text.find_first_of("\r\n", begin) - begin, kShownMax));
      const std::string_view tag = text.substr(at, text.find_first_of(" \t\r\n>", at) - at);
      if (tag.starts_with(kObject)) {
        if (is_harmless_tag(tag)) continue;
        return report(ModelRule::kRunsCode, std::string(shown),
                      fmt::format("Loading this with an unsafe loader of YAML calls {}", shown));
      }
      if (tag.starts_with("python/name") || tag.starts_with("python/module")) {
        report(ModelRule::kUnknownClass, std::string(shown),
               fmt::format("Loading this with an unsafe loader of YAML imports {}", shown));
      }
    }
  }

  // The same text with blanks for tags.
  static std::string without_tags(std::string_view text) {
    std::string out(text);
    for (std::size_t at = out.find('!'); at != std::string::npos; at = out.find('!', at)) {
      const bool is_tag = at == 0 || std::string_view(" \t\n[,").contains(out[at - 1]);
      const std::size_t end = std::min(out.find_first_of(" \t\r\n,]}", at), out.size());
      if (is_tag)
        std::fill(out.begin() + static_cast<std::ptrdiff_t>(at),
                  out.begin() + static_cast<std::ptrdiff_t>(end), ' ');
      at = end;
    }
    return out;
  }

  // SnakeYAML makes objects of classes that tags name, as TorchServe did for a model's settings.
  void java_tags(std::string_view text) {
    for (const std::string_view package :
         {"!!java.", "!!javax.", "!!com.sun.", "!!sun.", "!!org.apache.", "!!org.springframework.",
          "!!com.mchange.", "!!ch.qos.logback."}) {
      const std::size_t at = text.find(package);
      if (at == std::string_view::npos) continue;
      const std::string_view tag = text.substr(at, kShownMax);
      const std::string_view shown = tag.substr(0, tag.find_first_of(" \t\r\n["));
      report(ModelRule::kRunsCode, std::string(shown),
             fmt::format("Loading this with SnakeYAML makes an object of {} (CVE-2022-1471)",
                         shown.substr(2)));
    }
  }

  // Of what ends in "!!", "!<tag:yaml.org,2002:" or what a %TAG stands for; its size where there is
  // no tag.
  static std::size_t tag_begin(std::string_view before) {
    for (const std::string_view mark : {"!<tag:yaml.org,2002:", "tag:yaml.org,2002:", "!!"}) {
      if (before.ends_with(mark)) return before.size() - mark.size();
    }
    return before.size();
  }

  // "python/object:argparse.Namespace": objects that libraries are known to rebuild.
  static bool is_harmless_tag(std::string_view tag) {
    const std::string_view name = tag.substr(std::min(tag.find(':') + 1, tag.size()));
    const std::size_t dot = name.rfind('.');
    if (tag.find(':') == std::string_view::npos || dot == std::string_view::npos) return false;
    return look_up(name.substr(0, dot), name.substr(dot + 1)).capability == Capability::kHarmless;
  }

  // getattr(os, "sys" + "tem")("x"): the name is hidden, and what it comes to is called.
  void attribute_calls(std::string_view text) {
    for (const std::string_view begin :
         {"getattr(os,", "getattr(builtins,", "getattr(__builtins__,", "getattr(subprocess,",
          "vars(os)[", "vars(builtins)[", "os.__dict__[", "builtins.__dict__[", "__builtins__["}) {
      for (std::size_t at = text.find(begin); at != std::string_view::npos;
           at = text.find(begin, at + 1)) {
        const char close = begin.ends_with('[') ? ']' : ')';
        const std::size_t end = text.find(close, at + begin.size());
        if (end == std::string_view::npos || end - at > kShownMax) continue;
        if (!text.substr(end + 1).starts_with('(')) continue;
        const std::string_view shown = text.substr(at, end + 1 - at);
        const auto line = static_cast<std::uint32_t>(std::ranges::count(text.substr(0, at), '\n'));
        report(ModelRule::kCodeBeside, std::string(shown),
               fmt::format("This file calls {}, which hides what is called", shown), line + 1);
      }
    }
  }

  // As by an import statement: __import__("pkg_resources").
  static bool names_module(std::string_view text) {
    return text == "pkg_resources" || text == "pkgutil";
  }

  // importlib.import_module("os"), which nobody writes who does not hide it.
  static bool imports_runner(const PythonCall& call, const Callee& callee) {
    if (callee.name == "operator.attrgetter" || callee.name == "operator.methodcaller")
      return call.argument == "system" || call.argument == "popen";
    if (callee.name != "importlib.import_module" && call.name != "__import__") return false;
    constexpr auto kModules = std::to_array<std::string_view>(
        {"os", "subprocess", "pty", "runpy", "ctypes", "socket", "builtins", "posix", "marshal"});
    return std::ranges::find(kModules, call.argument) != kModules.end();
  }

  // Models and data of a library's own store, as every other script beside a model fetches them,
  // and the machines that a script trains on.
  static bool fetches_from_its_own(std::string_view name) {
    // An image, as examples of use fetch one; what is run of an answer is told by itself.
    if (name == "requests.get") return true;
    constexpr auto kLibraries = std::to_array<std::string_view>(
        {"huggingface_hub", "nltk", "sklearn", "torch", "tensorflow", "keras", "wandb", "gensim",
         "dask", "distributed", "docker", "kubernetes", "optuna"});
    return std::ranges::find(kLibraries, name.substr(0, name.find('.'))) != kLibraries.end();
  }

  // os.system("pip install …") and what else setting up is done by, and no more.
  static bool is_plain_command(std::string_view command) {
    constexpr auto kBegins = std::to_array<std::string_view>(
        {"pip install ", "pip3 install ", "uv pip install ", "python -m pip install ",
         "conda install ", "apt-get install ", "apt install ", "nvidia-smi", "mkdir ", "git clone ",
         "unzip ", "wget "});
    return std::ranges::any_of(
               kBegins, [command](std::string_view begin) { return command.starts_with(begin); }) &&
           command.find_first_of(";|&`$\n") == std::string_view::npos &&
           command.find("http://") == std::string_view::npos &&
           command.find("--post") == std::string_view::npos &&
           command.find('~') == std::string_view::npos;
  }

  // exec(open("version.py").read(), about): how many a setup.py takes its version.
  static bool reads_version(std::string_view text, std::uint32_t line) {
    for (; line > 1 && !text.empty(); --line)
      text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    constexpr std::size_t kStatementMax = 200;
    text = text.substr(0, kStatementMax);
    const auto holds = [text](std::string_view word) {
      return text.find(word) != std::string_view::npos;
    };
    return holds(".read()") && !holds("url") && !holds("request") && !holds("decode") &&
           !holds("decompress");
  }

  // What only hostile code has a use for beside a model. Much else that may run programs has, too:
  // builds, exports, tests.
  static bool runs_code(const PythonCall& call, const Callee& callee) {
    if (call.module == "builtins")
      return call.at_import && (call.name == "eval" || call.name == "exec" ||
                                (call.name == "__import__" && !names_module(call.argument)));
    if (imports_runner(call, callee)) return true;
    if (callee.capability != Capability::kRunsCode && callee.capability != Capability::kLoadsCode)
      return false;
    constexpr auto kAlways = std::to_array<std::string_view>(
        {"os.system", "os.popen", "posix.system", "pty.spawn", "marshal.loads"});
    // A system's library is called by its name.
    if (callee.name == "ctypes.CDLL" || callee.name == "ctypes.cdll.LoadLibrary")
      return call.argument.find('/') != std::string::npos;
    if (std::ranges::find(kAlways, callee.name) != kAlways.end()) return true;
    constexpr auto kAtImport = std::to_array<std::string_view>(
        {"subprocess.", "os.exec", "os.spawn", "os.posix_spawn", "runpy.", "code.", "commands.",
         "platform.popen", "asyncio.create_subprocess", "builtins.exec"});
    return call.at_import && std::ranges::any_of(kAtImport, [&callee](std::string_view begin) {
             return callee.name.starts_with(begin);
           });
  }

  void table(const Node& node) {
    // Hydra's instantiate(), NVIDIA NeMo's and their like.
    for (const std::string_view key : kTargetKeys) {
      const std::string_view target = node[key].text;
      const std::size_t dot = target.rfind('.');
      if (dot == std::string_view::npos || !is_target(key, target)) continue;
      const Callee callee = look_up(target.substr(0, dot), target.substr(dot + 1));
      if (callee.capability >= Capability::kWritesFiles)
        report(ModelRule::kRunsCode, callee.name,
               fmt::format("Instantiating this configuration calls {}, which {}", callee.name,
                           to_string(callee.capability)));
    }
    judge_places(node);
    // MLflow imports it and calls its _load_pyfunc.
    const std::string_view module = node["loader_module"].text;
    if (!module.empty() && !module.starts_with("mlflow")) {
      report(ModelRule::kUnknownCall, std::string(module),
             fmt::format("Loading with MLflow imports {}, which is none of MLflow's own", module));
    }
    const std::string_view code = node["code"].text;
    if (!module.empty() && (code.starts_with('/') || code.find("..") != std::string_view::npos)) {
      report(ModelRule::kLoadsCode, std::string(code),
             fmt::format("Loading with MLflow imports code from {}, outside of the model", code));
    }
  }

  // Files of an MLflow model lie in its folder.
  void judge_places(const Node& node) {
    for (const std::string_view key : {"model_path", "python_model", "artifact_path",
                                       "pickled_model", "model_data", "model_code_path"}) {
      const std::string_view place = node[key].text;
      if (!node[key].is_text() || !(place.starts_with("../") || place.starts_with('/'))) continue;
      if (!path_.ends_with("MLmodel")) continue;
      report(ModelRule::kReadsFiles, std::string(place.substr(0, kShownMax)),
             fmt::format("Loading with MLflow reads {}, outside of the model",
                         place.substr(0, kShownMax)));
    }
  }

  // Tags by which YAML's loaders, or HyperPyYAML, call or find what they name.
  void named_by_tags(std::string_view text) {
    for (const std::string_view tag : {"!apply:", "!new:", "!name:", "!!python/name:"}) {
      for (std::size_t at = text.find(tag); at != std::string_view::npos;
           at = text.find(tag, at + 1)) {
        std::string_view name = text.substr(at + tag.size(), kShownMax);
        name = name.substr(0, name.find_first_of(" \t\r\n,]}'\""));
        const std::size_t dot = name.rfind('.');
        if (dot == std::string_view::npos) continue;
        const Callee callee = look_up(name.substr(0, dot), name.substr(dot + 1));
        if (callee.capability < Capability::kWritesFiles) continue;
        report(ModelRule::kRunsCode, callee.name,
               fmt::format("Loading this resolves {} by {}, which {}", callee.name, tag,
                           to_string(callee.capability)));
      }
    }
  }

  const ModelRules& rules_;
  std::string_view path_;
  std::vector<event::Finding>& findings_;
};

}  // namespace

bool is_target(std::string_view key, std::string_view value) {
  if (key == "_target_" || key == "class_path") return true;
  constexpr auto kModules = std::to_array<std::string_view>(
      {"os", "posix", "nt", "subprocess", "builtins", "runpy", "pty", "importlib", "shutil",
       "ctypes", "pickle", "marshal", "pydoc", "timeit"});
  return std::ranges::find(kModules, value.substr(0, value.find('.'))) != kModules.end();
}

std::string hostile_target(std::string_view text) {
  constexpr std::size_t kNameMax = 200;
  for (const std::string_view key : {"_target_", "class_path"}) {
    for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at)) {
      at += key.size();
      // Behind quotes, which may be escaped, and a colon.
      const std::size_t begin = text.find_first_not_of("\\\"' :=", at);
      if (begin == std::string_view::npos) return {};
      std::string_view name = text.substr(begin, kNameMax);
      name = name.substr(0, name.find_first_of("\\\"' ,}\r\n"));
      const std::size_t dot = name.rfind('.');
      if (dot == std::string_view::npos) continue;
      const Callee callee = look_up(name.substr(0, dot), name.substr(dot + 1));
      if (callee.capability >= Capability::kWritesFiles) return callee.name;
    }
  }
  return {};
}

bool judge_source(const ModelRules& rules, std::string_view path, std::string_view bytes,
                  SourceOrigin origin, std::vector<event::Finding>& findings) {
  if (bytes.size() > kSourceMax) return false;
  Source source(rules, path, findings);
  const std::string_view file = path.substr(path.rfind('/') + 1);
  if (path.ends_with(".py")) {
    // "code/__torch__/models.py" of one that was unpacked.
    const bool is_script = path.find("/code/__torch__") != std::string_view::npos;
    if (origin == SourceOrigin::kTorchScript || is_script)
      source.torch_script(bytes);
    else if (origin == SourceOrigin::kTorchPackage || origin == SourceOrigin::kTorchServe)
      source.packaged(bytes, origin);
    else
      source.python(bytes);
    return true;
  }
  if (path.ends_with(".pbtxt")) {
    judge_graph_text(rules, path, bytes, findings);
    return true;
  }
  if (ends_with_any(path, {".yaml", ".yml"}) || file == "MLmodel" || file == "MLproject") {
    source.yaml(bytes);
    return true;
  }
  if (path.ends_with(".sh") || file == "Dockerfile" || file.ends_with(".Dockerfile")) {
    source.shell(bytes);
    return true;
  }
  if (file.starts_with("requirements") && path.ends_with(".txt")) {
    source.requirements(bytes);
    return true;
  }
  return false;
}

}  // namespace vedette::scan::models
