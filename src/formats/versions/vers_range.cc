// SPDX-License-Identifier: Apache-2.0
#include "formats/versions/vers_range.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "formats/packages/purl_parts.h"
#include "formats/packages/text.h"
#include "formats/versions/version_order.h"

namespace vedette::formats::versions {
namespace {

constexpr std::size_t kConstraintsMax = 10'000;

enum class Sign : std::uint8_t { kEqual, kNotEqual, kLess, kLessEqual, kMore, kMoreEqual };
struct SignRow {
  std::string_view text;
  Sign sign;
};
// The longer ones first.
constexpr std::array<SignRow, 6> kSigns = {{{"!=", Sign::kNotEqual},
                                            {"<=", Sign::kLessEqual},
                                            {">=", Sign::kMoreEqual},
                                            {"<", Sign::kLess},
                                            {">", Sign::kMore},
                                            {"=", Sign::kEqual}}};

struct Constraint {
  Sign sign = Sign::kEqual;
  std::string version;
};

bool is_upper(const Constraint& one) {
  return one.sign == Sign::kLess || one.sign == Sign::kLessEqual;
}

}  // namespace

InRange in_vers_range(packages::Ecosystem ecosystem, std::string_view range,
                      std::string_view version) {
  const std::size_t slash = range.find('/');
  if (!range.starts_with("vers:") || slash == std::string_view::npos) return InRange::kUnknown;
  std::string_view rest = packages::trimmed(range.substr(slash + 1));
  if (rest == "*") return InRange::kYes;
  std::vector<Constraint> bounds;
  bool excluded = false;
  bool included = false;
  std::size_t count = 0;
  while (!rest.empty()) {
    std::string_view text = rest.substr(0, rest.find('|'));
    rest.remove_prefix(std::min(rest.size(), text.size() + 1));
    text = packages::trimmed(text);
    if (++count > kConstraintsMax) return InRange::kUnknown;
    Constraint one;
    for (const SignRow& row : kSigns) {
      if (!text.starts_with(row.text)) continue;
      one.sign = row.sign;
      text.remove_prefix(row.text.size());
      break;
    }
    one.version = packages::percent_decoded(packages::trimmed(text));
    if (one.version.empty()) return InRange::kUnknown;
    const bool is_same = compare(ecosystem, version, one.version) == 0;
    excluded = excluded || (is_same && one.sign == Sign::kNotEqual);
    included = included || (is_same && (one.sign == Sign::kEqual || one.sign == Sign::kLessEqual ||
                                        one.sign == Sign::kMoreEqual));
    if (one.sign != Sign::kEqual && one.sign != Sign::kNotEqual) bounds.push_back(std::move(one));
  }
  if (count == 0) return InRange::kUnknown;
  if (excluded) return InRange::kNo;
  if (included) return InRange::kYes;
  std::ranges::stable_sort(bounds, [ecosystem](const Constraint& a, const Constraint& b) {
    return compare(ecosystem, a.version, b.version) < 0;
  });
  // From the lowest bound on: in, where the nearest one below opens and the nearest above closes.
  const Constraint* below = nullptr;
  const Constraint* above = nullptr;
  for (const Constraint& one : bounds) {
    if (compare(ecosystem, one.version, version) <= 0) {
      below = &one;
    } else if (above == nullptr) {
      above = &one;
    }
  }
  if (below == nullptr && above == nullptr) return InRange::kNo;
  // What equals a bound of "<" or ">" alone is neither in nor hidden by what is further away.
  if (below != nullptr && compare(ecosystem, below->version, version) == 0) return InRange::kNo;
  const bool opened = below == nullptr || !is_upper(*below);
  const bool closed = above == nullptr || is_upper(*above);
  return opened && closed ? InRange::kYes : InRange::kNo;
}

}  // namespace vedette::formats::versions
