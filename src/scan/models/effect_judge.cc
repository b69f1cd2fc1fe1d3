// SPDX-License-Identifier: Apache-2.0
#include "scan/models/effect_judge.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>
#include <unordered_map>
#include <utility>

#include "formats/models/pickle/machine.h"
#include "scan/models/argument_shape.h"
#include "scan/models/callee.h"
#include "scan/models/callee_tables.h"
#include "scan/models/graph_code.h"
#include "scan/models/load_cost.h"

namespace vedette::scan::models {
namespace {

using formats::models::CallForm;
using formats::models::Effect;
using formats::models::EffectKind;
using formats::models::PickleMachine;
using formats::models::PickleRun;
using formats::models::Value;
using formats::models::ValueGraph;
using formats::models::ValueId;
using formats::models::ValueKind;

constexpr std::size_t kFindingsMax = 50;  // of one file
constexpr std::size_t kFormulaShown = 200;

bool is_dangerous(Capability capability) { return capability >= Capability::kReadsFiles; }

ModelRule rule_of(Capability capability) {
  constexpr std::array<ModelRule, 10> kRules = {
      ModelRule::kUnknownCall,  ModelRule::kEmbeddedFunction, ModelRule::kUnknownClass,
      ModelRule::kUnknownCall,  ModelRule::kIndirectCall,     ModelRule::kReadsFiles,
      ModelRule::kChangesFiles, ModelRule::kUsesNetwork,      ModelRule::kLoadsCode,
      ModelRule::kRunsCode};
  return kRules[static_cast<std::size_t>(capability)];
}

class Judge final : public formats::models::EffectObserver {
 public:
  Judge(const ModelRules& rules, std::string_view path, std::vector<event::Finding>& findings)
      : rules_(rules), path_(path), findings_(findings) {}

  void on_effect(const ValueGraph& graph, const Effect& effect) override {
    switch (effect.kind) {
      case EffectKind::kGlobal:
        imports_.insert(effect.subject);
        knows_functions_ = knows_functions_ || writes_functions(graph[effect.subject].text);
        break;
      case EffectKind::kCall:
        judge_call(graph, effect);
        break;
      case EffectKind::kBuild:
        judge_state(graph, effect);
        [[fallthrough]];
      case EffectKind::kSetEntries:
      case EffectKind::kAppend:
        judge_change(graph, effect);
        break;
      case EffectKind::kStraddle:
        breaks_rules_ = true;
        report(ModelRule::kBroken, effect.offset, "FRAME",
               "An operation goes on behind the end of its frame, where Python's readers do not "
               "agree on what follows");
        break;
      case EffectKind::kFarMemo:
        breaks_rules_ = true;
        report(ModelRule::kBroken, effect.offset, "PUT",
               "A value is kept under so large a number that Python's reader makes room for more "
               "values than there is memory");
        break;
      case EffectKind::kExtension:
        saw_extension_ = true;
        report(ModelRule::kUnknownCall, effect.offset,
               formats::models::render(graph, effect.subject),
               "Loading resolves an extension code, which stands for a name that only the loader "
               "knows");
        break;
      case EffectKind::kPersistent:
        note_storage(graph, effect.subject);
        break;
    }
  }

  // What was imported and is dangerous in the hands of whoever gets it.
  void finish(const ValueGraph& graph) {
    judge_unfolding(graph);
    judge_settings(graph);
    if (graph.has_lost_globals())
      report(ModelRule::kUnknownCall, 0, "",
             "Loading imports more names than any model does, and than are told apart here");
    for (const ValueId id : imports_) {
      const Value& value = graph[id];
      const Callee& callee = look(graph, id);
      // Nothing that a pickle rebuilds has a use for these; of getattr() and its like the calls
      // count.
      const bool is_handed_on = callee.name == "builtins.globals" ||
                                callee.name == "builtins.locals" ||
                                callee.name == "builtins.vars" || callee.name == "builtins.delattr";
      if ((!is_dangerous(callee.capability) && !is_handed_on) || told_.contains(id)) continue;
      report(
          rule_of(callee.capability), value.offset, callee.name,
          fmt::format("Loading imports {}, which {}", callee.name, to_string(callee.capability)));
    }
  }

