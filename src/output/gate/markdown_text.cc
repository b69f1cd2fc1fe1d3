// SPDX-License-Identifier: Apache-2.0
#include "output/gate/markdown_text.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

#include "output/finding/finding_text.h"

namespace vedette::output {
namespace {

// Characters that begin something in GitHub's or GitLab's Markdown. Written as an entity one is a
// character and nothing else (CommonMark 0.31 section 2.5).
constexpr std::string_view kMeaning = "\\`*_{}[]()<>#+!|~$@&%^=:;\"'";

// Mentions, references to requests, labels and milestones, and addresses are looked for in what has
// been rendered, where an entity is the character that it stands for; a blank of no width after it
// ends them. GitLab: "GitLab-specific references"; GitHub: "Autolinked references and URLs".
constexpr std::string_view kReferences = "@#!~$%&^[";
constexpr std::string_view kNoWidth = "&#8203;";

std::string_view cut(std::string_view text) {
  if (text.size() <= kMarkdownBytesMax) return text;
  std::size_t end = kMarkdownBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

bool ends_with_word(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  return std::ranges::equal(text.substr(text.size() - word.size()), word, [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == b;
  });
}

// "- ", "1. " and blanks begin lists and code at the begin of a line.
bool begins_list(std::string_view text) {
  if (text.empty()) return false;
  const std::size_t digits = text.find_first_not_of("0123456789");
  if (digits == 0) return text[0] == '-' || text[0] == ' ';
  return digits != std::string_view::npos && (text[digits] == '.' || text[digits] == ')') &&
         (digits + 1 == text.size() || text[digits + 1] == ' ');
}

// Whether the character at `at` may make a reference with what follows it.
bool begins_reference(std::string_view text, std::size_t at) {
  if (at + 1 == text.size()) return false;
  const char next = text[at + 1];
  if (text[at] == ':') return next == '/';
  const bool word = std::isalnum(static_cast<unsigned char>(next)) != 0 || next == '"' ||
                    next == '_' || static_cast<unsigned char>(next) >= 0x80;
  if (kReferences.find(text[at]) != std::string_view::npos) return word;
  // "www.example" and "GH-12" are found without such a character.
  const std::string_view before = text.substr(0, at + 1);
  return ends_with_word(before, "www") || ends_with_word(before, "gh-");
}

}  // namespace

std::string markdown_text(std::string_view text) {
  const std::string_view shown = cut(text);
  const std::string plain = visible(shown);
  const bool list = begins_list(plain);
  std::string out;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const char c = plain[i];
    if (kMeaning.find(c) == std::string_view::npos && !(list && i == 0)) {
      out += c;
    } else {
      out += fmt::format("&#{};", static_cast<int>(c));
    }
    if (begins_reference(plain, i)) out += kNoWidth;
  }
  return shown.size() < text.size() ? out + "…" : out;
}

std::string markdown_code(std::string_view text) {
  const std::string plain = visible(text);
  // A bar ends a cell also inside of a code span, and a backslash before it would not be one.
  const bool is_plain = !plain.empty() && plain.size() <= kMarkdownBytesMax &&
                        plain.find_first_of("`|\\") == std::string::npos && plain.front() != ' ' &&
                        plain.back() != ' ';
  return is_plain ? "`" + plain + "`" : markdown_text(text);
}

std::string markdown_link(std::string_view url) {
  constexpr std::string_view kScheme = "https://";
  constexpr std::string_view kPlain = "-._~/?#=&%+,:";
  const bool plain =
      url.starts_with(kScheme) && url.size() <= kMarkdownBytesMax &&
      std::ranges::all_of(url, [&](unsigned char c) {
        return std::isalnum(c) != 0 || kPlain.find(static_cast<char>(c)) != std::string_view::npos;
      });
  if (!plain) return {};
  std::string_view host = url.substr(kScheme.size());
  host = host.substr(0, host.find_first_of("/?#"));
  if (host.empty()) return {};
  // The title is where it goes, so that nobody is led elsewhere than he reads.
  return fmt::format("[{}](<{}>)", markdown_text(host), url);
}

}  // namespace vedette::output
