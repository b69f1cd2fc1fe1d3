// SPDX-License-Identifier: Apache-2.0
#include "engine/gate/merged_reports.h"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <unordered_map>

namespace vedette::engine {
namespace {

using formats::findings::FindingReport;

constexpr std::size_t kPlacesMax = 1000;

// What a finding is known by. Ecosystems are left out: SARIF has no place for them.
std::vector<std::string> keys_of(const event::Finding& finding) {
  std::vector<std::string> keys = {finding.identity};
  if (!finding.vulnerability) return keys;
  const event::FindingVulnerability& one = *finding.vulnerability;
  for (const std::string& name : one.names)
    keys.push_back(fmt::format("{}\n{}\n{}", one.package, one.version, name));
  return keys;
}

bool is_at(const event::Finding& finding, const event::FindingPlace& place) {
  const auto same = [&place](const event::FindingPlace& one) {
    return one.path == place.path && one.line == place.line;
  };
  return same(finding.place) || std::ranges::any_of(finding.also_at, same);
}

void add_place(event::FindingPlace place, event::Finding& into) {
  if (into.also_at.size() < kPlacesMax && !is_at(into, place))
    into.also_at.push_back(std::move(place));
}

void merge_facts(event::FindingVulnerability& from, event::FindingVulnerability& into) {
  into.exploited = into.exploited || from.exploited;
  if (into.exploited_since.empty()) into.exploited_since = std::move(from.exploited_since);
  into.score = std::max(into.score, from.score);
  into.probability = std::max(into.probability, from.probability);
  if (into.fixed.empty()) into.fixed = std::move(from.fixed);
  if (into.upgrade.empty()) into.upgrade = std::move(from.upgrade);
}

void merge(event::Finding from, bool into_ours, event::Finding& into) {
  into.severity = std::max(into.severity, from.severity);
  into.confidence = std::max(into.confidence, from.confidence);
  into.probability = std::max(into.probability, from.probability);
  add_place(std::move(from.place), into);
  for (event::FindingPlace& place : from.also_at) add_place(std::move(place), into);
  into.evidence.push_back({"another-tool", fmt::format("{} found it too", from.rule->pack), 0});
  if (!into.vulnerability || !from.vulnerability) return;
  merge_facts(*from.vulnerability, *into.vulnerability);
  // Of two others one may not take back what the other says; ours has asked the statements.
  if (!into_ours && !from.vulnerability->statement) into.vulnerability->statement.reset();
}

}  // namespace

std::size_t merge_others(std::vector<FindingReport>& reports) {
  struct At {
    std::size_t report;
    std::size_t finding;
  };
  std::unordered_map<std::string, At> known;
  std::size_t merged = 0;
  for (const bool foreign : {false, true}) {
    for (std::size_t i = 0; i < reports.size(); ++i) {
      if (reports[i].is_foreign != foreign) continue;
      std::vector<event::Finding> kept;
      for (event::Finding& finding : reports[i].findings) {
        const std::vector<std::string> keys = keys_of(finding);
        const auto key = std::ranges::find_if(
            keys, [&known](const std::string& one) { return known.contains(one); });
        // Our own scanners know what they tell twice.
        if (foreign && key != keys.end()) {
          const At at = known.at(*key);
          event::Finding& into =
              at.report == i ? kept[at.finding] : reports[at.report].findings[at.finding];
          merge(std::move(finding), !reports[at.report].is_foreign, into);
          ++merged;
          continue;
        }
        for (const std::string& one : keys) known.try_emplace(one, At{i, kept.size()});
        kept.push_back(std::move(finding));
      }
      reports[i].findings = std::move(kept);
    }
  }
  return merged;
}

}  // namespace vedette::engine
