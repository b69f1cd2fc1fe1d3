// SPDX-License-Identifier: Apache-2.0
#include "scan/models/callee.h"

#include <algorithm>
#include <array>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "formats/models/pickle/fold.h"
#include "scan/models/callee_tables.h"

namespace vedette::scan::models {
namespace {

constexpr std::string_view kNew = ".__new__";

bool covers(std::string_view module, std::string_view pattern) {
  return module == pattern || (module.starts_with(pattern) && module.size() > pattern.size() &&
                               module[pattern.size()] == '.');
}

// Whether `name` is one of the words; "+" stands for all classes, "*" for all names.
bool is_listed(std::string_view names, std::string_view name) {
  while (!names.empty()) {
    const std::size_t end = std::min(names.find(' '), names.size());
    const std::string_view word = names.substr(0, end);
    if (word == name || word == "*" || (word == "+" && is_class_name(name))) return true;
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return false;
}

// The same of what is harmless, where a detour must not come along: "*" also stands for methods of
// classes, but not for modules behind the module; "+" for classes and classes in classes, but not
// for their methods.
bool is_harmless(std::string_view names, std::string_view name) {
  bool classes_before = true;
  std::string_view last = name;
  for (std::size_t dot = last.find('.'); dot != std::string_view::npos; dot = last.find('.')) {
    classes_before = classes_before && is_class_name(last.substr(0, dot));
    last.remove_prefix(dot + 1);
  }
  while (!names.empty()) {
    const std::size_t end = std::min(names.find(' '), names.size());
    const std::string_view word = names.substr(0, end);
    if (word == name || (word == "*" && classes_before) ||
        (word == "+" && classes_before && is_class_name(last)))
      return true;
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return false;
}

std::string_view first_part(std::string_view dotted) { return dotted.substr(0, dotted.find('.')); }

// Rows by the first part of their module: no other row can cover a name. In the rows' own order.
class RowIndex {
 public:
  explicit RowIndex(std::span<const CalleeRow> rows) {
    for (const CalleeRow& row : rows) rows_[first_part(row.module)].push_back(&row);
  }
  std::span<const CalleeRow* const> rows_of(std::string_view dotted) const {
    const auto found = rows_.find(first_part(dotted));
    if (found == rows_.end()) return {};
    return found->second;
  }

 private:
  std::unordered_map<std::string_view, std::vector<const CalleeRow*>> rows_;
};

const RowIndex& dangerous() {
  static const RowIndex kIndex(dangerous_rows());
  return kIndex;
}

const RowIndex& harmless() {
  static const RowIndex kIndex(harmless_rows());
  return kIndex;
}

// The same function has several spellings, "keras.models" "load_model" and "keras"
// "models.load_model": what stands behind the row's module is compared as well.
bool reaches(const CalleeRow& row, std::string_view module, std::string_view name,
             std::string_view full_name) {
  if (covers(module, row.module) && is_listed(row.names, name)) return true;
  if (full_name.size() <= row.module.size() + 1 || !covers(full_name, row.module)) return false;
  return is_listed(row.names, full_name.substr(row.module.size() + 1));
}

// A module behind a module: torch.serialization's os.system. Libraries have modules of their own
// that are called like some of Python's (scipy.signal, acme.code), so that what stands in the
// module's name counts only where it cannot be one of these.
bool ends_in_dangerous(std::string_view name, std::size_t module_size) {
  constexpr auto kUnmistakable = std::to_array<std::string_view>({"subprocess", "runpy", "pty"});
  for (std::size_t at = name.find('.'); at != std::string_view::npos; at = name.find('.', at + 1)) {
    const std::string_view rest = name.substr(at + 1);
    for (const CalleeRow* row : dangerous().rows_of(rest)) {
      if (row->capability != Capability::kRunsCode || !rest.starts_with(row->module)) continue;
      if (at < module_size && row->names == "*" &&
          std::ranges::find(kUnmistakable, row->module) == kUnmistakable.end()) {
        continue;
      }
      if (rest.size() > row->module.size() + 1 && rest[row->module.size()] == '.' &&
          is_listed(row->names, rest.substr(row->module.size() + 1))) {
        return true;
      }
    }
  }
  return false;
}

// Modules keep Python's own under other names: random's _os, argparse's _sys, numpy's np.
std::string without_aliases(std::string_view name) {
  constexpr auto kAliases =
      std::to_array<std::pair<std::string_view, std::string_view>>({{"_os", "os"},
                                                                    {"_sys", "sys"},
                                                                    {"_io", "io"},
                                                                    {"_shutil", "shutil"},
                                                                    {"_builtins", "builtins"},
                                                                    {"_importlib", "importlib"},
                                                                    {"_imp", "_imp"},
                                                                    {"_thread", "threading"},
                                                                    {"_threading", "threading"},
                                                                    {"_pickle", "pickle"},
                                                                    {"_subprocess", "subprocess"},
                                                                    {"np", "numpy"},
                                                                    {"pd", "pandas"}});
  std::string out;
  while (!name.empty()) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    const std::string_view part = name.substr(0, dot);
    const auto* const alias =
        std::ranges::find(kAliases, part, [](const auto& a) { return a.first; });
    if (!out.empty()) out += '.';
    out += alias == kAliases.end() ? part : alias->second;
    name.remove_prefix(std::min(dot + 1, name.size()));
  }
  return out;
}

// The same within the attribute alone, whose first part is no package: numpy.core._internal's
// ctypes.CDLL. Null where it leads nowhere.
const CalleeRow* behind_attributes(std::string_view name) {
  while (name.find('.') != std::string_view::npos) {
    for (const CalleeRow* row : dangerous().rows_of(name)) {
      if (!covers(name, row->module) || name.size() <= row->module.size()) continue;
      if (!is_listed(row->names, name.substr(row->module.size() + 1))) continue;
      // What runs code is looked for in the whole name.
      const bool counts =
          row->capability >= Capability::kReadsFiles && row->capability != Capability::kRunsCode;
      return counts ? row : nullptr;
    }
    name.remove_prefix(name.find('.') + 1);
  }
  return nullptr;
}

// A module that another one has imported: no pickle needs one, and whoever gets it has all that is
// in it.
bool is_module_behind(std::string_view name) {
  constexpr auto kModules = std::to_array<std::string_view>(
      {"os",        "posix",     "nt",          "sys",      "subprocess",      "builtins",
       "ctypes",    "importlib", "pickle",      "_pickle",  "cPickle",         "marshal",
       "shutil",    "socket",    "runpy",       "pty",      "multiprocessing", "asyncio",
       "threading", "urllib",    "requests",    "tempfile", "operator",        "functools",
       "inspect",   "gc",        "__builtin__", "imp",      "pkgutil",         "webbrowser"});
  return std::ranges::find(kModules, name.substr(name.rfind('.') + 1)) != kModules.end();
}

// What imports or runs what it is given, under whichever module it is found: much of Python's own
// is imported by name.
bool is_unmistakable(std::string_view name) {
  constexpr auto kNames = std::to_array<std::string_view>({"Popen",
                                                           "check_output",
                                                           "check_call",
                                                           "getoutput",
                                                           "CDLL",
                                                           "PyDLL",
                                                           "SourceFileLoader",
                                                           "SourcelessFileLoader",
                                                           "InteractiveInterpreter",
                                                           "InteractiveConsole",
                                                           "exec_command",
                                                           "import_optional_dependency",
                                                           "import_module",
                                                           "import_string",
                                                           "import_object",
                                                           "import_file",
                                                           "import_from_string",
                                                           "load_module",
                                                           "load_object",
                                                           "safe_import",
                                                           "import_dotted_path",
                                                           "import_class",
                                                           "_import_dotted_name"});
  return std::ranges::find(kNames, name.substr(name.rfind('.') + 1)) != kNames.end();
}

}  // namespace

std::string_view to_string(Capability capability) {
  constexpr std::array<std::string_view, 10> kTexts = {"rebuilds an object",
                                                       "makes a function of code in the file",
                                                       "makes an object of an unknown class",
                                                       "calls an unknown function",
                                                       "reaches other code indirectly",
                                                       "reads files",
                                                       "changes files",
                                                       "uses the network",
                                                       "loads other code",
                                                       "runs code"};
  return kTexts[static_cast<std::size_t>(capability)];
}

bool is_class_name(std::string_view name) {
  const std::size_t first = name.find_first_not_of('_');
  return first != std::string_view::npos && name[first] >= 'A' && name[first] <= 'Z';
}

Callee look_up(std::string_view module, std::string_view name) {
  Callee callee;
  module = formats::models::canonical_module(module);
  std::string module_text(module);
  // NumPy 2 writes numpy._core, NumPy 1 numpy.core.
  if (module_text.starts_with("numpy._core")) module_text.replace(0, 11, "numpy.core");
  module = module_text;
  callee.name = module_text;
  if (!name.empty()) (callee.name += '.') += name;
  if (name.ends_with(kNew)) name.remove_suffix(kNew.size());
  callee.is_standard = is_standard_module(module);
  callee.is_library = !callee.is_standard && !module.starts_with("__") &&
                      !harmless().rows_of(first_part(module)).empty();
  // A module on its own does nothing yet.
  if (name.empty()) {
    callee.capability = Capability::kIndirect;
    return callee;
  }
  if (has_hidden_walk(name)) {
    callee.capability = Capability::kRunsCode;
    return callee;
  }
  // callee.name begins with the module, so that both have the same first part.
  for (const CalleeRow* row : dangerous().rows_of(callee.name)) {
    // Harmless parts of what is dangerous stand before it.
    if (row->capability == Capability::kHarmless && !is_harmless(row->names, name)) continue;
    if (reaches(*row, module, name, callee.name)) {
      callee.capability = row->capability;
      return callee;
    }
    // builtins.getattr(os, "path") and "os" "path.join".
  }
  const std::string plain_name = without_aliases(name);
  if (const CalleeRow* row = behind_attributes(plain_name)) {
    callee.capability = row->capability;
    return callee;
  }
  const std::string plain_path = module_text + '.' + plain_name;
  if (ends_in_dangerous(plain_path, module.size())) {
    callee.capability = Capability::kRunsCode;
    return callee;
  }
  if (is_module_behind(name) || is_unmistakable(name)) {
    callee.capability = Capability::kLoadsCode;
    return callee;
  }
  for (const CalleeRow* row : harmless().rows_of(callee.name)) {
    if (covers(module, row->module) && is_harmless(row->names, name)) {
      callee.capability = row->capability;
      return callee;
    }
  }
  // What Cython writes for each class: given the class, a checksum and the state.
  const bool is_known = callee.is_standard || callee.is_library;
  if (name.starts_with("__pyx_unpickle_")) {
    callee.capability = is_known ? Capability::kHarmless : Capability::kUnknownClass;
  } else if (is_class_name(name.substr(name.rfind('.') + 1)) && !callee.is_standard) {
    callee.capability = Capability::kUnknownClass;
  }
  return callee;
}

bool has_hidden_walk(std::string_view name) {
  constexpr auto kWalks = std::to_array<std::string_view>(
      {"__globals__", "__builtins__", "__subclasses__", "__mro__", "__bases__", "__code__",
       "__loader__", "__import__", "__getattribute__", "__self__", "f_builtins", "f_globals",
       "gi_frame", "cr_frame", "ag_frame", "tb_frame", "func_globals"});
  return std::ranges::any_of(
      kWalks, [name](std::string_view walk) { return name.find(walk) != std::string_view::npos; });
}

bool rebuilds_by_name(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  std::string_view last = dot == std::string_view::npos ? name : name.substr(dot + 1);
  const bool is_private = last.starts_with('_');
  while (last.starts_with('_')) last.remove_prefix(1);
  const auto holds = [last](std::string_view word) {
    return last.find(word) != std::string_view::npos;
  };
  if (holds("rebuild") || holds("reconstruct") || holds("unpickle") || holds("recreate") ||
      holds("reconst_"))
    return true;
  constexpr auto kBegins = std::to_array<std::string_view>(
      {"restore", "new_", "make_", "create_", "from_state", "from_other", "get_default", "unreduce",
       "none_constructor", "picklable_"});
  return is_private && std::ranges::any_of(kBegins, [last](std::string_view word) {
           return last.starts_with(word);
         });
}

bool is_harmless_import(std::string_view module) {
  module = formats::models::canonical_module(module);
  // Of these each name is judged, and each program has imported them.
  if (module == "os" || module == "os.path" || module == "sys" || module == "inspect") return true;
  for (const CalleeRow* row : dangerous().rows_of(module)) {
    if (row->names == "*" && covers(module, row->module)) return false;
  }
  return is_standard_module(module) || !harmless().rows_of(first_part(module)).empty();
}

bool unpickles(std::string_view name) {
  return name == "torch.storage._load_from_bytes" ||
         name == "numba.core.serialize._unpickle__CustomPickled" ||
         (name.starts_with("spacy.") && name.find(".unpickle_") != std::string_view::npos);
}

bool goes_to_places(const Callee& callee) {
  return !callee.is_standard && !callee.name.starts_with("numpy.") &&
         !callee.name.starts_with("__torch__") && callee.name != "torch.device";
}

}  // namespace vedette::scan::models
