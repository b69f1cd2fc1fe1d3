// SPDX-License-Identifier: Apache-2.0
#include "match/regex_positions.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "match/regex_class.h"
#include "match/regex_fragment.h"

namespace vedette::match {
namespace {

constexpr std::size_t kDepthMax = 200;

// Reads an expression from left to right; open groups are kept on a stack of their own.
class PositionReader {
 public:
  PositionReader(std::string_view pattern, RegexFragmentBuilder::Detail detail)
      : pattern_(pattern), builder_(detail) {}

  std::optional<RegexFragment> read() {
    open_group({});
    while (at_ < pattern_.size()) {
      if (!step() || builder_.is_exhausted()) return std::nullopt;
    }
    if (groups_.size() != 1) return std::nullopt;
    RegexFragment whole = close_branch(groups_.back());
    if (builder_.is_exhausted()) return std::nullopt;
    return whole;
  }
  RegexPositions take() { return builder_.take(); }

 private:
  struct Flags {
    LetterCase letter_case = LetterCase::kExact;
    bool dot_takes_newline = false;
    bool many_lines = false;
  };
  struct Group {
    Flags flags;
    RegexFragment done;        // of the branch at hand, in front of `literal`
    RegexFragment literal;     // neighbours that may make one literal
    RegexFragment last;        // what a quantifier would apply to
    bool at_boundary = false;  // `\b` stands in front of `last`
    std::optional<RegexFragment> branches;
  };

  void open_group(Flags flags) {
    Group group;
    group.flags = flags;
    group.done = group.literal = group.last = builder_.empty();
    groups_.push_back(std::move(group));
  }

  // Takes over what no quantifier followed.
  void settle(Group& group) {
    RegexFragment last = std::exchange(group.last, builder_.empty());
    if (last.begin == last.end) return;
    if (std::exchange(group.at_boundary, false)) builder_.mark_boundary_before(last);
    if (can_be_joined(group.literal, last)) {
      group.literal = builder_.join(std::move(group.literal), last);
      return;
    }
    group.done = builder_.join(std::move(group.done), group.literal);
    group.literal = std::move(last);
  }

  RegexFragment close_branch(Group& group) {
    settle(group);
    group.at_boundary = false;
    RegexFragment branch = builder_.join(std::exchange(group.done, builder_.empty()),
                                         std::exchange(group.literal, builder_.empty()));
    if (group.branches) branch = RegexFragmentBuilder::either(std::move(*group.branches), branch);
    group.branches.reset();
    return branch;
  }

  bool part(RegexFragment fragment) {
    Group& group = groups_.back();
    settle(group);
    group.last = std::move(fragment);
    return true;
  }

  bool step() {
    Group& group = groups_.back();
    const char c = pattern_[at_++];
    switch (c) {
      case '(':
        return open();
      case ')':
        return close();
      case '[': {
        const auto what = read_bracket_class(pattern_, at_, group.flags.letter_case);
        return what && part(builder_.single(*what));
      }
      case '\\':
        return escape();
      case '|':
        group.branches = close_branch(group);
        return true;
      case '*':
        return repeat(0, kUnboundedBytes);
      case '+':
        return repeat(1, kUnboundedBytes);
      case '?':
        return repeat(0, 1);
      case '{':
        return counted();
      case '^':
        return part(builder_.empty());
      case '$':
        return part(group.flags.many_lines ? builder_.empty() : builder_.text_end());
      case '.':
        return part(builder_.single(any_character_but(group.flags.dot_takes_newline ? "" : "\n")));
      default:
        return literal(static_cast<unsigned char>(c));
    }
  }

  bool literal(unsigned char byte) {
    while (byte >= 0x80 && at_ < pattern_.size() &&
           (static_cast<unsigned char>(pattern_[at_]) & 0xC0) == 0x80) {
      ++at_;
    }
    const RegexClass what = class_of(byte, groups_.back().flags.letter_case);
    Group& group = groups_.back();
    settle(group);
    // Most of a word goes here, at a fraction of the cost of joining.
    if (!group.at_boundary && !is_quantified() && builder_.extend(group.literal, what)) return true;
    group.last = builder_.single(what);
    return true;
  }

  bool is_quantified() const {
    return at_ < pattern_.size() &&
           std::string_view("?*+{").find(pattern_[at_]) != std::string_view::npos;
  }

  // "(", "(?:", "(?P<name>", "(?i:" open a group; "(?i)" changes the one at hand.
  bool open() {
    Flags flags = groups_.back().flags;
    if (pattern_.substr(at_).starts_with("?P<") || pattern_.substr(at_).starts_with("?<")) {
      const std::size_t end = pattern_.find('>', at_);
      if (end == std::string_view::npos) return false;
      at_ = end + 1;
    } else if (pattern_.substr(at_).starts_with('?')) {
      const std::size_t end = pattern_.find_first_of(":)", at_);
      if (end == std::string_view::npos) return false;
      if (!set_flags(pattern_.substr(at_ + 1, end - at_ - 1), flags)) return false;
      at_ = end + 1;
      if (pattern_[end] == ')') {
        groups_.back().flags = flags;
        return true;
      }
    }
    if (groups_.size() >= kDepthMax) return false;
    settle(groups_.back());
    open_group(flags);
    return true;
  }

