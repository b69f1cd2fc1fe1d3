// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdint>
#include <optional>

#include "formats/versions/cut_text.h"
#include "formats/versions/orders.h"

// Gentoo's versions (Package Manager Specification, section 3.3) and Alpine's, which come of them:
// number{.number}[letter[number]]{_suffix[number]}[~hash][-r[number]]. What does not fit, a tail,
// makes a version a little lower than the same without it.
namespace vedette::formats::versions {
namespace {

enum class Dialect : std::uint8_t { kApk, kPortage };

// By rank; what is not there has 4: pre-releases come before it.
constexpr std::array<std::string_view, 10> kSuffixes = {"alpha", "beta", "pre", "rc", "",
                                                        "cvs",   "svn",  "git", "hg", "p"};
constexpr int kNoSuffix = 4;

// An empty number ("1..2", "1.r2") comes even before the end.
int presence(const std::optional<std::string_view>& number) {
  if (!number) return 1;
  return number->empty() ? 0 : 2;
}

std::strong_ordering compare_fraction(Dialect dialect, std::string_view a, std::string_view b) {
  if (!a.starts_with('0') && !b.starts_with('0')) return compare_digits(a, b);
  if (dialect == Dialect::kPortage) {
    a = a.substr(0, a.find_last_not_of('0') + 1);
    b = b.substr(0, b.find_last_not_of('0') + 1);
  }
  return compare_text(a, b);
}

std::strong_ordering compare_components(Dialect dialect, std::string_view& a, std::string_view& b) {
  if (const auto order = compare_digits(take_digits(a), take_digits(b)); order != 0) return order;
  while (a.starts_with('.') || b.starts_with('.')) {
    std::optional<std::string_view> left;
    std::optional<std::string_view> right;
    if (take(a, ".")) left = take_digits(a);
    if (take(b, ".")) right = take_digits(b);
    if (presence(left) != presence(right)) return presence(left) <=> presence(right);
    const auto order = compare_fraction(dialect, *left, *right);
    if (order != 0) return order;
  }
  return std::strong_ordering::equal;
}

// A number that need not be there; in Alpine "_p" comes before "_p0".
std::strong_ordering compare_optional(Dialect dialect, std::string_view a, std::string_view b) {
  if (dialect == Dialect::kApk && a.empty() != b.empty()) return !a.empty() <=> !b.empty();
  return compare_digits(a, b);
}

std::strong_ordering compare_letter(Dialect dialect, std::string_view& a, std::string_view& b) {
  const char left = !a.empty() && is_lower(a[0]) ? a[0] : '\0';
  const char right = !b.empty() && is_lower(b[0]) ? b[0] : '\0';
  if (left != right) return left <=> right;
  if (left == '\0') return std::strong_ordering::equal;
  a.remove_prefix(1);
  b.remove_prefix(1);
  return compare_optional(dialect, take_digits(a), take_digits(b));
}

// Leaves text alone that begins with no suffix.
int take_suffix(std::string_view& text) {
  std::string_view rest = text;
  if (!take(rest, "_")) return kNoSuffix;
  const std::string_view name = take_while(rest, is_lower);
  const auto* const found = std::ranges::find(kSuffixes, name);
  if (found == kSuffixes.end() || name.empty()) return kNoSuffix;
  text = rest;
  return static_cast<int>(found - kSuffixes.begin());
}

std::strong_ordering compare_suffixes(Dialect dialect, std::string_view& a, std::string_view& b) {
  while (true) {
    const int left = take_suffix(a);
    const int right = take_suffix(b);
    if (left != right) return left <=> right;
    if (left == kNoSuffix) return std::strong_ordering::equal;
    const auto order = compare_optional(dialect, take_digits(a), take_digits(b));
    if (order != 0) return order;
  }
}

std::string_view take_hash(std::string_view& text) {
  if (!take(text, "~")) return {};
  return take_while(text, [](char c) { return is_digit(c) || is_lower(c); });
}

std::optional<std::string_view> take_revision(std::string_view& text) {
  std::string_view rest = text;
  if (!take(rest, "-r")) return std::nullopt;
  const std::string_view number = take_digits(rest);
  if (!rest.empty() && is_letter(rest[0])) return std::nullopt;  // "-ruff"
  text = rest;
  return number;
}

std::strong_ordering compare_revision(Dialect dialect, std::string_view& a, std::string_view& b) {
  const std::optional<std::string_view> left = take_revision(a);
  const std::optional<std::string_view> right = take_revision(b);
  if (dialect == Dialect::kApk && left.has_value() != right.has_value()) {
    return left.has_value() <=> right.has_value();
  }
  return compare_digits(left.value_or(""), right.value_or(""));
}

std::strong_ordering compare_gentoo(Dialect dialect, std::string_view a, std::string_view b) {
  if (const auto order = compare_components(dialect, a, b); order != 0) return order;
  if (const auto order = compare_letter(dialect, a, b); order != 0) return order;
  if (const auto order = compare_suffixes(dialect, a, b); order != 0) return order;
  if (const auto order = compare_text(take_hash(a), take_hash(b)); order != 0) return order;
  if (const auto order = compare_revision(dialect, a, b); order != 0) return order;
  return a.empty() <=> b.empty();
}

}  // namespace

std::strong_ordering compare_apk(std::string_view a, std::string_view b) {
  return compare_gentoo(Dialect::kApk, a, b);
}

std::strong_ordering compare_portage(std::string_view a, std::string_view b) {
  return compare_gentoo(Dialect::kPortage, a, b);
}

}  // namespace vedette::formats::versions