  bool saw_extension() const { return saw_extension_; }
  bool breaks_rules() const { return breaks_rules_; }
  std::vector<StorageClaim> take_storages() { return std::move(storages_); }
  // Texts that a library unpickles, with whatever they begin.
  const std::vector<ValueId>& loaded() const { return loaded_; }

  // Names as Python's are; random bytes seldom have them.
  bool saw_plausible_import(const ValueGraph& graph) const {
    return std::ranges::any_of(imports_, [&graph](ValueId id) {
      const Value& value = graph[id];
      return is_dotted(value.text) && (value.name.empty() || is_dotted(value.name));
    });
  }

 private:
  static bool is_dotted(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '_' || c == '.' || c == '<' || c == '>' || c == '-';
    });
  }

  // Libraries that write functions as code, also where others bring them along.
  static bool writes_functions(std::string_view module) {
    return module.starts_with("dill") || module.find("cloudpickle") != std::string_view::npos;
  }

  const Callee& look(const ValueGraph& graph, ValueId id) {
    const auto known = callees_.find(id);
    if (known != callees_.end()) return known->second;
    const Value& value = graph[id];
    return callees_.emplace(id, look_up(value.text, value.name)).first->second;
  }

  void report(ModelRule rule, std::uint64_t offset, const std::string& call, std::string message) {
    if (findings_.size() >= kFindingsMax) return;
    if (!seen_.insert(rules_[rule].id + call).second) return;
    findings_.push_back(make_finding(rules_[rule], path_, offset, call, std::move(message)));
  }

  // The global, where `id` is one.
  static bool is_global(const ValueGraph& graph, ValueId id) {
    return graph[id].kind == ValueKind::kGlobal;
  }

  // ("storage", torch.FloatStorage, key, device, how many), as torch.save() writes it.
  void note_storage(const ValueGraph& graph, ValueId id) {
    const Value& claim = graph[id];
    if (claim.kind != ValueKind::kTuple || claim.parts.size() < 5) return;
    const Value& count = graph[claim.parts[4]];
    const std::uint64_t bytes = element_bytes(graph[claim.parts[1]].name);
    if (graph[claim.parts[0]].text != "storage" || count.kind != ValueKind::kInteger ||
        count.number < 0 || bytes == 0 || storages_.size() >= JudgedRun::kStoragesMax)
      return;
    constexpr std::int64_t kCountMax = std::int64_t{1} << 56;
    storages_.push_back({std::string(graph[claim.parts[2]].text),
                         static_cast<std::uint64_t>(std::min(count.number, kCountMax)) * bytes});
  }

  // 0: not known here.
  static std::uint64_t element_bytes(std::string_view type) {
    constexpr auto kTypes =
        std::to_array<std::pair<std::string_view, std::uint64_t>>({{"FloatStorage", 4},
                                                                   {"DoubleStorage", 8},
                                                                   {"HalfStorage", 2},
                                                                   {"BFloat16Storage", 2},
                                                                   {"LongStorage", 8},
                                                                   {"IntStorage", 4},
                                                                   {"ShortStorage", 2},
                                                                   {"CharStorage", 1},
                                                                   {"ByteStorage", 1},
                                                                   {"BoolStorage", 1},
                                                                   {"ComplexFloatStorage", 8},
                                                                   {"ComplexDoubleStorage", 16},
                                                                   {"UntypedStorage", 1}});
    const auto* const found =
        std::ranges::find(kTypes, type, &std::pair<std::string_view, std::uint64_t>::first);
    return found == kTypes.end() ? 0 : found->second;
  }

