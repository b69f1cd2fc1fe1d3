// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <set>
#include <span>

#include "base/json_writer.h"
#include "engine/rules_run.h"
#include "output/attack.h"

namespace vedette::engine {
namespace {

constexpr std::string_view kNoTechnique = "no technique";

std::vector<const event::RuleInfo*> infos_of(const rules::RuleSet& set) {
  std::vector<const event::RuleInfo*> infos;
  for (const rules::Rule& rule : set.rules) infos.push_back(&rule.info);
  for (const rules::Correlation& correlation : set.correlations) infos.push_back(&correlation.info);
  return infos;
}

bool is_attack(const std::string& technique) { return technique.starts_with('T'); }

}  // namespace

std::string navigator_layer(const rules::RuleSet& set, const std::string& name) {
  std::map<std::string, std::vector<std::string>> titles;
  for (const event::RuleInfo* info : infos_of(set)) {
    for (const std::string& technique : output::parse_attack_tags(info->tags).techniques) {
      // The Navigator's domain is ATT&CK Enterprise; ATLAS has a matrix of its own.
      if (is_attack(technique)) titles[technique].push_back(info->title);
    }
  }
  std::size_t most = 1;
  for (const auto& [technique, rules] : titles) most = std::max(most, rules.size());

  std::string out;
  JsonWriter json(out);
  json.begin_object().key("name").string(name).key("domain").string("enterprise-attack");
  json.key("versions").begin_object().key("layer").string("4.5").end_object();
  json.key("description").string("Number of rules per technique.");
  json.key("techniques").begin_array();
  for (const auto& [technique, rules] : titles) {
    json.begin_object().key("techniqueID").string(technique);
    json.key("score").number(static_cast<std::uint64_t>(rules.size()));
    std::string comment;
    for (const std::string& title : rules) comment += (comment.empty() ? "" : "\n") + title;
    json.key("comment").string(comment).key("enabled").boolean(true).end_object();
  }
  json.end_array();
  json.key("gradient").begin_object();
  json.key("colors").begin_array().string("#ffffff").string("#2a7f3f").end_array();
  json.key("minValue").number(0).key("maxValue").number(static_cast<std::uint64_t>(most));
  json.end_object().end_object();
  out += '\n';
  return out;
}

CoverageTable coverage_table(const rules::RuleSet& set) {
  CoverageTable table;
  for (const event::RuleInfo* info : infos_of(set)) {
    const std::string source = info->correlation ? "correlation" : info->logsource;
    const output::AttackTags tags = output::parse_attack_tags(info->tags);
    for (const std::string& technique : tags.techniques) ++table[technique][source];
    if (tags.techniques.empty()) ++table[std::string(kNoTechnique)][source];
  }
  return table;
}

}  // namespace vedette::engine
