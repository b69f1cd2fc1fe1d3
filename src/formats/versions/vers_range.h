// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "formats/packages/package.h"

namespace vedette::formats::versions {

enum class InRange : std::uint8_t { kNo, kYes, kUnknown };

// Whether a version is in a range as "vers:npm/1.2.3|>=2.0.0|<5" has it (package-url/vers-spec),
// in the order of `ecosystem`. kUnknown where the text is no such range.
InRange in_vers_range(packages::Ecosystem ecosystem, std::string_view range,
                      std::string_view version);

}  // namespace vedette::formats::versions
