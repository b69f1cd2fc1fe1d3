// SPDX-License-Identifier: Apache-2.0
#include "scan/models/keras_judge.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "formats/models/python_marshal.h"
#include "scan/models/callee.h"
#include "scan/models/tensorflow_operations.h"

namespace vedette::scan::models {
namespace {

using formats::packages::Member;
using formats::packages::Node;

// What Keras' own functions do when a description makes it call them.
struct KerasFunction {
  std::string_view name;
  ModelRule rule;
  std::string_view does;
  std::string_view advisories;
};
constexpr std::string_view kOwnGadgets = "CVE-2025-8747";
constexpr auto kFunctions = std::to_array<KerasFunction>({
    {"get_file", ModelRule::kUsesNetwork, "downloads a file and may unpack it anywhere",
     "CVE-2025-8747, CVE-2025-12060"},
    {"enable_unsafe_deserialization", ModelRule::kChangesModule, "turns safe_mode off",
     "CVE-2025-9906"},
    {"set_global_attribute", ModelRule::kChangesModule, "turns safe_mode off", "CVE-2025-9906"},
    {"func_load", ModelRule::kRunsCode, "makes a function of byte code", "CVE-2024-3660"},
    {"load_model", ModelRule::kLoadsCode, "loads another model", kOwnGadgets},
    {"load_weights", ModelRule::kReadsFiles, "reads files", kOwnGadgets},
    {"model_from_json", ModelRule::kLoadsCode, "loads another model", kOwnGadgets},
    {"deserialize_keras_object", ModelRule::kLoadsCode, "resolves other names", kOwnGadgets},
    {"save_model", ModelRule::kChangesFiles, "writes files", kOwnGadgets},
    {"save_weights", ModelRule::kChangesFiles, "writes files", kOwnGadgets},
    {"save_img", ModelRule::kChangesFiles, "writes files", kOwnGadgets},
    {"extract_archive", ModelRule::kChangesFiles, "unpacks an archive anywhere",
     "CVE-2025-8747, CVE-2025-12060"},
    {"extract_open_archive", ModelRule::kChangesFiles, "unpacks an archive anywhere",
     "CVE-2025-8747, CVE-2025-12060"},
    {"rmtree", ModelRule::kChangesFiles, "deletes files", kOwnGadgets},
    {"makedirs", ModelRule::kChangesFiles, "makes folders", kOwnGadgets},
    {"load_img", ModelRule::kReadsFiles, "reads files", kOwnGadgets},
    {"audio_dataset_from_directory", ModelRule::kReadsFiles, "reads files", kOwnGadgets},
    {"image_dataset_from_directory", ModelRule::kReadsFiles, "reads files", kOwnGadgets},
    {"text_dataset_from_directory", ModelRule::kReadsFiles, "reads files", kOwnGadgets},
    {"plot_model", ModelRule::kChangesFiles, "writes files", kOwnGadgets},
    {"load_data", ModelRule::kUsesNetwork, "downloads a file", kOwnGadgets},
});

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

bool is_within(std::string_view module, std::string_view package) {
  return module == package || (module.starts_with(package) && module.size() > package.size() &&
                               module[package.size()] == '.');
}

// Packages of Keras' own, whose layers need no word.
bool is_keras(std::string_view module) {
  constexpr auto kPackages = std::to_array<std::string_view>(
      {"keras", "tf_keras", "keras_hub", "keras_nlp", "keras_cv", "keras_core", "keras_tuner",
       "tensorflow", "tensorflow_addons"});
  return std::ranges::any_of(kPackages, [module](auto one) { return is_within(module, one); });
}

class KerasJudge {
 public:
  KerasJudge(KerasForm form, ExchangeReport& report) : form_(form), report_(report) {}

  // The outermost first. The tree's depth is bounded.
  void walk(const Node& root) {
    std::vector<const Node*> waiting = {&root};
    while (!waiting.empty()) {
      const Node* const node = waiting.back();
      waiting.pop_back();
      if (node->is_table()) judge_table(*node);
      for (const Member& member : node->members) waiting.push_back(&member.value);
    }
    report_.add_custom("classes or functions of its own, which have to be there at load",
                       std::move(foreign_));
  }

