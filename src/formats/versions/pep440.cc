// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "formats/versions/cut_text.h"
#include "formats/versions/orders.h"

// PEP 440, with all spellings that its appendix B allows. What it does not know ("legacy versions")
// comes before it, in the order that setuptools gave it.
namespace vedette::formats::versions {
namespace {

struct Pep440 {
  std::string_view epoch;
  std::string_view release;  // no zeros at the end
  int pre_rank = 0;          // a, b, rc: 1 to 3
  std::string_view pre;
  std::optional<std::string_view> post;
  std::optional<std::string_view> dev;
  std::optional<std::string_view> local;
};

struct Tag {
  std::string_view name;
  int rank;
};
// Longer names before their beginnings.
constexpr std::array kPreTags = {Tag{"alpha", 1},   Tag{"a", 1},   Tag{"beta", 2}, Tag{"b", 2},
                                 Tag{"preview", 3}, Tag{"pre", 3}, Tag{"rc", 3},   Tag{"c", 3}};
constexpr std::array kPostTags = {Tag{"post", 1}, Tag{"rev", 1}, Tag{"r", 1}};
constexpr std::array kDevTags = {Tag{"dev", 1}};
constexpr int kPreNone = 4;

bool is_separator(char c) { return c == '.' || c == '-' || c == '_'; }

// Takes ".rc-1" and its like: the rank, or 0; the number may be missing.
template <std::size_t N>
int take_tag(std::string_view& text, const std::array<Tag, N>& tags, std::string_view& number) {
  std::string_view rest = text;
  if (!rest.empty() && is_separator(rest[0])) rest.remove_prefix(1);
  for (const Tag& tag : tags) {
    if (!equal_folded(rest.substr(0, tag.name.size()), tag.name)) continue;
    rest.remove_prefix(tag.name.size());
    text = rest;
    if (!rest.empty() && is_separator(rest[0])) rest.remove_prefix(1);
    number = take_digits(rest);
    // Without a number the separator begins what comes next.
    if (!number.empty()) text = rest;
    return tag.rank;
  }
  return 0;
}

std::string_view take_release(std::string_view& text) {
  const std::string_view begin = text;
  std::size_t size = take_digits(text).size();
  while (text.size() > 1 && text[0] == '.' && is_digit(text[1])) {
    text.remove_prefix(1);
    size += 1 + take_digits(text).size();
  }
  return begin.substr(0, size);
}

std::string_view without_zeros(std::string_view release) {
  while (true) {
    const std::size_t kept = release.find_last_not_of('0') + 1;
    if (kept == 0) return {};
    if (kept == release.size() || release[kept - 1] != '.') return release;
    release = release.substr(0, kept - 1);
  }
}

bool is_local(std::string_view text) {
  bool separated = true;  // each part has a character
  for (const char c : text) {
    if (is_separator(c) == separated && separated) return false;
    if (!is_separator(c) && !is_digit(c) && !is_letter(c)) return false;
    separated = is_separator(c);
  }
  return !separated;
}

std::optional<Pep440> parse(std::string_view text) {
  Pep440 version;
  text = without_v(text);
  std::string_view rest = text;
  const std::string_view epoch = take_digits(rest);
  if (!epoch.empty() && take(rest, "!")) {
    version.epoch = epoch;
    text = rest;
  }
  version.release = take_release(text);
  if (version.release.empty()) return std::nullopt;
  version.release = without_zeros(version.release);
  version.pre_rank = take_tag(text, kPreTags, version.pre);
  std::string_view number;
  if (text.size() > 1 && text[0] == '-' && is_digit(text[1])) {
    text.remove_prefix(1);
    version.post = take_digits(text);
  } else if (take_tag(text, kPostTags, number) != 0) {
    version.post = number;
  }
  if (take_tag(text, kDevTags, number) != 0) version.dev = number;
  if (take(text, "+")) {
    if (!is_local(text)) return std::nullopt;
    version.local = text;
    text = {};
  }
  if (!text.empty()) return std::nullopt;
  // A development release of the version itself comes before its pre-releases.
  if (version.pre_rank == 0 && (version.post || !version.dev)) version.pre_rank = kPreNone;
  return version;
}

std::strong_ordering compare_release(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    const auto order = compare_digits(take_digits(a), take_digits(b));
    if (order != 0) return order;
    take(a, ".");
    take(b, ".");
  }
  return std::strong_ordering::equal;
}

std::string_view next_local(std::string_view& text) {
  const std::string_view part = take_while(text, [](char c) { return !is_separator(c); });
  if (!text.empty()) text.remove_prefix(1);
  return part;
}

std::strong_ordering compare_local(const std::optional<std::string_view>& a,
                                   const std::optional<std::string_view>& b) {
  if (!a || !b) return a.has_value() <=> b.has_value();
  std::string_view left = *a;
  std::string_view right = *b;
  while (!left.empty() && !right.empty()) {
    const std::string_view left_part = next_local(left);
    const std::string_view right_part = next_local(right);
    const bool left_number = std::ranges::all_of(left_part, is_digit);
    const bool right_number = std::ranges::all_of(right_part, is_digit);
    if (left_number != right_number) return left_number <=> right_number;
    const auto order =
        left_number ? compare_digits(left_part, right_part) : compare_folded(left_part, right_part);
    if (order != 0) return order;
  }
  return !left.empty() <=> !right.empty();
}

std::strong_ordering compare_parsed(const Pep440& a, const Pep440& b) {
  if (const auto order = compare_digits(a.epoch, b.epoch); order != 0) return order;
  if (const auto order = compare_release(a.release, b.release); order != 0) return order;
  if (a.pre_rank != b.pre_rank) return a.pre_rank <=> b.pre_rank;
  if (const auto order = compare_digits(a.pre, b.pre); order != 0) return order;
  if (a.post.has_value() != b.post.has_value()) return a.post.has_value() <=> b.post.has_value();
  const auto post = compare_digits(a.post.value_or(""), b.post.value_or(""));
  if (post != 0) return post;
  if (a.dev.has_value() != b.dev.has_value()) return b.dev.has_value() <=> a.dev.has_value();
  const auto dev = compare_digits(a.dev.value_or(""), b.dev.value_or(""));
  if (dev != 0) return dev;
  return compare_local(a.local, b.local);
}

// pkg_resources.parse_version() as it was before PEP 440: parts that compare as text.
std::vector<std::string> legacy_parts(std::string_view text) {
  std::vector<std::string> parts;
  const auto add = [&](std::string part) {
    if (part < "*final") {
      while (!parts.empty() && parts.back() == "*final-") parts.pop_back();
    }
    // Zeros before words mean nothing.
    while (part.starts_with('*') && !parts.empty() && parts.back() == "00000000") parts.pop_back();
    parts.push_back(std::move(part));
  };
  while (!text.empty()) {
    if (is_digit(text[0])) {
      const std::string_view digits = take_digits(text);
      add(std::string(8 - std::min<std::size_t>(8, digits.size()), '0').append(digits));
    } else if (is_letter(text[0])) {
      std::string word(take_letters(text));
      std::ranges::transform(word, word.begin(), to_lower);
      if (word == "pre" || word == "preview" || word == "rc") word = "c";
      if (word == "dev") word = "@";
      add("*" + word);
    } else {
      if (text[0] == '-') add("*final-");
      text.remove_prefix(1);
    }
  }
  add("*final");
  return parts;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

}  // namespace

std::strong_ordering compare_pep440(std::string_view a, std::string_view b) {
  a = trimmed(a);
  b = trimmed(b);
  const std::optional<Pep440> left = parse(a);
  const std::optional<Pep440> right = parse(b);
  if (left && right) return compare_parsed(*left, *right);
  if (left || right) return left.has_value() <=> right.has_value();
  return legacy_parts(a) <=> legacy_parts(b);
}

}  // namespace vedette::formats::versions
