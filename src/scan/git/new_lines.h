// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "scan/content.h"

namespace vedette::scan::git {

// Lines of `now` that are not in `before`, each as often as it is there more often, wherever they
// stand: what was only moved is not new. Neighbours together.
std::vector<Content::Lines> new_lines(std::string_view before, std::string_view now);

}  // namespace vedette::scan::git