 private:
  // null has a text as well.
  static std::string_view text_of(const Node& node) {
    return node.is_text() ? node.text : std::string_view();
  }
  void note(std::string_view foreign) {
    if (foreign_.size() < kForeignMax) foreign_.push_back(foreign);
  }

  void judge_table(const Node& table) {
    const std::string_view type = text_of(table["class_name"]);
    if (type.empty() || told_.contains(&table)) return;
    const std::string_view module = text_of(table["module"]);
    // "package>Name", of what is registered with no module.
    const std::string_view registered = text_of(table["registered_name"]);
    const std::size_t mark = registered.find('>');
    if (mark != std::string_view::npos && !is_keras(registered.substr(0, mark))) {
      if (look_up(registered.substr(0, mark), registered.substr(mark + 1)).capability >=
          Capability::kReadsFiles)
        judge_name(registered.substr(0, mark), registered.substr(mark + 1), "");
      else
        note(registered);
    }
    const Node& settings = table["config"];
    if (type == "__lambda__") judge_code(settings["code"].is_text() ? settings["code"] : settings);
    if (type == "Lambda") judge_lambda(settings);
    if (is_one_of(type, {"TFOpLambda", "SlicingOpLambda", "ClassMethod", "TensorFlowOpLayer"}))
      judge_operation(settings);
    if (type == "TorchModuleWrapper") judge_torch(settings);
    if (type == "TFSMLayer") {
      const std::string_view place = settings["filepath"].text;
      report_.add(ModelRule::kLoadsCode, type,
                  fmt::format("Loading reads a SavedModel from {}, whose graph runs "
                              "(TFSMLayer, CVE-2026-1462)",
                              place.empty() ? "elsewhere" : shown(place)));
    }
    if (settings.is_table()) {
      judge_settings(type, settings);
      judge_named_function(module, settings);
    }
    const bool is_function = type == "function" && settings.is_text();
    judge_name(module, is_function ? settings.text : type, "");
  }

  // Settings of layers and loaders that name a module, or one of Keras' functions with what it is
  // given.
  void judge_named_function(std::string_view module, const Node& settings) {
    for (const Member& member : settings.members) {
      if (!member.value.is_text() || !member.key.ends_with("_module")) continue;
      const Callee callee = look_up(member.value.text, "*");
      if (callee.capability < Capability::kReadsFiles) continue;
      report_.add(ModelRule::kRunsCode, shown(member.value.text),
                  fmt::format("Loading resolves a function of {}, which {} (CVE-2025-1550)",
                              shown(member.value.text), to_string(callee.capability)));
    }
    for (const std::string_view key : {"fn", "function", "func", "callable"}) {
      const std::string_view name = text_of(settings[key]);
      if (name.empty() || !is_identifier(name)) continue;
      const bool is_given = settings.has("url") || settings.has("origin") || settings.has("args");
      if (is_keras(module) || is_given) judge_name(module, name, "");
    }
  }

  // Layers that read what their settings name; names that become paths.
  void judge_settings(std::string_view type, const Node& settings) {
    constexpr std::size_t kPathMax = 1'024;  // a longer one is no path
    for (const Member& member : settings.members) {
      if (!member.value.is_text() || member.value.text.size() > kPathMax) continue;
      const std::string_view place = member.value.text;
      if (!leads_outside(place)) continue;
      if (is_one_of(member.key, {"vocabulary", "vocabulary_file", "merges", "language_tokens",
                                 "proto", "idf_weights", "filename", "input_vocabulary"})) {
        const bool is_address = place.find("://") != std::string_view::npos;
        report_.add(is_address ? ModelRule::kUsesNetwork : ModelRule::kReadsFiles,
                    fmt::format("{}({}={})", type, member.key, shown(place)),
                    fmt::format("Loading reads {} into the model as {} of {} (CVE-2025-12058)",
                                shown(place), member.key, type));
      }
      // Layers' names become folders; "://" and a drive's colon stand in harmless ones.
      const bool leads_upwards = place == ".." || place.starts_with("../") ||
                                 place.find("/..") != std::string_view::npos ||
                                 place.find("..\\") != std::string_view::npos;
      if (member.key == "name" && leads_upwards) {
        report_.add(ModelRule::kPathEscapes, shown(place),
                    fmt::format("Loading uses the layer's name {} as a path, outside of its folder "
                                "(CVE-2026-12479)",
                                shown(place)));
      }
    }
  }

