// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "formats/versions/cut_text.h"
#include "formats/versions/orders.h"

// SemVer 2.0 section 11, and its relatives. Read with tolerance: `v` before it, fewer or more than
// three numbers.
namespace vedette::formats::versions {
namespace {

struct Parts {
  std::string_view numbers;
  std::string_view pre_release;
  std::string_view build;
  bool has_pre_release = false;
  bool has_build = false;
};

Parts parts_of(std::string_view text) {
  Parts parts;
  text = without_v(text);
  if (const std::size_t plus = text.find('+'); plus != std::string_view::npos) {
    parts.has_build = true;
    parts.build = text.substr(plus + 1);
    text = text.substr(0, plus);
  }
  parts.numbers = take_while(text, [](char c) { return is_digit(c) || c == '.'; });
  // What follows without a dash is one, too: "1.21rc2", and what is no version at all.
  parts.has_pre_release = !text.empty() || parts.numbers.empty();
  take(text, "-");
  parts.pre_release = text;
  return parts;
}

std::strong_ordering compare_dotted(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    const auto order = compare_digits(take_digits(a), take_digits(b));
    if (order != 0) return order;
    take(a, ".");
    take(b, ".");
  }
  return std::strong_ordering::equal;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

using TextOrder = std::strong_ordering (*)(std::string_view, std::string_view);

std::string_view take_to_dot(std::string_view& text) {
  const std::string_view identifier = take_while(text, [](char c) { return c != '.'; });
  take(text, ".");
  return identifier;
}

// Go writes "rc2" where SemVer has "rc.2", for its own releases.
std::string_view take_to_kind(std::string_view& text) {
  const bool digits = !text.empty() && is_digit(text[0]);
  const std::string_view identifier =
      take_while(text, [&](char c) { return c != '.' && is_digit(c) == digits; });
  take(text, ".");
  return identifier;
}

std::strong_ordering compare_identifiers(std::string_view a, std::string_view b,
                                         std::string_view (*take_a)(std::string_view&),
                                         std::string_view (*take_b)(std::string_view&),
                                         TextOrder text_order) {
  while (!a.empty() && !b.empty()) {
    const std::string_view left = take_a(a);
    const std::string_view right = take_b(b);
    const bool left_number = is_number(left);
    const bool right_number = is_number(right);
    // Numbers come before words.
    if (left_number != right_number) return right_number <=> left_number;
    const auto order = left_number ? compare_digits(left, right) : text_order(left, right);
    if (order != 0) return order;
  }
  return !a.empty() <=> !b.empty();
}

std::strong_ordering compare_parts(const Parts& a, const Parts& b, TextOrder text_order) {
  if (const auto order = compare_dotted(a.numbers, b.numbers); order != 0) return order;
  if (a.has_pre_release != b.has_pre_release) return b.has_pre_release <=> a.has_pre_release;
  return compare_identifiers(a.pre_release, b.pre_release, take_to_dot, take_to_dot, text_order);
}

// "go1.21rc2" without its go, or nothing.
bool is_release_of_go(const Parts& parts, std::string_view text) {
  return parts.has_pre_release && text.find('-') == std::string_view::npos;
}

}  // namespace

std::strong_ordering compare_semver(std::string_view a, std::string_view b) {
  return compare_parts(parts_of(a), parts_of(b), compare_text);
}

// "+incompatible" is a build, pseudo-versions are pre-releases; so only Go's own releases differ.
std::strong_ordering compare_go(std::string_view a, std::string_view b) {
  take(a, "go");
  take(b, "go");
  const Parts left = parts_of(a);
  const Parts right = parts_of(b);
  if (const auto order = compare_dotted(left.numbers, right.numbers); order != 0) return order;
  if (left.has_pre_release != right.has_pre_release) {
    return right.has_pre_release <=> left.has_pre_release;
  }
  return compare_identifiers(left.pre_release, right.pre_release,
                             is_release_of_go(left, a) ? take_to_kind : take_to_dot,
                             is_release_of_go(right, b) ? take_to_kind : take_to_dot, compare_text);
}

// Unlike SemVer, a build comes after its version, and builds have an order.
std::strong_ordering compare_pub(std::string_view a, std::string_view b) {
  const Parts left = parts_of(a);
  const Parts right = parts_of(b);
  if (const auto order = compare_parts(left, right, compare_text); order != 0) return order;
  if (left.has_build != right.has_build) return left.has_build <=> right.has_build;
  return compare_identifiers(left.build, right.build, take_to_dot, take_to_dot, compare_text);
}

std::strong_ordering compare_nuget(std::string_view a, std::string_view b) {
  return compare_parts(parts_of(a), parts_of(b), compare_folded);
}

}  // namespace vedette::formats::versions
