// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace vedette::scan::models {

// Whether a path goes above the folder that it starts in, by either kind of slash: "a/../../b", not
// "a/../b".
bool climbs_out(std::string_view path);

}  // namespace vedette::scan::models