  // Code, in all ways in which versions have written it, or a function by its name. Keras 2 says
  // by "…_type" whether it is code.
  void judge_lambda(const Node& settings) {
    for (const std::string_view key : {"function", "output_shape", "mask"}) {
      const Node& value = settings[key];
      const std::string type_key = std::string(key) + "_type";
      const bool is_said = settings[type_key].text == "lambda";
      const bool is_list = key == "function" && value.is_list();
      // A shape may be a list or a tuple of numbers.
      const bool is_tuple = value.is_table() && value["class_name"].text == "__tuple__" &&
                            !value["items"].members.empty() &&
                            value["items"].members[0].value.is_text();
      if (is_tuple) {
        judge_code(value["items"].members[0].value);
      } else if (is_said || is_list) {
        judge_code(value.is_list() && !value.members.empty() ? value.members[0].value : value);
      } else if (value.is_text() && key == "function" && !is_identifier(value.text)) {
        judge_code(value);
      } else if (value.is_text()) {
        judge_name(text_of(settings["module"]), value.text, "");
      }
    }
    const Node& function = settings["function"];
    if (function["class_name"].text == "function" && function["config"].is_text()) {
      told_.insert(&function);
      judge_name(text_of(function["module"]), function["config"].text,
                 arguments_of(settings["arguments"]));
    }
  }

  // A function of Python's, by its name; code is text of another kind.
  static bool is_identifier(std::string_view text) {
    constexpr std::size_t kNameMax = 100;
    return text.size() <= kNameMax && std::ranges::all_of(text, [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '.' || c == '>' || c == '-' || c == ':';
           });
  }

  // Of a call that Keras makes: what is text or a number.
  static std::string arguments_of(const Node& arguments) {
    constexpr std::size_t kArgumentsMax = 8;
    std::string out;
    for (std::size_t i = 0; i < std::min(arguments.members.size(), kArgumentsMax); ++i) {
      const Member& one = arguments.members[i];
      if (one.value.is_table() || one.value.is_list()) continue;
      const std::string_view quote = one.value.is_text() ? "\"" : "";
      out += fmt::format("{}{}={}{}{}", out.empty() ? "" : ", ", shown(one.key), quote,
                         shown(one.value.text), quote);
    }
    return out;
  }

  void judge_code(const Node& code) {
    constexpr std::size_t kNamesShown = 6;
    std::string names;
    std::size_t count = 0;
    for (const std::string& name :
         formats::models::marshalled_names(formats::models::decode_base64(code.text))) {
      if (++count > kNamesShown) break;
      names += (names.empty() ? "" : ", ") + name;
    }
    constexpr std::array<std::string_view, 3> kWhen = {
        "runs at load where safe_mode is off (CVE-2024-3660)",
        "runs at load, as safe_mode is not asked for HDF5 (CVE-2025-9905, CVE-2024-3660)",
        "runs at load, as safe_mode is not asked for a SavedModel (CVE-2024-3660)"};
    const std::string_view when = kWhen[static_cast<std::size_t>(form_)];
    report_.add(
        ModelRule::kRunsCode, names.empty() ? "Lambda" : fmt::format("Lambda({})", names),
        fmt::format("The model holds a Lambda layer, whose byte code{}{}{} {}",
                    names.empty() ? "" : ", which names ", names, names.empty() ? "" : ",", when));
  }

  void judge_torch(const Node& settings) {
    report_.add(ModelRule::kLoadsCode, "TorchModuleWrapper",
                "Loading unpickles the PyTorch module that is wrapped here (CVE-2025-49655)");
    const Node& module = settings["module"];
    const Node& value = module["config"]["value"];
    const std::string_view text = value.is_text() ? value.text : module.text;
    if (!text.empty()) report_.add_part("module", formats::models::decode_base64(text));
  }

