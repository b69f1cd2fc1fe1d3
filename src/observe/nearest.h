// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace vedette::observe {

// The one of `known` that needs the fewest changed bytes to become `text`, looked for among those
// that begin and end most alike; "" when there is none. Texts count up to kComparedMax bytes.
inline constexpr std::size_t kComparedMax = 256;
std::string nearest(std::string_view text, const std::set<std::string>& known);

}  // namespace vedette::observe
