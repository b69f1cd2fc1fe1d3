// SPDX-License-Identifier: Apache-2.0
#include "formats/versions/cut_text.h"
#include "formats/versions/orders.h"

// conda.models.version.VersionOrder: [epoch!]version[+local]; components between dots, each of
// numbers and words by turns. What is missing counts as 0; "dev" comes before other words, those
// before numbers, "post" after all.
namespace vedette::formats::versions {
namespace {

struct Piece {
  std::string_view text = "0";
  int rank = 2;  // dev, a word, a number, post
};

constexpr int kNumber = 2;

Piece piece_of(std::string_view text) {
  if (is_digit(text[0])) return {text, kNumber};
  if (equal_folded(text, "post")) return {text, 3};
  if (equal_folded(text, "dev")) return {text, 0};
  return {text, 1};
}

std::strong_ordering compare_piece(const Piece& a, const Piece& b) {
  if (a.rank != b.rank) return a.rank <=> b.rank;
  if (a.rank == kNumber) return compare_digits(a.text, b.text);
  return a.rank == 1 ? compare_folded(a.text, b.text) : std::strong_ordering::equal;
}

bool is_gap(char c) { return c == '.' || c == '_' || c == '-'; }

// One of the parts between "!" and "+".
class Components {
 public:
  explicit Components(std::string_view text) : text_(text) {
    // "1.0.1_" comes before "1.0.1a" and after "1.0.1dev": the underscore is a word then.
    if (text_.size() > 1 && text_.back() == '_') {
      text_.remove_suffix(1);
      ends_low_ = true;
    }
    next_component();
  }

  bool at_end() const { return component_.empty() && text_.empty() && !ends_low_; }
  bool in_component() const { return !component_.empty() || (text_.empty() && ends_low_); }

  // Of the component; 0 behind its end.
  Piece next_piece() {
    if (component_.empty()) {
      if (!text_.empty() || !ends_low_) return {};
      ends_low_ = false;
      return {"_", 1};
    }
    // Each component begins with a number.
    if (at_begin_ && !is_digit(component_[0])) {
      at_begin_ = false;
      return {};
    }
    at_begin_ = false;
    const bool number = is_digit(component_[0]);
    return piece_of(take_while(component_, [&](char c) { return is_digit(c) == number; }));
  }

  void next_component() {
    component_ = take_while(text_, [](char c) { return !is_gap(c); });
    if (!text_.empty()) text_.remove_prefix(1);
    at_begin_ = true;
  }

 private:
  std::string_view text_;  // of the version that is compared
  std::string_view component_;
  bool at_begin_ = true;
  bool ends_low_ = false;
};

std::strong_ordering compare_part(std::string_view a, std::string_view b) {
  Components left(a);
  Components right(b);
  while (!left.at_end() || !right.at_end()) {
    while (left.in_component() || right.in_component()) {
      const auto order = compare_piece(left.next_piece(), right.next_piece());
      if (order != 0) return order;
    }
    left.next_component();
    right.next_component();
  }
  return std::strong_ordering::equal;
}

}  // namespace

std::strong_ordering compare_conda(std::string_view a, std::string_view b) {
  const auto take_epoch = [](std::string_view& text) {
    std::string_view rest = text;
    const std::string_view digits = take_digits(rest);
    if (!take(rest, "!")) return std::string_view();
    text = rest;
    return digits;
  };
  const std::string_view left_epoch = take_epoch(a);
  const std::string_view right_epoch = take_epoch(b);
  if (const auto order = compare_digits(left_epoch, right_epoch); order != 0) return order;
  const auto cut = [](std::string_view& text) {
    const std::size_t plus = std::min(text.find('+'), text.size());
    const std::string_view local = text.substr(std::min(plus + 1, text.size()));
    text = text.substr(0, plus);
    return local;
  };
  const std::string_view left_local = cut(a);
  const std::string_view right_local = cut(b);
  if (const auto order = compare_part(a, b); order != 0) return order;
  return compare_part(left_local, right_local);
}

}  // namespace vedette::formats::versions
