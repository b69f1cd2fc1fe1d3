// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace vedette::cmd {

// "0.1.0"
std::string version_number();
// What --version prints: version, commit and the libraries' versions, a line each.
std::string version_text();

}  // namespace vedette::cmd
