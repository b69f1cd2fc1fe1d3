// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "rules/secret/model.h"

namespace vedette::rules::secret {

// Whether matches that begin at `a` and `b` are as near to each other as a rule requires it.
// Columns of different lines are compared as they are, as gitleaks does; so is its counting, by
// which those of the first line are one smaller.
bool is_near(std::string_view content, std::size_t a, std::size_t b, const Required& required);

}  // namespace vedette::rules::secret