  void judge_unfolding(const ValueGraph& graph) {
    const ValueId value = find_unfolding(graph);
    if (value == formats::models::kUnknownValue) return;
    breaks_rules_ = true;
    report(ModelRule::kBroken, graph[value].offset, "unfolds",
           "A value holds others so many times over that it cannot be gone through: hashing, "
           "copying or printing it does not come to an end");
  }

  // Tables of checkpoints that libraries make objects of: Hydra by "_target_", Lightning by
  // "_instantiator".
  void judge_settings(const ValueGraph& graph) {
    for (ValueId id = 1; id < graph.size(); ++id) {
      const Value& table = graph[id];
      if (table.kind != ValueKind::kDictionary) continue;
      for (std::size_t i = 0; i + 1 < table.parts.size(); i += 2) {
        const std::string_view key = graph[table.parts[i]].text;
        if (key.size() < 8 || key.front() != '_') continue;
        if (key != "_target_" && key != "_instantiator" && key != "_class_path") continue;
        judge_setting(graph[table.parts[i + 1]].text, table.offset);
      }
    }
  }

  void judge_setting(std::string_view target, std::uint64_t offset) {
    const std::size_t dot = target.rfind('.');
    if (dot == std::string_view::npos) return;
    const Callee callee = look_up(target.substr(0, dot), target.substr(dot + 1));
    if (callee.capability < Capability::kWritesFiles) return;
    breaks_rules_ = true;
    report(ModelRule::kRunsCode, offset, callee.name,
           fmt::format("Instantiating the settings that the file holds calls {}, which {}",
                       callee.name, to_string(callee.capability)));
  }

  void judge_call(const ValueGraph& graph, const Effect& effect) {
    const Value& call = graph[effect.subject];
    const ValueId target = call.parts[0];
    if (!is_global(graph, target)) return judge_result_call(graph, effect, target);
    const Callee& callee = look(graph, target);
    const bool is_new = call.form == CallForm::kNewObject || callee.name.ends_with(".__new__");
    // Whatever __new__ is called of is a class, however it is spelt.
    const bool is_rebuilt = callee.capability == Capability::kUnknown && is_new &&
                            (callee.is_library || callee.is_standard);
    if (callee.capability == Capability::kHarmless || is_rebuilt) {
      if (callee.name.starts_with("copyreg.")) judge_rebuilt(graph, effect, call);
      if (callee.name == "numpy.core._ufunc_reconstruct") judge_ufunc(graph, effect, call);
      if (unpickles(callee.name)) note_loaded(graph, call);
      if (makes_much(graph, call, callee.name)) return tell_call(graph, effect, callee);
      return judge_given(graph, effect, callee);
    }
    if (callee.name == "dill._dill._eval_repr" && is_plain_literal(graph, call)) {
      told_.insert(target);
      return;
    }
    const bool is_import = callee.name == "dill._dill._import_module" ||
                           callee.name == "cloudpickle.cloudpickle.subimport";
    const bool is_value = callee.name == "builtins.eval" && is_name_in_table(graph, call);
    if (is_value || (is_import && is_plain_import(graph, call))) {
      told_.insert(target);
      return;
    }
    if (callee.name == "torch.fx.graph_module.reduce_graph_module" &&
        rebuilds_plain_graph(graph, call)) {
      told_.insert(target);
      report(ModelRule::kEmbeddedFunction, effect.offset, callee.name,
             "The file holds the code of a graph of torch.fx, which runs at load and calls nothing "
             "but operations of PyTorch");
      return;
    }
    if (callee.capability == Capability::kMakesFunction) return judge_function(graph, effect);
    if (callee.capability == Capability::kIndirect && is_resolved(graph, callee, call)) return;
    const bool is_class = callee.capability == Capability::kUnknownClass ||
                          (callee.capability == Capability::kUnknown && is_new);
    if (is_class && (is_new || is_error(callee.name) || !acts(graph, call, callee.name))) {
      report(
          ModelRule::kUnknownClass, effect.offset, callee.name,
          fmt::format("Loading makes an object of {}, a class of no known library", callee.name));
      return;
    }
    if (callee.capability == Capability::kUnknown && !callee.is_standard &&
        rebuilds_by_name(callee.name) && takes_state(graph, call)) {
      report(ModelRule::kUnknownClass, effect.offset, callee.name,
             fmt::format("Loading rebuilds an object by {}, a function of no known library",
                         callee.name));
      return;
    }
    told_.insert(target);
    tell_call(graph, effect, callee);
  }

