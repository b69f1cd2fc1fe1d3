// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace vedette::rules::sigma {

// An IPv4 or IPv6 network as rules write it ("10.0.0.0/8", "10.0.0.0/255.0.0.0", "::1") in the one
// form "address/prefix". An address with bits set behind the prefix is refused, as Python's
// ip_network() does.
Result<std::string> canonical_network(std::string_view written);

}  // namespace vedette::rules::sigma
