// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "match/regex.h"

namespace vedette::rules::sigma {

constexpr std::size_t kReplacedBytesMax = 1 << 20;

// Python's re.sub() on the text of a Sigma string: every match of a pattern is replaced, and the
// replacement may name groups (`\1`, `\g<1>`, `\g<name>`).
class Replacer {
 public:
  static Result<Replacer> create(const std::string& pattern, std::string_view replacement);

  // Replaces in the plain form of the whole text; what was replaced may hold wildcards and
  // placeholders, everything else stays what it was.
  std::string replace_plain(std::string_view text) const;
  // Replaces in each literal part alone; `interpret`: wildcards in the results count.
  std::string replace_literals(std::string_view text, bool interpret) const;

 private:
  // A piece of the replacement: literal text, or a group when `group` is not negative.
  struct Piece {
    std::string text;
    int group = -1;
  };
  Replacer(match::Regex pattern, std::vector<Piece> pieces)
      : pattern_(std::move(pattern)), pieces_(std::move(pieces)) {}

  // The next match at or behind `from`, and its replacement.
  struct Found {
    std::size_t start = 0;
    std::size_t end = 0;
    std::string replacement;
  };
  bool next(std::string_view text, std::size_t from, Found& found) const;
  std::string substitute(std::string_view text) const;
  static Result<std::vector<Piece>> parse_replacement(std::string_view replacement,
                                                      const std::vector<std::string>& names);

  match::Regex pattern_;
  std::vector<Piece> pieces_;
};

}  // namespace vedette::rules::sigma
