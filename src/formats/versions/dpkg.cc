// SPDX-License-Identifier: Apache-2.0
#include "formats/versions/cut_text.h"
#include "formats/versions/orders.h"

// Debian Policy 5.6.12: epoch:upstream-revision.
namespace vedette::formats::versions {
namespace {

// Of what stands at the front, where at least one side has something other than a digit: `~` before
// the end, the end (and a digit, which ends the part) before letters, those before all else.
int weight(std::string_view text) {
  if (text.empty() || is_digit(text[0])) return 0;
  if (text[0] == '~') return -1;
  const int code = static_cast<unsigned char>(text[0]);
  return is_letter(text[0]) ? code : code + 256;
}

std::strong_ordering compare_part(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    while ((!a.empty() && !is_digit(a[0])) || (!b.empty() && !is_digit(b[0]))) {
      const auto order = weight(a) <=> weight(b);
      if (order != 0) return order;
      // Of equal weight only when both have the same character.
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
    const auto order = compare_digits(take_digits(a), take_digits(b));
    if (order != 0) return order;
  }
  return std::strong_ordering::equal;
}

struct Parts {
  std::string_view epoch;
  std::string_view upstream;
  std::string_view revision;
};

Parts parts_of(std::string_view text) {
  Parts parts;
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    parts.epoch = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (const std::size_t dash = text.rfind('-'); dash != std::string_view::npos) {
    parts.revision = text.substr(dash + 1);
    text = text.substr(0, dash);
  }
  parts.upstream = text;
  return parts;
}

}  // namespace

std::strong_ordering compare_dpkg(std::string_view a, std::string_view b) {
  const Parts left = parts_of(a);
  const Parts right = parts_of(b);
  if (const auto order = compare_part(left.epoch, right.epoch); order != 0) return order;
  if (const auto order = compare_part(left.upstream, right.upstream); order != 0) return order;
  return compare_part(left.revision, right.revision);
}

}  // namespace vedette::formats::versions
