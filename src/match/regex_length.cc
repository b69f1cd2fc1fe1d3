// SPDX-License-Identifier: Apache-2.0
#include "match/regex_length.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace vedette::match {
namespace {

// Longer is as good as without end.
constexpr std::size_t kLengthMax = 1 << 20;
// Of a character of a class, by UTF-8.
constexpr std::size_t kCharacterBytesMax = 4;

struct Length {
  std::size_t least = 0;
  std::size_t most = 0;
};
Length operator+(const Length& a, const Length& b) {
  return {std::min(kLengthMax, a.least + b.least), std::min(kLengthMax, a.most + b.most)};
}

// Reads an expression from left to right; open groups are kept on a stack of their own.
class LengthReader {
 public:
  explicit LengthReader(std::string_view pattern) : pattern_(pattern) {}

  std::optional<Length> read() {
    groups_.emplace_back();
    while (at_ < pattern_.size()) {
      if (!step()) return std::nullopt;
    }
    if (groups_.size() != 1) return std::nullopt;
    return length_of(groups_.back());
  }

 private:
  struct Group {
    Length sum;                      // of the branch at hand, without its last part
    Length last;                     // what a quantifier would apply to
    std::optional<Length> branches;  // before
  };

  static Length length_of(const Group& group) {
    const Length branch = group.sum + group.last;
    if (!group.branches) return branch;
    return {std::min(group.branches->least, branch.least),
            std::max(group.branches->most, branch.most)};
  }
  void part(std::size_t least, std::size_t most) {
    Group& group = groups_.back();
    group.sum = group.sum + group.last;
    group.last = {least, most};
  }
  void literal(char c) {
    // Bytes that continue a UTF-8 character belong to the one before; counting one byte is safe for
    // the least. In (?i) k and s stand for characters of up to three bytes too.
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) == 0x80) return;
    const bool folds_far = std::string_view("kKsS").find(c) != std::string_view::npos;
    part(1, byte >= 0x80 ? kCharacterBytesMax : folds_far ? 3 : 1);
  }

  bool step() {
    const char c = pattern_[at_++];
    switch (c) {
      case '(':
        return open();
      case ')':
        return close();
      case '[':
        return skip_class();
      case '\\':
        return escape();
      case '|': {
        Group& group = groups_.back();
        group.branches = length_of(group);
        group.sum = group.last = {};
        return true;
      }
      case '*':
        groups_.back().last = {0, groups_.back().last.most == 0 ? 0 : kLengthMax};
        return true;
      case '?':
        groups_.back().last.least = 0;
        return true;
      case '+':
        if (groups_.back().last.most != 0) groups_.back().last.most = kLengthMax;
        return true;
      case '{':
        return repeat();
      case '^':
      case '$':
        part(0, 0);
        return true;
      case '.':
        part(1, kCharacterBytesMax);
        return true;
      default:
        literal(c);
        return true;
    }
  }

  // "(", "(?:", "(?P<name>", "(?i:" open a group; "(?i)" sets flags.
  bool open() {
    if (pattern_.substr(at_).starts_with('?')) {
      const std::size_t end = pattern_.find_first_of(":)>", at_);
      if (end == std::string_view::npos) return false;
      // (?x) would make white space vanish; RE2 has no such flag, and neither do we guess.
      if (pattern_.substr(at_, end - at_).find('x') != std::string_view::npos) return false;
      at_ = end + 1;
      if (pattern_[end] == ')') return true;
    }
    part(0, 0);
    groups_.emplace_back();
    return true;
  }

  bool close() {
    if (groups_.size() < 2) return false;
    const Length length = length_of(groups_.back());
    groups_.pop_back();
    groups_.back().last = length;
    return true;
  }

  bool skip_class() {
    if (pattern_.substr(at_).starts_with('^')) ++at_;
    if (pattern_.substr(at_).starts_with(']')) ++at_;
    while (at_ < pattern_.size() && pattern_[at_] != ']') {
      if (pattern_.substr(at_).starts_with("[:")) {
        const std::size_t end = pattern_.find(":]", at_);
        if (end == std::string_view::npos) return false;
        at_ = end + 1;
      } else if (pattern_[at_] == '\\') {
        ++at_;
      }
      ++at_;
    }
    if (at_ >= pattern_.size()) return false;
    ++at_;
    part(1, kCharacterBytesMax);
    return true;
  }

  bool escape() {
    if (at_ >= pattern_.size()) return false;
    const char c = pattern_[at_++];
    constexpr std::string_view kEmpty = "bBAz";
    // \p, \P, \Q and octal escapes have arguments; they are rare, so the expression is given up.
    if (c == 'x') return hexadecimal();
    if (c == 'p' || c == 'P' || c == 'Q' || c == 'C' || (c >= '0' && c <= '9')) return false;
    if (kEmpty.find(c) != std::string_view::npos) {
      part(0, 0);
    } else if (std::string_view("dDwWsSaftnrv").find(c) != std::string_view::npos) {
      part(1, kCharacterBytesMax);
    } else {
      literal(c);
    }
    return true;
  }

  // "\x41" or "\x{10FFFF}".
  bool hexadecimal() {
    const std::size_t end =
        pattern_.substr(at_).starts_with('{') ? pattern_.find('}', at_) : at_ + 1;
    if (end == std::string_view::npos || end >= pattern_.size()) return false;
    at_ = end + 1;
    part(1, kCharacterBytesMax);
    return true;
  }

  // "{n}", "{n,}", "{n,m}"; anything else is a literal brace.
  bool repeat() {
    const std::size_t close = pattern_.find('}', at_);
    std::size_t least = 0;
    const char* const first = pattern_.data() + at_;
    const char* const last = pattern_.data() + std::min(close, pattern_.size());
    const auto [least_end, error] = std::from_chars(first, last, least);
    if (error != std::errc() || close == std::string_view::npos ||
        (least_end != last && *least_end != ',')) {
      part(1, 1);
      return true;
    }
    std::size_t most = least;
    if (least_end != last) {
      const auto [most_end, most_error] = std::from_chars(least_end + 1, last, most);
      if (least_end + 1 == last) {
        most = kLengthMax;  // "{n,}"
      } else if (most_error != std::errc() || most_end != last) {
        part(1, 1);
        return true;
      }
    }
    at_ = close + 1;
    Length& what = groups_.back().last;
    const auto times = [](std::size_t length, std::size_t count) {
      return std::min(kLengthMax, length * std::min(count, kLengthMax));
    };
    what = {times(what.least, least), times(what.most, most)};
    return true;
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
  std::vector<Group> groups_;
};

}  // namespace

std::size_t minimum_match_bytes(std::string_view pattern) {
  const std::optional<Length> length = LengthReader(pattern).read();
  return length ? length->least : 0;
}

std::optional<std::size_t> maximum_match_bytes(std::string_view pattern) {
  const std::optional<Length> length = LengthReader(pattern).read();
  if (!length || length->most >= kLengthMax) return std::nullopt;
  return length->most;
}

}  // namespace vedette::match