  // A function of TensorFlow, by name, or an operation as its text.
  void judge_operation(const Node& settings) {
    std::string_view name = settings["function"].text;
    const std::string_view text = text_of(settings["node_def"]);
    constexpr std::string_view kKey = "op: \"";
    if (const std::size_t at = text.find(kKey); at != std::string_view::npos) {
      name = text.substr(at + kKey.size());
      name = name.substr(0, name.find('"'));
    }
    const std::string_view last = name.substr(name.rfind('.') + 1);
    if (const TensorflowOperation* operation = find_tensorflow_operation(last)) {
      report_.add(
          operation->rule, shown(name),
          fmt::format("Running the model {} (TensorFlow's {})", operation->does, shown(name)));
      return;
    }
    for (const std::string_view part :
         {"write_file", "read_file", "py_function", "numpy_function", "load_op_library",
          "load_library", "matching_files", "gfile", "saved_model.load", "load_model"}) {
      if (name.find(part) == std::string_view::npos) continue;
      report_.add(
          ModelRule::kRunsCode, shown(name),
          fmt::format("The model calls TensorFlow's {}, which reaches files or code", shown(name)));
      return;
    }
  }

  void judge_name(std::string_view module, std::string_view name, const std::string& arguments) {
    if (name.empty()) return;
    const std::string_view last = name.substr(name.rfind('.') + 1);
    if (is_keras(module) || last.find("get_file") != std::string_view::npos) {
      const auto* const function = std::ranges::find_if(kFunctions, [last](const auto& one) {
        return one.name == last || (one.name == "get_file" && last.find(one.name) != last.npos);
      });
      if (function == kFunctions.end()) return judge_tensorflow(module, name);
      const std::string call = fmt::format("{}.{}{}", module.empty() ? "keras" : module, name,
                                           arguments.empty() ? "" : "(" + arguments + ")");
      report_.add(function->rule, call,
                  fmt::format("Loading calls {}, which {} ({})", call, function->does,
                              function->advisories));
      return;
    }
    if (module.empty()) return;
    const Callee callee = look_up(module, name);
    if (callee.capability == Capability::kIndirect) {
      report_.add(ModelRule::kIndirectCall, callee.name,
                  fmt::format("Loading resolves {}, which {} (CVE-2025-1550)", callee.name,
                              to_string(callee.capability)));
    } else if (callee.capability >= Capability::kReadsFiles) {
      report_.add(ModelRule::kRunsCode, callee.name,
                  fmt::format("Loading resolves {}, which {} (CVE-2025-1550)", callee.name,
                              to_string(callee.capability)));
    } else if (module != "builtins" && callee.capability != Capability::kHarmless) {
      note(module);
    }
  }

  // Its package is one of Keras', but not all of it is made of layers.
  void judge_tensorflow(std::string_view module, std::string_view name) {
    if (!is_within(module, "tensorflow")) return;
    const Callee callee = look_up(module, name);
    if (callee.capability < Capability::kReadsFiles) return;
    report_.add(ModelRule::kRunsCode, callee.name,
                fmt::format("Loading resolves {}, which {} (CVE-2025-1550)", callee.name,
                            to_string(callee.capability)));
  }

  static constexpr std::size_t kForeignMax = 1'000;
  KerasForm form_;
  ExchangeReport& report_;
  std::vector<std::string_view> foreign_;  // in the tree
  std::set<const Node*> told_;             // with the arguments of the call
};

}  // namespace

void judge_keras(const Node& root, KerasForm form, ExchangeReport& report) {
  KerasJudge(form, report).walk(root);
}

void judge_keras_text(std::string_view text, KerasForm form, ExchangeReport& report) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  // A name may be written by escapes.
  if (first == std::string_view::npos || text[first] != '{' ||
      (!text.contains("class_name") && !text.contains("\\u")))
    return;
  Limits limits;
  limits.values_max = 2'000'000;
  limits.file_bytes_max = text.size();
  limits.depth_max = 10'000;  // Python's json goes down less far
  const auto tree = formats::packages::read_json(report.path(), text, limits,
                                                 formats::packages::JsonForm::kPython);
  if (tree.is_cut) report.set_cut();
  judge_keras(tree.root, form, report);
}

}  // namespace vedette::scan::models
