// SPDX-License-Identifier: Apache-2.0
#include "output/gate/finding_task.h"

#include <algorithm>

namespace vedette::output {

Task task_of(const event::Finding& finding) {
  if (finding.vulnerability)
    return upgrade_of(*finding.vulnerability).empty() ? Task::kNoFix : Task::kUpgrade;
  const auto has = [&finding](std::string_view tag) {
    return std::ranges::find(finding.rule->tags, tag) != finding.rule->tags.end();
  };
  if (has("model")) return Task::kModel;
  if (has("waiver")) return Task::kWaiver;
  return has("code") ? Task::kCode : Task::kRevoke;
}

// An upgrade may mend others of the package, and not this.
std::string upgrade_of(const event::FindingVulnerability& vulnerability) {
  if (vulnerability.fixed.empty()) return {};
  return vulnerability.upgrade.empty() ? vulnerability.fixed : vulnerability.upgrade;
}

std::string_view path_from_root(const event::FindingPlace& place) {
  std::string_view path = place.path;
  while (path.starts_with("./")) path.remove_prefix(2);
  return path;
}

}  // namespace vedette::output