  void tell_call(const ValueGraph& graph, const Effect& effect, const Callee& callee) {
    const std::string text = formats::models::render(graph, effect.subject);
    const bool is_class = callee.capability == Capability::kUnknownClass;
    const bool is_harmless = callee.capability == Capability::kHarmless;
    const std::string_view what = is_class      ? "is of no known library"
                                  : is_harmless ? "makes a value of whatever size the file says"
                                  : callee.capability == Capability::kUnknown
                                      ? "no known library needs to rebuild its objects"
                                      : to_string(callee.capability);
    report(is_class || is_harmless ? ModelRule::kUnknownCall : rule_of(callee.capability),
           effect.offset, text, fmt::format("Loading calls {}, which {}", text, what));
  }

  void note_loaded(const ValueGraph& graph, const Value& call) {
    for (const ValueId id : graph[call.parts[1]].parts) loaded_.push_back(id);
  }

  // NumPy imports the module and takes the function by its name; those of libraries are theirs.
  void judge_ufunc(const ValueGraph& graph, const Effect& effect, const Value& call) {
    const Value& arguments = graph[call.parts[1]];
    const bool has_name = arguments.kind == ValueKind::kTuple && arguments.parts.size() == 2;
    const std::string_view module = has_name ? graph[arguments.parts[0]].text : std::string_view();
    if (module == "numpy" || module.starts_with("numpy.") || module.starts_with("scipy.")) return;
    std::string text = formats::models::render(graph, effect.subject);
    report(ModelRule::kLoadsCode, effect.offset, text,
           fmt::format("Loading calls {}, which imports a module by its name", text));
  }

  // What rebuilds an object is given its state. A library's classes open, fetch or evaluate what
  // some of them are given as well, and its functions go to places that they are given.
  void judge_given(const ValueGraph& graph, const Effect& effect, const Callee& callee) {
    const std::string_view last = std::string_view(callee.name).substr(callee.name.rfind('.') + 1);
    if (is_error(last)) return;
    const Value& call = graph[effect.subject];
    const bool is_called = call.form != CallForm::kNewObject;
    bool goes_out =
        is_called && goes_to_places(callee) && takes_text(graph, call, TextKind::kPlace);
    // It evaluates each text that it is given.
    if (is_called && callee.name.starts_with("sympy."))
      goes_out = goes_out || takes_code(graph, call);
    if (callee.is_library && is_class_name(last)) {
      goes_out = goes_out || !leading_argument(graph, call).empty() ||
                 (is_called && opens_by_name(last) && takes_text(graph, call, TextKind::kAny));
    }
    if (!goes_out) return;
    std::string text = formats::models::render(graph, effect.subject);
    std::string message =
        fmt::format("Loading calls {}, which opens, fetches or evaluates that", text);
    report(ModelRule::kUnknownCall, effect.offset, text, std::move(message));
  }

  // copyreg._reconstructor(cls, …) makes an object of cls.
  void judge_rebuilt(const ValueGraph& graph, const Effect& effect, const Value& call) {
    const Value& arguments = graph[call.parts[1]];
    if (arguments.kind != ValueKind::kTuple || arguments.parts.empty()) return;
    if (!is_global(graph, arguments.parts[0])) return;
    const Callee& callee = look(graph, arguments.parts[0]);
    if (callee.capability != Capability::kUnknownClass) return;
    report(ModelRule::kUnknownClass, effect.offset, callee.name,
           fmt::format("Loading makes an object of {}, a class of no known library", callee.name));
  }

