// SPDX-License-Identifier: Apache-2.0
#include "formats/versions/cut_text.h"
#include "formats/versions/orders.h"

// epoch:version-release, as rpm (rpmvercmp of 4.15 and later, with `~` and `^`) and, from an older
// state of the same code, pacman compare it.
namespace vedette::formats::versions {
namespace {

bool is_word(char c) { return is_digit(c) || is_letter(c); }

struct Parts {
  std::string_view epoch;
  std::string_view version;
  std::string_view release;
  bool has_release = false;
};

Parts parts_of(std::string_view text) {
  Parts parts;
  // Only digits are an epoch; other colons belong to the version.
  std::string_view rest = text;
  const std::string_view digits = take_digits(rest);
  if (take(rest, ":")) {
    parts.epoch = digits;
    text = rest;
  }
  if (const std::size_t dash = text.rfind('-'); dash != std::string_view::npos) {
    parts.has_release = true;
    parts.release = text.substr(dash + 1);
    text = text.substr(0, dash);
  }
  parts.version = text;
  return parts;
}

// Both begin with a letter or digit; takes one run of each. A number comes after letters.
std::strong_ordering compare_run(std::string_view& a, std::string_view& b) {
  const bool number = is_digit(a[0]);
  if (number != is_digit(b[0])) return number <=> is_digit(b[0]);
  if (number) return compare_digits(take_digits(a), take_digits(b));
  return compare_text(take_letters(a), take_letters(b));
}

std::strong_ordering compare_rpm_part(std::string_view a, std::string_view b) {
  const auto is_separator = [](char c) { return !is_word(c) && c != '~' && c != '^'; };
  while (!a.empty() || !b.empty()) {
    take_while(a, is_separator);
    take_while(b, is_separator);
    const bool a_low = a.starts_with('~');
    const bool b_low = b.starts_with('~');
    if (a_low != b_low) return b_low <=> a_low;
    const bool a_high = a.starts_with('^');
    const bool b_high = b.starts_with('^');
    if (a_high != b_high) {
      // After the version itself, before a longer one.
      if (a.empty()) return std::strong_ordering::less;
      if (b.empty()) return std::strong_ordering::greater;
      return b_high <=> a_high;
    }
    if (a_low || a_high) {
      a.remove_prefix(1);
      b.remove_prefix(1);
      continue;
    }
    if (a.empty() || b.empty()) break;
    if (const auto order = compare_run(a, b); order != 0) return order;
  }
  return !a.empty() <=> !b.empty();
}

std::strong_ordering compare_pacman_part(std::string_view a, std::string_view b) {
  const auto is_separator = [](char c) { return !is_word(c); };
  while (!a.empty() && !b.empty()) {
    const std::string_view a_gap = take_while(a, is_separator);
    const std::string_view b_gap = take_while(b, is_separator);
    if (a.empty() || b.empty()) break;
    if (a_gap.size() != b_gap.size()) return a_gap.size() <=> b_gap.size();
    if (const auto order = compare_run(a, b); order != 0) return order;
  }
  if (a.empty() && b.empty()) return std::strong_ordering::equal;
  // What is longer wins, but not by letters: "1.0rc" comes before "1.0".
  const bool a_loses = a.empty() ? !is_letter(b[0]) : is_letter(a[0]);
  return a_loses ? std::strong_ordering::less : std::strong_ordering::greater;
}

}  // namespace

std::strong_ordering compare_rpm(std::string_view a, std::string_view b) {
  const Parts left = parts_of(a);
  const Parts right = parts_of(b);
  if (const auto order = compare_digits(left.epoch, right.epoch); order != 0) return order;
  if (const auto order = compare_rpm_part(left.version, right.version); order != 0) return order;
  if (left.has_release != right.has_release) return left.has_release <=> right.has_release;
  return compare_rpm_part(left.release, right.release);
}

std::strong_ordering compare_pacman(std::string_view a, std::string_view b) {
  const Parts left = parts_of(a);
  const Parts right = parts_of(b);
  if (const auto order = compare_digits(left.epoch, right.epoch); order != 0) return order;
  if (const auto order = compare_pacman_part(left.version, right.version); order != 0) return order;
  if (!left.has_release || !right.has_release) return std::strong_ordering::equal;
  return compare_pacman_part(left.release, right.release);
}

}  // namespace vedette::formats::versions
