// SPDX-License-Identifier: Apache-2.0
#include "output/gate/log_commands.h"

#include <array>

namespace vedette::output {
namespace {

struct Spelling {
  std::string_view hash;   // for the second of "##"
  std::string_view colon;  // for the first of "::"
};
// In the order of LogText. A string of JSON begins no line.
constexpr std::array<Spelling, 3> kSpellings = {
    {{" #", ": "}, {"\\u0023", ":"}, {"&#35;", "&#58;"}}};

bool begins_command(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at, 6);
  return rest.starts_with("##vso[") || rest.starts_with("##[");
}

}  // namespace

std::string without_log_commands(std::string_view text, LogText kind) {
  if (kind == LogText::kCommands) return std::string(text);
  const Spelling& spelling = kSpellings[static_cast<std::size_t>(kind)];
  std::string out;
  bool at_begin = true;  // of a line, but for blanks
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '#' && begins_command(text, i)) {
      out += '#';
      out += spelling.hash;
      ++i;
      at_begin = false;
    } else if (at_begin && c == ':' && text.substr(i, 2) == "::") {
      out += spelling.colon;
      at_begin = false;
    } else {
      out += c;
      at_begin = c == '\n' || (at_begin && (c == ' ' || c == '\t'));
    }
  }
  return out;
}

}  // namespace vedette::output
