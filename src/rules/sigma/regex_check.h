// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace vedette::rules::sigma {

constexpr std::size_t kRegexBytesMax = 64 * 1024;

// Why a pattern cannot be used by the engine, empty when it can: "" or one clause. The engine is
// RE2, which has no look-around and no back-references.
std::string regex_problem(std::string_view pattern);

// The pattern with Sigma's flags (ast.h, kRegex…) in front: "(?i)…".
std::string with_flags(std::string_view pattern, unsigned flags);

}  // namespace vedette::rules::sigma