  // A function keeps the modules that it uses. What is taken of them is judged by itself, so that
  // only what importing alone does counts.
  static bool is_plain_import(const ValueGraph& graph, const Value& call) {
    const Value& arguments = graph[call.parts[1]];
    if (arguments.kind != ValueKind::kTuple || arguments.parts.empty()) return false;
    const Value& module = graph[arguments.parts[0]];
    return module.kind == ValueKind::kString && is_harmless_import(module.text);
  }

  // A global, or a text "module:name".
  bool names_harmless(const ValueGraph& graph, ValueId id) {
    if (is_global(graph, id)) return true;
    const std::string_view text = graph[id].text;
    const std::size_t colon = text.rfind(':');
    if (graph[id].kind != ValueKind::kString || colon == std::string_view::npos) return false;
    const std::string_view module = text.substr(0, colon);
    return is_harmless_import(module) &&
           look_up(module, text.substr(colon + 1)).capability <= Capability::kUnknown;
  }

  // What it finds is judged by itself, or harmless.
  bool is_resolved(const ValueGraph& graph, const Callee& callee, const Value& call) {
    const Value& arguments = graph[call.parts[1]];
    const std::string& name = callee.name;
    if (name == "functools.partial" || name == "operator.itemgetter") return true;
    if (name == "operator.attrgetter" || name == "operator.methodcaller") {
      const auto& names = arguments.parts;
      return names.empty() ||
             (!is_telling_word(graph[names[0]].text) && !has_hidden_walk(graph[names[0]].text));
    }
    if (arguments.kind != ValueKind::kTuple || arguments.parts.empty()) return false;
    const ValueId first = arguments.parts[0];
    const bool known = is_global(graph, first);
    // Calls nothing: its partial() is judged where it is called, and what it names is imported.
    if (name.ends_with("toolz.functoolz._restore_curry") && arguments.parts.size() >= 2)
      return known && names_harmless(graph, arguments.parts[1]);
    // A method of an object: where it is called, that is told, and so is a dangerous function.
    if (name == "types.MethodType") return known || is_own_class(graph, first);
    if (name == "builtins.getattr" && arguments.parts.size() >= 2) {
      const Value& attribute = graph[arguments.parts[1]];
      return attribute.kind == ValueKind::kString &&
             (!attribute.text.starts_with("__") || attribute.text == "__new__" ||
              attribute.text == "__getstate__");
    }
    // list[int] and the like.
    if (name == "operator.getitem") return known && graph[first].text == "typing";
    if ((name == "builtins.filter" || name == "itertools.ifilter") &&
        graph[first].kind == ValueKind::kNone)
      return true;
    if (name == "builtins.setattr") return is_own_class(graph, first);
    if (name == "builtins.map" || name == "builtins.filter" || name == "itertools.imap" ||
        name == "itertools.ifilter" || name == "builtins.reduce" || name == "functools.reduce" ||
        name == "itertools.starmap" || name == "operator.call") {
      return known;
    }
    return false;
  }

  // Made of code in the file.
  bool is_own_class(const ValueGraph& graph, ValueId id) {
    const Value& value = graph[id];
    return value.kind == ValueKind::kCall && is_global(graph, value.parts[0]) &&
           look(graph, value.parts[0]).capability == Capability::kMakesFunction;
  }

