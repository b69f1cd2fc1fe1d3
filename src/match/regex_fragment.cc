// SPDX-License-Identifier: Apache-2.0
#include "match/regex_fragment.h"

#include <algorithm>
#include <utility>

#include "match/commonness.h"

namespace vedette::match {
namespace {

constexpr std::size_t kPositionsMax = 2000;
// More copies than this are rounded up to any number.
constexpr std::size_t kCopiesMax = 128;
constexpr std::size_t kOptionalCopiesMax = 64;
constexpr std::size_t kLiteralBytesMax = 64;
// A class of more bytes makes no literals, nor do parts with more alternatives.
constexpr std::size_t kClassBytesMax = 10;
constexpr std::size_t kAlternativesMax = 16;

std::size_t sum(std::size_t a, std::size_t b) {
  return a > kUnboundedBytes - b ? kUnboundedBytes : a + b;
}
std::size_t product(std::size_t a, std::size_t times) {
  if (a == 0 || times == 0) return 0;
  return a > kUnboundedBytes / times ? kUnboundedBytes : a * times;
}

void append(std::vector<std::uint16_t>& to, const std::vector<std::uint16_t>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

// The bytes of a set, of both cases of a letter the lower one. Nothing where there are many.
std::string few_bytes(const RegexClass& what) {
  std::string bytes;
  if (what.takes_more || what.bytes.count() > 2 * kClassBytesMax) return bytes;
  for (unsigned byte = 0; byte < 0x80; ++byte) {
    if (!what.bytes.test(byte)) continue;
    const unsigned folded = byte >= 'A' && byte <= 'Z' ? byte | 0x20U : byte;
    if (bytes.find(static_cast<char>(folded)) != std::string::npos) continue;
    if (bytes.size() == kClassBytesMax) return {};
    bytes += static_cast<char>(folded);
  }
  return bytes;
}

// Of literals of two bytes each takes a search of its own.
constexpr double kShortPenalty = 0.001;

double commonness_of(const std::vector<Pivot>& pivots) {
  double sum = 0;
  for (const Pivot& pivot : pivots) {
    if (pivot.literal.size() < RegexPositions::kPivotBytesMin) return 1;
    sum += text_commonness(pivot.literal) + (pivot.literal.size() == 2 ? kShortPenalty : 0);
  }
  return std::min(sum, 1.0);
}

}  // namespace

bool can_be_joined(const RegexFragment& a, const RegexFragment& b) {
  if (!a.is_literal || !b.is_literal || a.pivots.size() * b.pivots.size() > kAlternativesMax)
    return false;
  const auto longest = [](const RegexFragment& fragment) {
    return std::ranges::max(fragment.pivots, {},
                            [](const Pivot& pivot) { return pivot.literal.size(); })
        .literal.size();
  };
  return longest(a) + longest(b) <= kLiteralBytesMax;
}

std::uint16_t RegexFragmentBuilder::add_position(RegexPositions::Position position) {
  if (count_ >= kPositionsMax) {
    exhausted_ = true;
    return 0;
  }
  if (detail_ == Detail::kPositions) result_.positions.push_back(std::move(position));
  return static_cast<std::uint16_t>(count_++);
}

void RegexFragmentBuilder::link(const std::vector<std::uint16_t>& from,
                                const std::vector<std::uint16_t>& to) {
  if (detail_ == Detail::kPivots || exhausted_) return;
  for (const std::uint16_t position : from) append(result_.positions[position].next, to);
}

RegexFragment RegexFragmentBuilder::empty() const {
  RegexFragment fragment;
  fragment.begin = fragment.end = count_;
  return fragment;
}

std::uint16_t RegexFragmentBuilder::add_byte(const RegexClass& what) {
  RegexPositions::Position position;
  position.takes_more = what.takes_more;
  if (detail_ == Detail::kPositions) {
    const auto known = std::ranges::find(result_.sets, what.bytes);
    position.set = static_cast<std::uint16_t>(known - result_.sets.begin());
    if (known == result_.sets.end()) result_.sets.push_back(what.bytes);
  }
  return add_position(std::move(position));
}

RegexFragment RegexFragmentBuilder::single(const RegexClass& what) {
  RegexFragment fragment = empty();
  const std::uint16_t at = add_byte(what);
  fragment.end = count_;
  fragment.nullable = false;
  if (detail_ == Detail::kPositions) fragment.first = fragment.last = {at};
  fragment.most = what.takes_more ? 4 : 1;
  for (const char byte : few_bytes(what)) {
    fragment.is_literal = true;
    fragment.pivots.push_back({std::string(1, byte), {at}, 0});
  }
  return fragment;
}

bool RegexFragmentBuilder::extend(RegexFragment& literal, const RegexClass& byte) {
  if (!literal.is_literal || literal.nullable || literal.pivots.size() != 1 || byte.takes_more ||
      literal.end != count_ || literal.pivots[0].literal.size() >= kLiteralBytesMax) {
    return false;
  }
  Pivot& pivot = literal.pivots[0];
  unsigned lowest = 0;
  while (!byte.bytes.test(lowest)) ++lowest;
  const char folded = static_cast<char>(lowest >= 'A' && lowest <= 'Z' ? lowest | 0x20U : lowest);
  const std::uint16_t at = add_byte(byte);
  link(literal.last, {at});
  pivot.literal += folded;
  pivot.path.push_back(at);
  if (detail_ == Detail::kPositions) literal.last = {at};
  ++literal.most;
  literal.end = count_;
  literal.commonness = commonness_of(literal.pivots);
  return true;
}

RegexFragment RegexFragmentBuilder::text_end() {
  RegexFragment fragment = empty();
  RegexPositions::Position position;
  position.is_text_end = true;
  const std::uint16_t at = add_position(std::move(position));
  fragment.end = count_;
  fragment.nullable = false;
  fragment.first = fragment.last = {at};
  return fragment;
}

// Of two neighbours' pivots those of the rarer are kept, in `a`.
void RegexFragmentBuilder::choose(RegexFragment& a, const RegexFragment& b) const {
  if (b.has_pivots() && (!a.has_pivots() || b.commonness < a.commonness)) {
    const std::size_t before = a.most;
    a.pivots = b.pivots;
    a.commonness = b.commonness;
    for (Pivot& pivot : a.pivots) pivot.before = sum(pivot.before, before);
  }
}

void RegexFragmentBuilder::mark_boundary_before(const RegexFragment& what) {
  if (detail_ == Detail::kPivots || exhausted_) return;
  for (const std::uint16_t at : what.first) {
    // What is come back to in a loop need not stand at the boundary.
    bool comes_back = false;
    for (std::uint32_t i = what.begin; i < what.end; ++i) {
      const std::vector<std::uint16_t>& next = result_.positions[i].next;
      comes_back = comes_back || std::ranges::find(next, at) != next.end();
    }
    if (!comes_back) result_.positions[at].begins_at_boundary = true;
  }
}

void RegexFragmentBuilder::mark_boundary_behind(const RegexFragment& what) {
  if (detail_ == Detail::kPivots || exhausted_ || !what.is_literal) return;
  for (const std::uint16_t at : what.last) result_.positions[at].ends_at_boundary = true;
}

RegexFragment RegexFragmentBuilder::join(RegexFragment a, const RegexFragment& b) {
  if (b.begin == b.end) return a;
  if (a.begin == a.end) return b;
  link(a.last, b.first);
  if (can_be_joined(a, b)) {
    std::vector<Pivot> joined;
    for (const Pivot& front : a.pivots) {
      for (const Pivot& back : b.pivots) {
        joined.push_back({front.literal + back.literal, front.path, 0});
        append(joined.back().path, back.path);
      }
    }
    a.pivots = std::move(joined);
    a.commonness = commonness_of(a.pivots);
  } else {
    choose(a, b);
    a.is_literal = false;
  }
  if (a.nullable) append(a.first, b.first);
  if (b.nullable) {
    append(a.last, b.last);
  } else {
    a.last = b.last;
  }
  a.nullable = a.nullable && b.nullable;
  a.most = sum(a.most, b.most);
  a.end = b.end;
  return a;
}

RegexFragment RegexFragmentBuilder::either(RegexFragment a, const RegexFragment& b) {
  append(a.first, b.first);
  append(a.last, b.last);
  a.most = std::max(a.most, b.most);
  a.end = b.end;
  a.nullable = a.nullable || b.nullable;
  a.is_literal = a.is_literal && b.is_literal;
  if (a.has_pivots() && b.has_pivots()) {
    a.pivots.insert(a.pivots.end(), b.pivots.begin(), b.pivots.end());
    a.is_literal = a.is_literal && a.pivots.size() <= kAlternativesMax;
    a.commonness = std::min(1.0, a.commonness + b.commonness);
  } else {
    a.pivots.clear();
    a.commonness = 1;
  }
  return a;
}

RegexFragment RegexFragmentBuilder::copy(const RegexFragment& what) {
  RegexFragment other = what;
  const std::uint32_t shift = count_ - what.begin;
  const auto shifted = [shift](std::vector<std::uint16_t>& positions) {
    for (std::uint16_t& position : positions)
      position = static_cast<std::uint16_t>(position + shift);
  };
  for (std::uint32_t i = what.begin; i < what.end && !exhausted_; ++i) {
    RegexPositions::Position position;
    if (detail_ == Detail::kPositions) {
      position = result_.positions[i];
      // Only the links within; those of the loop around the original are not made yet.
      shifted(position.next);
    }
    add_position(std::move(position));
  }
  shifted(other.first);
  shifted(other.last);
  for (Pivot& pivot : other.pivots) shifted(pivot.path);
  other.begin += shift;
  other.end += shift;
  return other;
}

RegexFragment RegexFragmentBuilder::repeat_literal(RegexFragment what, std::size_t times) {
  const RegexFragment original = what;
  for (std::size_t i = 1; i < times && !exhausted_; ++i)
    what = join(std::move(what), copy(original));
  return what;
}

// At least once, any number of times.
RegexFragment RegexFragmentBuilder::loop(RegexFragment what) {
  link(what.last, what.first);
  return what;
}

RegexFragment RegexFragmentBuilder::repeat(RegexFragment what, std::size_t least,
                                           std::size_t most) {
  if (what.begin == what.end || most == 0) return empty();
  if (least == most && what.is_literal && most * what.most <= kLiteralBytesMax)
    return repeat_literal(std::move(what), most);
  if (least == 0 && most == 1 && what.is_literal) {
    what.nullable = true;
    what.pivots.push_back({"", {}, 0});
    what.commonness = 1;
    return what;
  }
  RegexFragment whole = what;
  whole.is_literal = false;
  whole.most = product(what.most, most);
  if (least == 0) {
    whole.pivots.clear();
    whole.commonness = 1;
  }
  const std::size_t copies = std::min(std::max<std::size_t>(least, 1), kCopiesMax);
  const std::size_t optional = most - std::min(most, std::max<std::size_t>(least, 1));
  const bool looping = copies < least || optional > kOptionalCopiesMax;
  const std::size_t count = copies + (looping ? 0 : optional);
  whole.nullable = least == 0 || what.nullable;
  if (detail_ == Detail::kPivots) {
    count_ += static_cast<std::uint32_t>((count - 1) * (what.end - what.begin));
    exhausted_ = exhausted_ || count_ > kPositionsMax;
    whole.end = count_;
    return whole;
  }
  // The original's links to itself must not be in its copies, so these are made first.
  std::vector<RegexFragment> chain = {what};
  while (chain.size() < count && !exhausted_) chain.push_back(copy(what));
  if (exhausted_) return empty();
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) link(chain[i].last, chain[i + 1].first);
  if (looping) chain.back() = loop(std::move(chain.back()));
  // A part that may be empty lets the next begin where it begins.
  whole.last.clear();
  for (std::size_t i = what.nullable ? 0 : copies - 1; i < chain.size(); ++i)
    append(whole.last, chain[i].last);
  whole.first = what.first;
  if (what.nullable) {
    for (std::size_t i = 1; i < chain.size(); ++i) append(whole.first, chain[i].first);
    // Any part may be skipped: all links forward.
    for (std::size_t i = 0; i < chain.size(); ++i) {
      for (std::size_t k = i + 2; k < chain.size(); ++k) link(chain[i].last, chain[k].first);
    }
  }
  whole.end = chain.back().end;
  return whole;
}

}  // namespace vedette::match
