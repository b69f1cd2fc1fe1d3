// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::formats::models {

// A call in Python's source text, with what its names stand for: `from os import system as s`, then
// `s("x")` is a call of "os", "system". What a name is bound to otherwise is not followed.
struct PythonCall {
  std::string module;  // "builtins" for names that nothing binds
  std::string name;
  std::string argument;  // the first, where it is a text; in TorchScript the first text
  std::string function;  // the outermost one that it stands in
  std::uint32_t line = 0;
  bool at_import = false;  // not in a function: runs when the file is imported
};

inline constexpr std::size_t kPythonCallsMax = 20'000;

// Comments and texts are no calls. Never fails; of what is no Python something may come out.
std::vector<PythonCall> python_calls(std::string_view source);

// The same of TorchScript's code, which has no imports: "torch.save" is "save" of "torch".
std::vector<PythonCall> torch_script_calls(std::string_view source);

}  // namespace vedette::formats::models
