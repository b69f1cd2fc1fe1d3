// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace vedette::observe {

enum class Machine : std::uint8_t { kAmd64, kI386 };

// Names of the calls whose bits are set in the DATA of a CALLS_SEEN record. A number without a name
// here is left out: no filter could name it either.
std::set<std::string> call_names(std::string_view bits, Machine machine);

}  // namespace vedette::observe
