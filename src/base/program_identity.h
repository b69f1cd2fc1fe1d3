// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace vedette {

// Differs between any two builds of the running program: the linker's build id (a hash of all that
// was linked), else size and time of its file. For what may be used again by the same program only.
std::string program_identity();

}  // namespace vedette