  static bool set_flags(std::string_view names, Flags& flags) {
    bool on = true;
    for (const char name : names) {
      switch (name) {
        case '-':
          on = false;
          break;
        case 'i':
          flags.letter_case = on ? LetterCase::kIgnored : LetterCase::kExact;
          break;
        case 's':
          flags.dot_takes_newline = on;
          break;
        case 'm':
          flags.many_lines = on;
          break;
        case 'U':
          break;  // what is preferred changes, what is possible does not
        default:
          return false;
      }
    }
    return true;
  }

  bool close() {
    if (groups_.size() < 2) return false;
    RegexFragment whole = close_branch(groups_.back());
    groups_.pop_back();
    groups_.back().last = std::move(whole);
    return true;
  }

  bool escape() {
    if (at_ >= pattern_.size()) return false;
    const char c = pattern_[at_];
    if (const std::optional<RegexClass> what = escaped_class(c)) {
      ++at_;
      return part(builder_.single(*what));
    }
    if (c == 'b' || c == 'B' || c == 'A' || c == 'z') {
      ++at_;
      if (c == 'b') {
        Group& group = groups_.back();
        settle(group);
        builder_.mark_boundary_behind(group.literal);
        group.at_boundary = true;
        return true;
      }
      return part(c == 'z' ? builder_.text_end() : builder_.empty());
    }
    const std::optional<unsigned char> character = read_escaped_character(pattern_, at_);
    return character &&
           part(builder_.single(class_of(*character, groups_.back().flags.letter_case)));
  }

  bool repeat(std::size_t least, std::size_t most) {
    if (pattern_.substr(at_).starts_with('?')) ++at_;  // lazy
    RegexFragment& last = groups_.back().last;
    last = builder_.repeat(std::move(last), least, most);
    return true;
  }

  // "{n}", "{n,}", "{n,m}"; anything else is a literal brace.
  bool counted() {
    const std::size_t close = std::min(pattern_.find('}', at_), pattern_.size());
    const char* const end = pattern_.data() + close;
    std::size_t least = 0;
    const auto [least_end, error] = std::from_chars(pattern_.data() + at_, end, least);
    if (error != std::errc() || close == pattern_.size()) return literal('{');
    std::size_t most = least;
    if (least_end != end) {
      if (*least_end != ',') return literal('{');
      most = kUnboundedBytes;
      if (least_end + 1 != end) {
        const auto [most_end, most_error] = std::from_chars(least_end + 1, end, most);
        if (most_error != std::errc() || most_end != end) return literal('{');
      }
    }
    if (most < least) return false;
    at_ = close + 1;
    return repeat(least, most);
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
  RegexFragmentBuilder builder_;
  std::vector<Group> groups_;
};

// Where a pivot holds another on its way, with the same bytes.
std::optional<std::size_t> offset_in(const Pivot& pivot, const Pivot& part) {
  const auto found = std::ranges::search(pivot.path, part.path);
  const auto at = static_cast<std::size_t>(found.begin() - pivot.path.begin());
  if (found.empty() || pivot.literal.compare(at, part.literal.size(), part.literal) != 0)
    return std::nullopt;
  return at;
}

// Pivots that hold others on their way are not needed: "keys" beside "key" of "keys?".
std::vector<Pivot> without_repeated(std::vector<Pivot> pivots) {
  std::ranges::stable_sort(pivots, {}, [](const Pivot& pivot) { return pivot.literal.size(); });
  std::vector<Pivot> kept;
  for (Pivot& pivot : pivots) {
    const auto held = std::ranges::find_if(
        kept, [&](const Pivot& other) { return offset_in(pivot, other).has_value(); });
    if (held == kept.end()) {
      kept.push_back(std::move(pivot));
    } else if (pivot.before != kUnboundedBytes && held->before != kUnboundedBytes) {
      held->before = std::max(held->before, pivot.before + *offset_in(pivot, *held));
    } else {
      held->before = kUnboundedBytes;
    }
  }
  return kept;
}

std::vector<Pivot> useful(std::vector<Pivot> pivots) {
  const auto is_short = [](const Pivot& pivot) {
    return pivot.literal.size() < RegexPositions::kPivotBytesMin;
  };
  if (std::ranges::any_of(pivots, is_short)) return {};
  return without_repeated(std::move(pivots));
}

}  // namespace

std::optional<RegexPositions> regex_positions(std::string_view pattern) {
  PositionReader reader(pattern, RegexFragmentBuilder::Detail::kPositions);
  std::optional<RegexFragment> whole = reader.read();
  if (!whole) return std::nullopt;
  RegexPositions positions = reader.take();
  positions.first = std::move(whole->first);
  positions.last = std::move(whole->last);
  // What matches the empty text is found without any literal, which is why it has no pivots.
  positions.pivots = useful(std::move(whole->pivots));
  return positions;
}

std::vector<Pivot> regex_pivots(std::string_view pattern) {
  PositionReader reader(pattern, RegexFragmentBuilder::Detail::kPivots);
  std::optional<RegexFragment> whole = reader.read();
  return whole ? useful(std::move(whole->pivots)) : std::vector<Pivot>();
}

}  // namespace vedette::match
