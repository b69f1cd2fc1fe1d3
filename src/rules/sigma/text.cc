// SPDX-License-Identifier: Apache-2.0
#include "rules/sigma/text.h"

#include <algorithm>

namespace vedette::rules::sigma {
namespace {

bool is_wildcard(char c) { return c == kAnyRun || c == kAnyOne; }

// Where a placeholder that opens at `open` ends (its second percent sign), npos if it is none.
std::size_t placeholder_end(std::string_view part, std::size_t open) {
  const std::size_t end = part.find('%', open + 1);
  if (end == std::string_view::npos || end == open + 1) return std::string_view::npos;
  const std::string_view name = part.substr(open + 1, end - open - 1);
  return name.find('\\') == std::string_view::npos ? end : std::string_view::npos;
}

}  // namespace

std::string parse_text(std::string_view raw) {
  std::string text;
  text.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char c = raw[i];
    if (c == '\\' && i + 1 < raw.size()) {
      const char next = raw[i + 1];
      if (next != '*' && next != '?' && next != '\\') text.push_back(c);
      text.push_back(next);
      ++i;
    } else if (c == '*') {
      text.push_back(kAnyRun);
    } else if (c == '?') {
      text.push_back(kAnyOne);
    } else {
      text.push_back(c);
    }
  }
  return text;
}

std::string written_text(std::string_view text) {
  std::string raw;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (c == kAnyRun) {
      raw.push_back('*');
    } else if (c == kAnyOne) {
      raw.push_back('?');
    } else if (c == kPlaceholderMark) {
      raw.push_back('%');
    } else {
      const bool escaped =
          c == '*' || c == '?' ||
          (c == '\\' && (next == '\\' || next == '*' || next == '?' || is_wildcard(next)));
      if (escaped) raw.push_back('\\');
      raw.push_back(c);
    }
  }
  return raw;
}

std::string plain_text(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c == '*' || c == '?') plain.push_back('\\');
    plain.push_back(c == kAnyRun ? '*' : c == kAnyOne ? '?' : c == kPlaceholderMark ? '%' : c);
  }
  return plain;
}

bool has_wildcard(std::string_view text) { return std::ranges::any_of(text, is_wildcard); }

bool has_placeholder(std::string_view text) {
  return text.find(kPlaceholderMark) != std::string_view::npos;
}

void collapse_runs(std::string& text) {
  const auto tail = std::ranges::unique(
      text, [](char left, char right) { return left == kAnyRun && right == kAnyRun; });
  text.erase(tail.begin(), tail.end());
}

void add_leading_run(std::string& text) {
  if (!text.starts_with(kAnyRun)) text.insert(text.begin(), kAnyRun);
}

void add_trailing_run(std::string& text) {
  if (!text.ends_with(kAnyRun)) text.push_back(kAnyRun);
}

void insert_placeholders(std::string& text) {
  if (text.find('%') == std::string::npos) return;
  std::string result;
  const auto literal = [&](std::string_view part) {
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (part[i] == '\\' && i + 1 < part.size() && part[i + 1] == '%') {
        result.push_back('%');
        ++i;
        continue;
      }
      const std::size_t end = part[i] == '%' ? placeholder_end(part, i) : std::string_view::npos;
      if (end == std::string_view::npos) {
        result.push_back(part[i]);
        continue;
      }
      result.push_back(kPlaceholderMark);
      result.append(part.substr(i + 1, end - i - 1));
      result.push_back(kPlaceholderMark);
      i = end;
    }
  };
  for_each_part(text, literal, [&](std::string_view mark) { result.append(mark); });
  text = std::move(result);
}

std::vector<std::string> placeholder_names(std::string_view text) {
  std::vector<std::string> names;
  for_each_part(
      text, [](std::string_view) {},
      [&](std::string_view mark) {
        if (mark[0] == kPlaceholderMark) names.emplace_back(mark.substr(1, mark.size() - 2));
      });
  return names;
}

std::optional<std::vector<std::string>> replace_placeholders(std::string_view text,
                                                             const Variables& variables,
                                                             Insert insert) {
  std::vector<std::string> results(1);
  bool too_many = false;
  const auto append = [&](std::string_view part) {
    for (std::string& result : results) result.append(part);
  };
  for_each_part(text, append, [&](std::string_view mark) {
    const auto found = mark[0] == kPlaceholderMark ? variables.find(mark.substr(1, mark.size() - 2))
                                                   : variables.end();
    if (found == variables.end()) return append(mark);
    if (results.size() * found->second.size() > kPlaceholderResultsMax) too_many = true;
    if (too_many) return;
    std::vector<std::string> next;
    next.reserve(results.size() * found->second.size());
    for (const std::string& result : results) {
      for (const std::string& value : found->second) {
        next.push_back(result + (insert == Insert::kParsed ? parse_text(value) : value));
      }
    }
    results = std::move(next);
  });
  if (too_many) return std::nullopt;
  return results;
}

}  // namespace vedette::rules::sigma
