// SPDX-License-Identifier: Apache-2.0
#include "output/csv.h"

#include "output/terminal.h"

namespace vedette::output {

void append_csv_cell(std::string_view text, std::string& out) {
  std::string clean;
  replace_unprintable(text, clean);
  const bool formula =
      !clean.empty() && std::string_view("=+-@\t\r").find(clean[0]) != std::string_view::npos;
  if (formula) clean.insert(clean.begin(), '\'');
  if (clean.find_first_of(",\"\r\n") == std::string::npos) {
    out += clean;
    return;
  }
  out += '"';
  for (const char c : clean) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace vedette::output
