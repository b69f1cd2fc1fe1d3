// SPDX-License-Identifier: Apache-2.0
#include "vulnerabilities/affected.h"

#include <algorithm>

#include "formats/versions/version_order.h"

namespace vedette::vulnerabilities {
namespace {

using formats::advisories::Event;
using formats::advisories::EventKind;
using formats::packages::Ecosystem;
using formats::versions::compare;

bool is_from_start(const Event& event) {
  return event.kind == EventKind::kIntroduced && event.version == "0";
}

// See formats/versions/version_order.h.
bool is_transitive(Ecosystem ecosystem) {
  return ecosystem != Ecosystem::kMaven && ecosystem != Ecosystem::kPackagist &&
         ecosystem != Ecosystem::kArch;
}

// Without a limit everything is before it.
bool is_before_limits(Ecosystem ecosystem, std::string_view version, const Range& range) {
  bool limited = false;
  for (const Event& event : range.events) {
    if (event.kind != EventKind::kLimit) continue;
    limited = true;
    if (event.version == "*" || compare(ecosystem, version, event.version) < 0) return true;
  }
  return !limited;
}

}  // namespace

void sort_events(Ecosystem ecosystem, Range& range) {
  std::ranges::stable_sort(range.events, [ecosystem](const Event& a, const Event& b) {
    if (is_from_start(a) || is_from_start(b)) return is_from_start(a) && !is_from_start(b);
    return compare(ecosystem, a.version, b.version) < 0;
  });
}

bool is_in_range(Ecosystem ecosystem, std::string_view version, const Range& range) {
  if (range.type == RangeType::kGit || !is_before_limits(ecosystem, version, range)) return false;
  bool affected = false;
  for (const Event& event : range.events) {
    if (event.kind == EventKind::kLimit) continue;
    const auto order = is_from_start(event) ? std::strong_ordering::greater
                                            : compare(ecosystem, version, event.version);
    // Those behind are later still, where the order is a whole one.
    if (order < 0 && is_transitive(ecosystem)) break;
    if (event.kind == EventKind::kIntroduced && order >= 0) affected = true;
    if (event.kind == EventKind::kFixed && order >= 0) affected = false;
    if (event.kind == EventKind::kLastAffected && order > 0) affected = false;
  }
  return affected;
}

bool is_affected(Ecosystem ecosystem, std::string_view version, const AffectedRecord& record) {
  const auto has = [&](const Range& range) { return is_in_range(ecosystem, version, range); };
  const auto equals = [&](const std::string& one) { return compare(ecosystem, version, one) == 0; };
  return std::ranges::any_of(record.ranges, has) || std::ranges::any_of(record.versions, equals);
}

}  // namespace vedette::vulnerabilities
