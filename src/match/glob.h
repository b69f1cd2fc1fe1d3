// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace vedette::match {

// Pattern bytes that stand for any run of bytes and for exactly one character; no UTF-8 text
// contains them.
constexpr char kAnyRun = '\xFF';
constexpr char kAnyOne = '\xFE';

// Whether the whole text matches the pattern, byte by byte. O(text * pattern) at worst, no
// allocation.
bool glob_matches(std::string_view pattern, std::string_view text);

// The longest run of literal bytes in a pattern; empty when it has none.
std::string_view longest_literal(std::string_view pattern);

}  // namespace vedette::match
