// SPDX-License-Identifier: Apache-2.0
#include "policy/facts.h"

#include <algorithm>

#include "policy/sample_path.h"

namespace vedette::policy {
namespace {

std::optional<double> known(double value) {
  return value < 0 ? std::nullopt : std::optional<double>(value);
}

void add_vulnerability(const event::FindingVulnerability& one, Facts& facts) {
  facts.exploited = answer(one.exploited);
  facts.ransomware = answer(one.ransomware);
  facts.exploit = answer(one.exploited || !one.exploits.empty());
  facts.fix = answer(!one.fixed.empty());
  if (one.used) facts.used = answer(*one.used);
  if (one.reachable) facts.reachable = answer(*one.reachable);
  if (one.direct) facts.direct = answer(*one.direct);
  facts.development = answer(one.development);
  facts.score = known(one.score);
  facts.probability = known(one.probability);
  facts.percentile = known(one.percentile);
  facts.published = one.published;
  const auto exploited = parse_time(one.exploited_since);
  if (one.exploited && exploited) facts.published = std::max(facts.published, *exploited);
}

bool is_sample(const event::Finding& finding) {
  return is_sample_path(finding.place.path) &&
         std::ranges::all_of(finding.also_at, [](const event::FindingPlace& place) {
           return is_sample_path(place.path);
         });
}

}  // namespace

std::string_view kind_of(const event::Finding& finding) {
  if (finding.kind == event::FindingClass::kVulnerability) return "vulnerability";
  for (const std::string_view kind : {"model", "waiver", "code"}) {
    if (std::ranges::find(finding.rule->tags, kind) != finding.rule->tags.end()) return kind;
  }
  return "secret";
}

Facts facts_of(const event::Finding& finding, const FactContext& context) {
  Facts facts;
  facts.finding = &finding;
  facts.kind = kind_of(finding);
  facts.image = context.image;
  facts.environment = context.environment;
  facts.is_new = answer(context.is_new);
  facts.sample = answer(is_sample(finding));
  if (finding.vulnerability) add_vulnerability(*finding.vulnerability, facts);
  if (finding.place.layer) {
    facts.hidden = answer(finding.place.layer->hidden);
    facts.base = answer(finding.place.layer->base);
  }
  return facts;
}

}  // namespace vedette::policy