  // Calls what another call gave.
  void judge_result_call(const ValueGraph& graph, const Effect& effect, ValueId target) {
    const Value& value = graph[target];
    bool runs_code = false;
    if (value.kind == ValueKind::kCall && is_global(graph, value.parts[0])) {
      const Callee& maker = look(graph, value.parts[0]);
      // What these come to is told by itself.
      if (maker.name == "functools.partial" || maker.name.starts_with("operator.")) {
        const Value& held = graph[value.parts[1]];
        if (!held.parts.empty() && is_global(graph, held.parts[0])) return;
        if (maker.name == "operator.attrgetter" || maker.name == "operator.itemgetter") return;
      }
      // Looks for the class of a batch.
      if (maker.name == "torch_geometric.data.batch.DynamicInheritanceGetter") return;
      runs_code = maker.capability == Capability::kMakesFunction;
      const bool is_class = graph[effect.subject].form == CallForm::kNewObject ||
                            maker.name.ends_with("_make_skeleton_class") ||
                            maker.name.ends_with("_create_type");
      if (runs_code && is_class && telling_word(graph, target).empty()) {
        report(ModelRule::kEmbeddedFunction, effect.offset, maker.name,
               "The file holds a class as code, and objects of it");
        return;
      }
    }
    std::string text = formats::models::render(graph, effect.subject);
    std::string message = fmt::format(
        "Loading calls {}: {}", text,
        runs_code ? "a function whose code is in the file" : "what that is, another call decides");
    report(runs_code ? ModelRule::kRunsCode : ModelRule::kIndirectCall, effect.offset, text,
           std::move(message));
  }

  void judge_function(const ValueGraph& graph, const Effect& effect) {
    const Value& call = graph[effect.subject];
    const Callee& callee = look(graph, call.parts[0]);
    const std::string_view word = telling_word(graph, effect.subject);
    if (!word.empty()) {
      report(ModelRule::kLoadsCode, effect.offset, formats::models::render(graph, effect.subject),
             fmt::format("The file holds code of a function that uses {}", word));
      return;
    }
    // Neither pickle itself nor the libraries that can write functions write them like this.
    const bool by_hand = !knows_functions_ && callee.name.starts_with("types.");
    report(by_hand ? ModelRule::kIndirectCall : ModelRule::kEmbeddedFunction, effect.offset,
           callee.name,
           fmt::format("The file holds a function or class as code, made by {}", callee.name));
  }

  // A state may bring the method that the next state is given to. The second of two tables is set
  // attribute by attribute, so that it may bring a class as well.
  void judge_state(const ValueGraph& graph, const Effect& effect) {
    judge_known_state(graph, effect);
    const Value& state = graph[effect.argument];
    std::vector<ValueId> tables = {effect.argument};
    if (state.kind == ValueKind::kTuple) tables = state.parts;
    for (std::size_t table = 0; table < tables.size() && table < 2; ++table) {
      const Value& entries = graph[tables[table]];
      if (entries.kind != ValueKind::kDictionary) continue;
      for (std::size_t i = 0; i + 1 < entries.parts.size(); i += 2) {
        const Value& key = graph[entries.parts[i]];
        if (key.kind != ValueKind::kString) continue;
        if (key.text != "__setstate__" && (key.text != "__class__" || table == 0)) continue;
        std::string text =
            fmt::format("{} = {}", key.text, formats::models::render(graph, entries.parts[i + 1]));
        report(
            ModelRule::kIndirectCall, effect.offset, text,
            fmt::format("Loading sets {} of an object, which decides what is called next", text));
        return;
      }
    }
  }

  // Of an object that was made without more ado.
  std::string_view class_of(const ValueGraph& graph, ValueId object) {
    const Value& made = graph[object];
    if (made.kind != ValueKind::kCall || !is_global(graph, made.parts[0])) return {};
    const Callee& callee = look(graph, made.parts[0]);
    if (!callee.name.starts_with("copyreg.")) return callee.name;
    const Value& arguments = graph[made.parts[1]];
    const bool has_class = !arguments.parts.empty() && is_global(graph, arguments.parts[0]);
    return has_class ? std::string_view(look(graph, arguments.parts[0]).name) : "";
  }

