// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace vedette::match {

// Whether `text` holds `wanted`. For one literal in a long text: looks at sixteen places at once
// for the first and the last byte of the literal, several times as fast as memmem.
bool contains_text(std::string_view text, std::string_view wanted);

// Where `wanted`, which is lower case and not empty, stands first in `text` at or behind `from`,
// ASCII letters' case ignored; std::string_view::npos where it does not.
std::size_t find_folded(std::string_view text, std::string_view wanted, std::size_t from);

}  // namespace vedette::match
