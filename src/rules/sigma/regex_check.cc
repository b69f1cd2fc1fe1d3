// SPDX-License-Identifier: Apache-2.0
#include "rules/sigma/regex_check.h"

#include <fmt/format.h>

#include "match/regex.h"
#include "rules/sigma/ast.h"

namespace vedette::rules::sigma {

std::string regex_problem(std::string_view pattern) {
  if (pattern.size() > kRegexBytesMax) {
    return fmt::format("the regular expression is longer than {} bytes", kRegexBytesMax);
  }
  const auto compiled = match::Regex::compile(pattern);
  return compiled.has_value() ? std::string() : compiled.error().message;
}

std::string with_flags(std::string_view pattern, unsigned flags) {
  if (flags == 0) return std::string(pattern);
  std::string letters;
  if ((flags & kRegexIgnoreCase) != 0) letters.push_back('i');
  if ((flags & kRegexMultiline) != 0) letters.push_back('m');
  if ((flags & kRegexDotAll) != 0) letters.push_back('s');
  return fmt::format("(?{}){}", letters, pattern);
}

}  // namespace vedette::rules::sigma
