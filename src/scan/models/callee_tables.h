// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "scan/models/callee.h"

namespace vedette::scan::models {

// A module with all below it, and names in it: words, "+" for all classes, "*" for all names.
struct CalleeRow {
  std::string_view module;
  std::string_view names;
  Capability capability = Capability::kHarmless;
};

// Asked first.
std::span<const CalleeRow> dangerous_rows();
// What libraries write to rebuild their objects.
std::span<const CalleeRow> harmless_rows();
// Of Python's own library: what is not listed as harmless there is suspicious, classes too.
bool is_standard_module(std::string_view module);

}  // namespace vedette::scan::models
