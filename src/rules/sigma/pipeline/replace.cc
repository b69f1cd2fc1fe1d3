// SPDX-License-Identifier: Apache-2.0
#include "rules/sigma/pipeline/replace.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "rules/sigma/text.h"

namespace vedette::rules::sigma {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A group's number, by number or by name; negative when there is none.
int group_index(std::string_view text, const std::vector<std::string>& names) {
  int index = -1;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), index);
  if (read.ec == std::errc() && read.ptr == text.data() + text.size()) {
    return index >= 0 && static_cast<std::size_t>(index) < names.size() ? index : -1;
  }
  const auto found = std::ranges::find(names, text);
  return found == names.end() || text.empty() ? -1 : static_cast<int>(found - names.begin());
}

char unescaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    default:
      return c;
  }
}

// Replaced text becomes part of a Sigma text: backslashes are literal unless they escape a
// wildcard.
std::string parse_replaced(std::string_view plain, bool placeholders) {
  std::string raw;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const bool escapes = i + 1 < plain.size() && (plain[i + 1] == '*' || plain[i + 1] == '?');
    if (plain[i] == '\\' && !escapes) raw.push_back('\\');
    raw.push_back(plain[i]);
  }
  std::string text = parse_text(raw);
  if (placeholders) insert_placeholders(text);
  return text;
}

// One character of a text, or one mark, in its plain form and as it was.
struct Unit {
  std::size_t start = 0;
  std::size_t end = 0;
  std::string_view original;
};

}  // namespace

Result<std::vector<Replacer::Piece>> Replacer::parse_replacement(
    std::string_view replacement, const std::vector<std::string>& names) {
  std::vector<Piece> pieces(1);
  for (std::size_t i = 0; i < replacement.size(); ++i) {
    if (replacement[i] != '\\' || i + 1 == replacement.size()) {
      pieces.back().text.push_back(replacement[i]);
      continue;
    }
    const char next = replacement[++i];
    std::string_view group;
    if (is_digit(next)) {
      const std::size_t digits = i + 1 < replacement.size() && is_digit(replacement[i + 1]) ? 2 : 1;
      group = replacement.substr(i, digits);
      i += digits - 1;
    } else if (next == 'g' && replacement.substr(i + 1).starts_with('<')) {
      const std::size_t close = replacement.find('>', i);
      if (close == std::string_view::npos) {
        return failure(ErrorCode::kInvalid, "the replacement holds '\\g<' without '>'");
      }
      group = replacement.substr(i + 2, close - i - 2);
      i = close;
    } else {
      // Python refuses other escapes of letters; they are taken as written here.
      const bool letter = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
      if (letter && unescaped(next) == next) pieces.back().text.push_back('\\');
      pieces.back().text.push_back(unescaped(next));
      continue;
    }
    const int index = group_index(group, names);
    if (index < 0) {
      return failure(ErrorCode::kInvalid,
                     fmt::format("the replacement names the group '{}', which the regular "
                                 "expression does not have",
                                 group));
    }
    pieces.push_back({{}, index});
    pieces.emplace_back();
  }
  return pieces;
}

Result<Replacer> Replacer::create(const std::string& pattern, std::string_view replacement) {
  TRY(match::Regex compiled, match::Regex::compile(pattern));
  TRY(std::vector<Piece> pieces, parse_replacement(replacement, compiled.group_names()));
  return Replacer(std::move(compiled), std::move(pieces));
}

bool Replacer::next(std::string_view text, std::size_t from, Found& found) const {
  std::vector<std::string_view> groups;
  if (!pattern_.find(text, from, match::Regex::Anchor::kAnywhere, groups)) return false;
  found.start = static_cast<std::size_t>(groups[0].data() - text.data());
  found.end = found.start + groups[0].size();
  found.replacement.clear();
  for (const Piece& piece : pieces_) {
    found.replacement += piece.text;
    if (piece.group < 0) continue;
    const std::string_view group = groups[static_cast<std::size_t>(piece.group)];
    if (group.data() != nullptr) found.replacement += group;
  }
  return true;
}

std::string Replacer::substitute(std::string_view text) const {
  std::string result;
  std::size_t kept = 0;
  std::size_t from = 0;
  Found found;
  while (result.size() <= kReplacedBytesMax && next(text, from, found)) {
    result.append(text.substr(kept, found.start - kept));
    result.append(found.replacement);
    kept = found.end;
    // After an empty match the search goes on one character further.
    from = found.end + (found.end == found.start ? 1 : 0);
    if (from > text.size()) break;
  }
  result.append(text.substr(kept));
  return result;
}

std::string Replacer::replace_literals(std::string_view text, bool interpret) const {
  std::string result;
  for_each_part(
      text,
      [&](std::string_view part) {
        const std::string replaced = substitute(part);
        result += interpret ? parse_text(replaced) : replaced;
      },
      [&](std::string_view mark) { result += mark; });
  return result;
}

std::string Replacer::replace_plain(std::string_view text) const {
  std::string plain;
  std::vector<Unit> units;
  const auto add = [&](std::string_view original) {
    const std::size_t start = plain.size();
    plain += plain_text(original);
    units.push_back({start, plain.size(), original});
  };
  for_each_part(
      text,
      [&](std::string_view part) {
        for (std::size_t i = 0; i < part.size(); ++i) add(part.substr(i, 1));
      },
      add);

  const bool placeholders = has_placeholder(text);
  std::string result;
  std::string pending;  // replaced plain text that is still to be parsed
  const auto flush = [&] {
    result += parse_replaced(pending, placeholders);
    pending.clear();
  };
  std::size_t unit = 0;
  const auto keep = [&](std::size_t start, std::size_t end) {
    for (; unit < units.size() && units[unit].start < end; ++unit) {
      const Unit& one = units[unit];
      if (one.end <= start) continue;
      if (one.start >= start && one.end <= end) {
        flush();
        result += one.original;
        continue;
      }
      // A match begins or ends inside of a mark.
      const std::size_t first = std::max(one.start, start);
      pending += plain.substr(first, std::min(one.end, end) - first);
      if (one.end > end) break;
    }
  };
  std::size_t kept = 0;
  std::size_t from = 0;
  Found found;
  while (result.size() <= kReplacedBytesMax && next(plain, from, found)) {
    keep(kept, found.start);
    pending += found.replacement;
    kept = found.end;
    from = found.end + (found.end == found.start ? 1 : 0);
    if (from > plain.size()) break;
  }
  keep(kept, plain.size());
  flush();
  return result;
}

}  // namespace vedette::rules::sigma
