// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"

namespace vedette::cmd {

// The folder of the content that ships with the program: $VEDETTE_CONTENT, else content/ of the
// source tree that holds build/<preset>/bin/, else <prefix>/share/vedette/content of an
// installation. ErrorCode::kNotFound says where it was looked for.
Result<std::string> find_content_folder();

// The same, with what it depends on given: `variable` is $VEDETTE_CONTENT or "", `program` the path
// of the executable.
Result<std::string> find_content_folder(const std::string& variable, const std::string& program);

}  // namespace vedette::cmd
