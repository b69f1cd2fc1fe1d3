// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/history_findings.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace vedette::engine {

void HistoryFindings::add_place(Group& group, When when, event::FindingPlace place) {
  const auto at = group.others.find(when.path);
  if (at != group.others.end()) {
    if (when < at->second.first) at->second = {std::move(when), std::move(place)};
    return;
  }
  std::string path = when.path;
  group.others.emplace(std::move(path), std::pair(std::move(when), std::move(place)));
  // The last by name goes, so that what stays does not depend on the order of coming. The first
  // place's own path does not count.
  if (group.others.size() > kOtherPathsMax + 1) group.others.erase(std::prev(group.others.end()));
}

void HistoryFindings::add(When when, event::Finding finding) {
  const auto [at, is_new] = groups_.try_emplace(finding.identity);
  Group& group = at->second;
  if (!is_new) add_place(group, when, finding.place);
  if (is_new || when < group.when) {
    if (!is_new) add_place(group, group.when, group.finding.place);
    group.when = std::move(when);
    group.finding = std::move(finding);
  }
}

void HistoryFindings::add(std::uint32_t commit, event::Finding finding) {
  When when{commit, finding.place.path, finding.place.offset};
  add(std::move(when), std::move(finding));
}

void HistoryFindings::merge(HistoryFindings other) {
  for (auto& [identity, group] : other.groups_) {
    for (auto& [path, place] : group.others) {
      const auto at = groups_.find(identity);
      if (at != groups_.end()) add_place(at->second, place.first, place.second);
    }
    std::map<std::string, std::pair<When, event::FindingPlace>> others = std::move(group.others);
    const bool is_new = !groups_.contains(identity);
    add(std::move(group.when), std::move(group.finding));
    if (is_new) groups_.at(identity).others = std::move(others);
  }
}

std::vector<HistoryFindings::Found> HistoryFindings::take() {
  std::vector<Group*> order;
  for (auto& [identity, group] : groups_) order.push_back(&group);
  std::ranges::sort(order, [](const Group* a, const Group* b) {
    return std::tie(a->when, a->finding.identity) < std::tie(b->when, b->finding.identity);
  });
  std::vector<Found> found;
  for (Group* group : order) {
    event::Finding finding = std::move(group->finding);
    for (auto& [path, place] : group->others) {
      if (path == finding.place.path || finding.also_at.size() == kOtherPathsMax) continue;
      finding.also_at.push_back(std::move(place.second));
    }
    found.push_back({group->when.commit, std::move(finding)});
  }
  groups_.clear();
  return found;
}

void HistoryFindings::restore(std::vector<Found> all) {
  for (Found& found : all) {
    const std::string identity = found.finding.identity;
    std::vector<event::FindingPlace> others = std::move(found.finding.also_at);
    found.finding.also_at.clear();
    add(found.commit, std::move(found.finding));
    Group& group = groups_.at(identity);
    for (event::FindingPlace& place : others) {
      When when{found.commit, place.path, place.offset};
      add_place(group, std::move(when), std::move(place));
    }
  }
}

}  // namespace vedette::engine
