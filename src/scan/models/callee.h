// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// What a name that a pickle imports can do when it is called.
namespace vedette::scan::models {

enum class Capability : std::uint8_t {
  kHarmless,       // what a known library writes to rebuild its objects
  kMakesFunction,  // of code in the pickle (dill, cloudpickle): runs when the model is used
  kUnknownClass,   // a class of a package that is not known
  kUnknown,        // a function that is not known
  kIndirect,       // finds, prepares or calls something else
  kReadsFiles,
  kWritesFiles,
  kNetwork,
  kLoadsCode,  // a library, a module, another pickle
  kRunsCode,
};
std::string_view to_string(Capability capability);

struct Callee {
  Capability capability = Capability::kUnknown;
  std::string name;          // canonical: "os.system" for posix.system
  bool is_standard = false;  // of Python's own library
  bool is_library = false;   // of another that is known
};
// `module` and `name` as the pickle has them. Of "Name.__new__", which makes an object without its
// __init__, the class counts.
Callee look_up(std::string_view module, std::string_view name);

// Whether importing the module does nothing but make its names known: one of Python's own or of a
// known library, of which not all names are dangerous.
bool is_harmless_import(std::string_view module);

// Harmless but for what is in the bytes that it is given.
bool unpickles(std::string_view name);

// Whether what is listed as harmless may go to a place that it is given. Of Python's and NumPy's
// own nothing does.
bool goes_to_places(const Callee& callee);

// Attributes that lead from anything to everything: "join.__globals__", "gi_frame.f_builtins".
bool has_hidden_walk(std::string_view name);

// As libraries name the functions that pickles rebuild their objects by: "_unpickle_unit",
// "reconstruct", "_restore_curry".
bool rebuilds_by_name(std::string_view name);

// As classes are named: "Net", "_Helper".
bool is_class_name(std::string_view name);

}  // namespace vedette::scan::models
