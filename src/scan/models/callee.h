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
  std::string name;  // canonical: "os.system" for posix.system
};
// `module` and `name` as the pickle has them.
Callee look_up(std::string_view module, std::string_view name);

}  // namespace vedette::scan::models
