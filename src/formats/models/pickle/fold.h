// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "formats/models/pickle/graph.h"

namespace vedette::formats::models {

// What a call gives where that follows from its arguments alone: decoded and joined texts,
// attributes of modules, modules by their names, what partial() and methodcaller() come to. Gives
// kUnknownValue where it does not. The call itself is told all the same.
ValueId fold_call(ValueGraph& graph, ValueId call);

// Names of Python 2 and of modules behind modules: "__builtin__" is "builtins", "posix" is "os".
std::string_view canonical_module(std::string_view module);

}  // namespace vedette::formats::models
