// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dlfcn.h>

namespace vedette {

// A library that is loaded when it is first wanted, since loading it makes every start of every
// program longer. It stays until the end. Its functions are kept in a structure beside their use:
//
//   decltype(&::function) function = nullptr;
//   ...
//   library.resolve("function", table.function)
class SharedLibrary {
 public:
  // The name of its interface, looked for where the system has libraries.
  explicit SharedLibrary(const char* name) : handle_(::dlopen(name, RTLD_NOW | RTLD_LOCAL)) {}

  // False: the library or the function is not there.
  template <typename Function>
  bool resolve(const char* name, Function& function) const {
    if (handle_ == nullptr) return false;
    function = reinterpret_cast<Function>(::dlsym(handle_, name));
    return function != nullptr;
  }

 private:
  void* handle_;
};

}  // namespace vedette