  // Its state names what it calls, which pickle writes as it was made with.
  void judge_partial(const ValueGraph& graph, const Effect& effect) {
    const Value& made = graph[graph[effect.subject].parts[1]];
    const Value& state = graph[effect.argument];
    if (made.parts.empty() || state.kind != ValueKind::kTuple || state.parts.empty()) return;
    if (state.parts[0] == made.parts[0]) return;
    const std::string text = formats::models::render(graph, state.parts[0]);
    report(ModelRule::kIndirectCall, effect.offset, text,
           fmt::format("Loading puts {} in the place of what a partial function calls", text));
  }

  void judge_known_state(const ValueGraph& graph, const Effect& effect) {
    const std::string_view class_name = class_of(graph, effect.subject);
    // These unpickle the bytes that are their state, alone or first of several.
    if (class_name.ends_with("CloudpickleWrapper") ||
        class_name.ends_with("SerializationWrapper")) {
      loaded_.push_back(effect.argument);
      for (const ValueId part : graph[effect.argument].parts) loaded_.push_back(part);
    }
    if (class_name == "functools.partial") judge_partial(graph, effect);
    const std::string_view formula = hostile_formula(graph, effect.argument);
    if (formula.empty() || !class_name.starts_with("statsmodels.")) return;
    report(ModelRule::kRunsCode, effect.offset, std::string(formula),
           fmt::format("Loading makes statsmodels evaluate the formula {}, which is code",
                       std::string(formula.substr(0, kFormulaShown))));
  }

  // Rebuilt by PyTorch, or the storage that a loader finds by its key.
  bool is_tensor(const ValueGraph& graph, ValueId id) {
    const Value& value = graph[id];
    if (value.kind == ValueKind::kPersistent) return true;
    if (value.kind != ValueKind::kCall || !is_global(graph, value.parts[0])) return false;
    const std::string_view maker = look(graph, value.parts[0]).name;
    return maker.starts_with("torch._utils._rebuild") ||
           maker.starts_with("torch._tensor._rebuild");
  }

  void judge_change(const ValueGraph& graph, const Effect& effect) {
    if (effect.kind == EffectKind::kBuild) judge_state(graph, effect);
    if (effect.kind != EffectKind::kBuild && is_tensor(graph, effect.subject)) {
      report(ModelRule::kBroken, effect.offset, "SETITEM",
             "Loading sets entries of a tensor, which overwrites memory in PyTorch before 2.10 "
             "even with weights_only=True (CVE-2026-24747)");
    }
    if (!is_global(graph, effect.subject)) return;
    const Callee& callee = look(graph, effect.subject);
    told_.insert(effect.subject);
    std::string text =
        fmt::format("{} ← {}", callee.name, formats::models::render(graph, effect.argument));
    report(ModelRule::kChangesModule, effect.offset, text,
           fmt::format("Loading changes {} itself: {}", callee.name, text));
  }

  const ModelRules& rules_;
  const std::string path_;
  std::vector<event::Finding>& findings_;
  std::set<ValueId> imports_;
  std::set<ValueId> told_;  // imports that a finding names
  std::vector<ValueId> loaded_;
  std::vector<StorageClaim> storages_;
  std::set<std::string> seen_;
  bool saw_extension_ = false;
  bool breaks_rules_ = false;
  bool knows_functions_ = false;  // dill or cloudpickle made it
  std::unordered_map<ValueId, Callee> callees_;
};

}  // namespace

JudgedRun judge_run(const ModelRules& rules, std::string_view path, std::string_view bytes,
                    std::size_t begin, PickleMachine::RawArrays arrays, ValueGraph& graph) {
  JudgedRun judged;
  Judge judge(rules, path, judged.findings);
  judged.run = PickleMachine(graph, judge, arrays).run(bytes, begin);
  judge.finish(graph);
  judged.has_plausible_import = judge.saw_plausible_import(graph);
  judged.has_extension = judge.saw_extension();
  judged.breaks_rules = judge.breaks_rules();
  judged.loaded = judge.loaded();
  judged.storages = judge.take_storages();
  return judged;
}

}  // namespace vedette::scan::models
