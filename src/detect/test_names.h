// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/arena.h"
#include "rules/model.h"

namespace vedette::detect {

// What a predicate asks, for a person: "endswith \powershell.exe". The text is copied into `arena`.
std::string_view describe(const rules::Predicate& predicate, Arena& arena);

}  // namespace vedette::detect
