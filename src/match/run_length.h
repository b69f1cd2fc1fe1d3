// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace vedette::match {

// Rules that look for long texts say ".{1000,}". An automaton for that has thousands of states and
// is slow on the very texts it is for, while the answer is a count of characters.

// N when the expression is just ".{N,}" or ".{N}", perhaps in a group "(.){N,}".
std::optional<std::size_t> counted_dots(std::string_view pattern);

// Whether `text` has `count` characters of UTF-8 in a row that are not line feeds. Bytes that are
// of no character break the run, as in RE2.
bool has_run_of_characters(std::string_view text, std::size_t count);

}  // namespace vedette::match
