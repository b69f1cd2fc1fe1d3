// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "formats/packages/package.h"

namespace vedette::vulnerabilities {

// What a person types to get `version` of a package: "npm install lodash@4.17.21". `kind` is the
// kind of file that names it ("yarn", "poetry"), whose tool is asked; empty where none is known.
// What needs an edit of a file (Maven, Gradle) is said as such. Empty: nobody knows. Names that a
// shell would read as something else are not put into a command.
std::string upgrade_command(const formats::packages::Package& package, std::string_view kind,
                            std::string_view version);

}  // namespace vedette::vulnerabilities
