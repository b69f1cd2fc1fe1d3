// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace vedette::match {

// A lower bound of the bytes that any match of an RE2 expression takes: "a{3,}b?" needs 3. Texts
// shorter than that need not be searched, which matters for expressions like ".{1000,}", whose
// automata are slow to build. 0 where the expression has a form that this function does not know.
std::size_t minimum_match_bytes(std::string_view pattern);

}  // namespace vedette::match
