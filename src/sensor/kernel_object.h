// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace vedette::sensor {

// The compiled kernel programs, an ELF file. Defined only where they could be built.
std::string_view kernel_object();

}  // namespace vedette::sensor
