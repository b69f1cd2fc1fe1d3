// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "formats/packages/package_reading.h"

namespace vedette::formats::packages {

// "name/version@user/channel#revision%time"; a version that is a range stands in brackets. The new
// package's index.
std::uint32_t add_conan_reference(std::string_view reference, std::uint32_t line,
                                  PackageReading& reading);
// The same of what a project itself asks for.
void ask_conan_reference(std::string_view reference, std::uint32_t line, Scope scope,
                         PackageReading& reading);

}  // namespace vedette::formats::packages
