// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace vedette::output {

// Appends one cell after RFC 4180 section 2: quoted where it holds a separator, quote or line
// break. Bytes that are not UTF-8 and control characters other than line breaks and tabs become
// U+FFFD; a cell that a spreadsheet would take for a formula is given a leading apostrophe.
void append_csv_cell(std::string_view text, std::string& out);

}  // namespace vedette::output
