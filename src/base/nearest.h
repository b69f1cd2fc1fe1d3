// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace vedette {

// Letters to change, add or take away to make one of the other (Levenshtein). Work and memory grow
// with both: for short texts.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The name of `known` that `word` was probably meant to be; "" when none is near, or two equally.
// Longer words may be further off; two letters are never taken for one another, and words of more
// than 64 bytes for nothing.
std::string nearest(std::string_view word, std::span<const std::string> known);

}  // namespace vedette
