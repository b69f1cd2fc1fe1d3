// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Text of unknown origin on its way to people: what a terminal would obey is made visible instead,
// and width is counted in columns, not bytes.
namespace vedette::output {

// The code point at text[at], moving `at` behind it; kInvalid and one byte further where the bytes
// are not UTF-8. `at` is below text.size().
constexpr std::uint32_t kInvalid = 0xFFFFFFFF;
std::uint32_t next_code_point(std::string_view text, std::size_t& at);

// Columns that a terminal gives to a code point: 0 (combining), 1 or 2 (East Asian wide, emoji).
unsigned column_count(std::uint32_t code_point);

// Appends `text` for a terminal: control bytes as their pictures (U+2400…), C1 controls, characters
// that turn or hide text, and bytes that are not UTF-8 as U+FFFD. Beyond `columns_max` the rest is
// cut and the last column holds an ellipsis. Returns the columns used, at most columns_max.
std::size_t append_terminal(std::string_view text, std::size_t columns_max, std::string& out);

// The same, filled up with blanks to `columns`.
void append_column(std::string_view text, std::size_t columns, std::string& out);

// Appends `text` for a file: control characters other than \t \n \r, and bytes that are not UTF-8,
// as U+FFFD.
void replace_unprintable(std::string_view text, std::string& out);

}  // namespace vedette::output
