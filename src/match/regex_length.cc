// SPDX-License-Identifier: Apache-2.0
#include "match/regex_length.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace vedette::match {
namespace {

constexpr std::size_t kLengthMax = 1 << 20;

// Reads an expression from left to right; open groups are kept on a stack of their own.
class LengthReader {
 public:
  explicit LengthReader(std::string_view pattern) : pattern_(pattern) {}

  std::optional<std::size_t> read() {
    groups_.emplace_back();
    while (at_ < pattern_.size()) {
      if (!step()) return std::nullopt;
    }
    if (groups_.size() != 1) return std::nullopt;
    return length_of(groups_.back());
  }

 private:
  struct Group {
    std::size_t sum = 0;                  // of the branch at hand, without its last part
    std::size_t last = 0;                 // what a quantifier would apply to
    std::optional<std::size_t> shortest;  // of the branches before
  };

  static std::size_t length_of(const Group& group) {
    const std::size_t branch = group.sum + group.last;
    return std::min(kLengthMax, group.shortest ? std::min(*group.shortest, branch) : branch);
  }
  void part(std::size_t length) {
    Group& group = groups_.back();
    group.sum = std::min(kLengthMax, group.sum + group.last);
    group.last = length;
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
        group.shortest = length_of(group);
        group.sum = group.last = 0;
        return true;
      }
      case '*':
      case '?':
        groups_.back().last = 0;
        return true;
      case '+':
        return true;
      case '{':
        return repeat();
      case '^':
      case '$':
        part(0);
        return true;
      default:
        // Bytes that continue a UTF-8 character belong to the one before; counting one byte is
        // safe.
        if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) part(1);
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
    part(0);
    groups_.emplace_back();
    return true;
  }

  bool close() {
    if (groups_.size() < 2) return false;
    const std::size_t length = length_of(groups_.back());
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
    part(1);
    return true;
  }

  bool escape() {
    if (at_ >= pattern_.size()) return false;
    const char c = pattern_[at_++];
    constexpr std::string_view kEmpty = "bBAz";
    // \x, \p, \P, \Q and octal escapes have arguments; they are rare, so the expression is given
    // up.
    if (c == 'x' || c == 'p' || c == 'P' || c == 'Q' || c == 'C' || (c >= '0' && c <= '9'))
      return false;
    part(kEmpty.find(c) != std::string_view::npos ? 0 : 1);
    return true;
  }

  // "{n}", "{n,}", "{n,m}"; anything else is a literal brace.
  bool repeat() {
    std::size_t count = 0;
    const char* const first = pattern_.data() + at_;
    const auto [end, error] = std::from_chars(first, pattern_.data() + pattern_.size(), count);
    const std::size_t close = pattern_.find('}', at_);
    if (error != std::errc() || close == std::string_view::npos) {
      part(1);
      return true;
    }
    const std::string_view rest = pattern_.substr(static_cast<std::size_t>(end - pattern_.data()));
    if (!rest.starts_with('}') && !rest.starts_with(',')) {
      part(1);
      return true;
    }
    at_ = close + 1;
    std::size_t& last = groups_.back().last;
    last = count == 0 ? 0 : std::min(kLengthMax, last * std::min(count, kLengthMax));
    return true;
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
  std::vector<Group> groups_;
};

}  // namespace

std::size_t minimum_match_bytes(std::string_view pattern) {
  return LengthReader(pattern).read().value_or(0);
}

}  // namespace vedette::match
