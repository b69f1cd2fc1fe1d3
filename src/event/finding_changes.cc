// SPDX-License-Identifier: Apache-2.0
#include "event/finding_changes.h"

#include <string>
#include <unordered_set>

namespace vedette::event {
namespace {

std::string key_of(const Finding& finding) {
  const FindingVulnerability& one = *finding.vulnerability;
  return one.ecosystem + '\n' + one.package + '\n' + finding.rule->id;
}

bool counts(const Finding& finding) { return finding.vulnerability && !is_suppressed(finding); }

std::unordered_set<std::string> keys_of(const std::vector<Finding>& findings) {
  std::unordered_set<std::string> keys;
  for (const Finding& finding : findings) {
    if (counts(finding)) keys.insert(key_of(finding));
  }
  return keys;
}

}  // namespace

FindingChanges compare_findings(const std::vector<Finding>& before,
                                const std::vector<Finding>& after) {
  const auto old_keys = keys_of(before);
  const auto new_keys = keys_of(after);
  FindingChanges changes;
  for (const Finding& finding : after) {
    if (!counts(finding)) continue;
    (old_keys.contains(key_of(finding)) ? changes.unchanged : changes.appeared).push_back(&finding);
  }
  for (const Finding& finding : before) {
    if (counts(finding) && !new_keys.contains(key_of(finding))) changes.fixed.push_back(&finding);
  }
  return changes;
}

}  // namespace vedette::event
