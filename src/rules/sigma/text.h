// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/sigma/ast.h"

// The text of Sigma strings (ValueKind::kString): escapes, wildcards and placeholders.
namespace vedette::rules::sigma {

// Reads a string as a rule writes it (specification, "Escaping"): `*` and `?` are wildcards;
// `\*`, `\?` and `\\` are the second character; a backslash before anything else, or at the end,
// is itself.
std::string parse_text(std::string_view raw);

// The way back, for messages and for pipelines that work on the written form: wildcards as `*` and
// `?`, placeholders as %name%. Literal wildcards are escaped; backslashes where they must be.
std::string written_text(std::string_view text);

// pySigma's plain form, which its pipelines match and replace in: as written_text(), but no
// backslash is escaped, so that `a\*` may be either of two texts.
std::string plain_text(std::string_view text);

bool has_wildcard(std::string_view text);
bool has_placeholder(std::string_view text);

// Replaces runs of adjacent kAnyRun by one.
void collapse_runs(std::string& text);
void add_leading_run(std::string& text);   // unless there is one
void add_trailing_run(std::string& text);  // unless there is one

// Makes placeholders of %name% in the literal parts (`|expand`). `\%` is a literal percent sign, a
// lone one too, and a name holds no backslash.
void insert_placeholders(std::string& text);

// The names of the placeholders in `text`.
std::vector<std::string> placeholder_names(std::string_view text);

// A text is a run of literal parts and single marks; calls literal(part) and mark(part) in order,
// where a mark is one kAnyRun or kAnyOne byte or a whole placeholder with its delimiters.
template <typename Literal, typename Mark>
void for_each_part(std::string_view text, Literal&& literal, Mark&& mark) {
  std::size_t start = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    if (static_cast<unsigned char>(text[at]) < static_cast<unsigned char>(kPlaceholderMark)) {
      ++at;
      continue;
    }
    if (at > start) literal(text.substr(start, at - start));
    std::size_t end = at + 1;
    if (text[at] == kPlaceholderMark) end = text.find(kPlaceholderMark, at + 1) + 1;
    mark(text.substr(at, end - at));
    start = at = end;
  }
  if (at > start) literal(text.substr(start));
}

// Values of placeholders, as written.
using Variables = std::map<std::string, std::vector<std::string>, std::less<>>;
// How a value goes into the text: as Sigma text with its escapes and wildcards, or byte by byte
// (regular expressions).
enum class Insert : std::uint8_t { kParsed, kAsWritten };
// Results of one text; more are refused.
constexpr std::size_t kPlaceholderResultsMax = 65536;

// All texts with the known placeholders replaced, every value combined with every other; unknown
// placeholders stay. Nothing when there would be more than kPlaceholderResultsMax.
std::optional<std::vector<std::string>> replace_placeholders(std::string_view text,
                                                             const Variables& variables,
                                                             Insert insert);

}  // namespace vedette::rules::sigma
