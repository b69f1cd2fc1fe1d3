// SPDX-License-Identifier: Apache-2.0
#include "match/regex_class.h"

#include <array>
#include <charconv>
#include <utility>

namespace vedette::match {
namespace {

constexpr unsigned kAsciiEnd = 0x80;

void set_range(ByteSet& set, unsigned from, unsigned to) {
  for (unsigned byte = from; byte <= to && byte < kAsciiEnd; ++byte) set.set(byte);
}

void add_beyond_ascii(RegexClass& what) {
  for (unsigned byte = kAsciiEnd; byte < 256; ++byte) what.bytes.set(byte);
  what.takes_more = true;
}

RegexClass inverted(const RegexClass& what) {
  RegexClass other;
  for (unsigned byte = 0; byte < kAsciiEnd; ++byte) other.bytes.set(byte, !what.bytes.test(byte));
  // A class with some characters beyond ASCII leaves others out.
  add_beyond_ascii(other);
  return other;
}

void fold(RegexClass& what) {
  for (unsigned lower = 'a'; lower <= 'z'; ++lower) {
    const unsigned upper = lower - ('a' - 'A');
    const bool both = what.bytes.test(lower) || what.bytes.test(upper);
    what.bytes.set(lower, both);
    what.bytes.set(upper, both);
  }
  // The Kelvin sign and the long s.
  if (what.bytes.test('k') || what.bytes.test('s')) add_beyond_ascii(what);
}

void add(RegexClass& to, const RegexClass& what) {
  to.bytes |= what.bytes;
  to.takes_more = to.takes_more || what.takes_more;
}

// POSIX names inside of brackets.
std::optional<RegexClass> named_class(std::string_view name) {
  using Range = std::pair<unsigned, unsigned>;
  struct Row {
    std::string_view name;
    std::array<Range, 4> ranges;
    std::size_t count;
  };
  static constexpr std::array<Row, 14> kRows = {{
      {"alnum", {{{'0', '9'}, {'A', 'Z'}, {'a', 'z'}}}, 3},
      {"alpha", {{{'A', 'Z'}, {'a', 'z'}}}, 2},
      {"ascii", {{{0, 0x7F}}}, 1},
      {"blank", {{{'\t', '\t'}, {' ', ' '}}}, 2},
      {"cntrl", {{{0, 0x1F}, {0x7F, 0x7F}}}, 2},
      {"digit", {{{'0', '9'}}}, 1},
      {"graph", {{{'!', '~'}}}, 1},
      {"lower", {{{'a', 'z'}}}, 1},
      {"print", {{{' ', '~'}}}, 1},
      {"punct", {{{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}}, 4},
      {"space", {{{'\t', '\r'}, {' ', ' '}}}, 2},
      {"upper", {{{'A', 'Z'}}}, 1},
      {"word", {{{'0', '9'}, {'A', 'Z'}, {'a', 'z'}, {'_', '_'}}}, 4},
      {"xdigit", {{{'0', '9'}, {'A', 'F'}, {'a', 'f'}}}, 3},
  }};
  const bool negated = name.starts_with('^');
  if (negated) name.remove_prefix(1);
  for (const Row& row : kRows) {
    if (row.name != name) continue;
    RegexClass what;
    for (std::size_t i = 0; i < row.count; ++i)
      set_range(what.bytes, row.ranges[i].first, row.ranges[i].second);
    return negated ? inverted(what) : what;
  }
  return std::nullopt;
}

// "\x41", "\x{10FFFF}", behind the x.
std::optional<unsigned char> read_hexadecimal(std::string_view pattern, std::size_t& at) {
  const bool braces = pattern.substr(at).starts_with('{');
  const std::size_t begin = braces ? at + 1 : at;
  const std::size_t end = braces ? pattern.find('}', at) : at + 2;
  if (end == std::string_view::npos || end > pattern.size()) return std::nullopt;
  unsigned value = 0;
  const auto [read, error] =
      std::from_chars(pattern.data() + begin, pattern.data() + end, value, 16);
  if (error != std::errc() || read != pattern.data() + end) return std::nullopt;
  at = braces ? end + 1 : end;
  return static_cast<unsigned char>(value < kAsciiEnd ? value : kAsciiEnd);
}

// Puts `at` behind the bytes that continue a character of UTF-8.
void skip_continuation(std::string_view pattern, std::size_t& at) {
  while (at < pattern.size() && (static_cast<unsigned char>(pattern[at]) & 0xC0) == 0x80) ++at;
}

// One end of a range in brackets.
std::optional<unsigned char> read_member(std::string_view pattern, std::size_t& at) {
  if (at >= pattern.size()) return std::nullopt;
  const auto byte = static_cast<unsigned char>(pattern[at++]);
  if (byte == '\\') return read_escaped_character(pattern, at);
  if (byte < kAsciiEnd) return byte;
  skip_continuation(pattern, at);
  return static_cast<unsigned char>(kAsciiEnd);
}

bool read_range(std::string_view pattern, std::size_t& at, RegexClass& what) {
  const std::optional<unsigned char> from = read_member(pattern, at);
  if (!from) return false;
  std::optional<unsigned char> to = from;
  const bool is_range = at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']';
  if (is_range) {
    ++at;
    to = read_member(pattern, at);
    if (!to) return false;
  }
  set_range(what.bytes, *from, *to);
  if (*to >= kAsciiEnd) add_beyond_ascii(what);
  return true;
}

}  // namespace

std::optional<RegexClass> read_bracket_class(std::string_view pattern, std::size_t& at,
                                             LetterCase letter_case) {
  RegexClass what;
  const bool negated = pattern.substr(at).starts_with('^');
  if (negated) ++at;
  for (bool is_first = true;; is_first = false) {
    if (at >= pattern.size()) return std::nullopt;
    if (pattern[at] == ']' && !is_first) break;
    if (pattern.substr(at).starts_with("[:")) {
      const std::size_t end = pattern.find(":]", at);
      if (end == std::string_view::npos) return std::nullopt;
      const std::optional<RegexClass> named = named_class(pattern.substr(at + 2, end - at - 2));
      if (!named) return std::nullopt;
      add(what, *named);
      at = end + 2;
      continue;
    }
    if (pattern[at] == '\\' && at + 1 < pattern.size()) {
      if (const std::optional<RegexClass> escaped = escaped_class(pattern[at + 1])) {
        add(what, *escaped);
        at += 2;
        continue;
      }
    }
    if (!read_range(pattern, at, what)) return std::nullopt;
  }
  ++at;
  if (letter_case == LetterCase::kIgnored) fold(what);
  return negated ? inverted(what) : what;
}

std::optional<RegexClass> escaped_class(char letter) {
  const auto name = [&]() -> std::string_view {
    switch (letter) {
      case 'd':
        return "digit";
      case 'D':
        return "^digit";
      case 'w':
        return "word";
      case 'W':
        return "^word";
      default:
        return "";
    }
  }();
  if (!name.empty()) return named_class(name);
  if (letter != 's' && letter != 'S') return std::nullopt;
  RegexClass what;
  // Without the vertical tab, unlike [:space:].
  for (const char c : std::string_view("\t\n\f\r ")) what.bytes.set(static_cast<unsigned char>(c));
  return letter == 's' ? what : inverted(what);
}

std::optional<unsigned char> read_escaped_character(std::string_view pattern, std::size_t& at) {
  if (at >= pattern.size()) return std::nullopt;
  const char c = pattern[at++];
  constexpr std::string_view kNames = "aftnrv";
  constexpr std::string_view kControls = "\a\f\t\n\r\v";
  if (const std::size_t name = kNames.find(c); name != std::string_view::npos)
    return static_cast<unsigned char>(kControls[name]);
  if (c == 'x') return read_hexadecimal(pattern, at);
  // Properties, quotes, bytes, octal numbers and assertions are no plain characters.
  const bool is_word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  if (is_word || static_cast<unsigned char>(c) >= kAsciiEnd) return std::nullopt;
  return static_cast<unsigned char>(c);
}

RegexClass class_of(unsigned char first, LetterCase letter_case) {
  RegexClass what;
  if (first >= kAsciiEnd) {
    add_beyond_ascii(what);
    return what;
  }
  what.bytes.set(first);
  const unsigned folded = first | 0x20U;
  if (letter_case == LetterCase::kIgnored && folded >= 'a' && folded <= 'z') {
    what.bytes.set(folded);
    what.bytes.set(folded & ~0x20U);
  }
  return what;
}

RegexClass any_character_but(std::string_view excluded) {
  RegexClass what;
  for (const char c : excluded) what.bytes.set(static_cast<unsigned char>(c));
  return inverted(what);
}

}  // namespace vedette::match
