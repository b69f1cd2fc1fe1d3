// SPDX-License-Identifier: Apache-2.0
#include "policy/clause.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "policy/text_pattern.h"

namespace vedette::policy {
namespace {

constexpr double kNsPerDay = 86'400.0 * kNsPerSecond;

using Names = std::vector<std::string_view>;

void one_name(std::string_view name, Names& names) {
  if (!name.empty()) names.push_back(name);
}

void paths_of(const Facts& facts, Names& names) {
  names.push_back(facts.finding->place.path);
  for (const event::FindingPlace& place : facts.finding->also_at) names.push_back(place.path);
}

std::optional<double> age_of(const Facts& facts, TimeNs now) {
  if (facts.published == 0) return std::nullopt;
  return static_cast<double>(now - facts.published) / kNsPerDay;
}

// How the value of a key is found: one of these, by its type.
struct Row {
  Key key;
  void (*names)(const Facts& facts, Names& names) = nullptr;
  Answer Facts::* answer = nullptr;
  std::optional<double> (*number)(const Facts& facts, TimeNs now) = nullptr;
};

constexpr auto kRows = std::to_array<Row>({
    {{"kind", KeyType::kName, "secret, vulnerability, model, code, waiver"},
     [](const Facts& facts, Names& names) { one_name(facts.kind, names); }},
    {{"rule", KeyType::kName, "id of the rule, or any name of the vulnerability"},
     [](const Facts& facts, Names& names) {
       names.push_back(facts.finding->rule->id);
       if (!facts.finding->vulnerability) return;
       for (const std::string& name : facts.finding->vulnerability->names) names.push_back(name);
     }},
    {{"tag", KeyType::kName, "tag of the rule"},
     [](const Facts& facts, Names& names) {
       for (const std::string& tag : facts.finding->rule->tags) names.push_back(tag);
     }},
    {{"evidence", KeyType::kName, "name of what was observed: verified:live, checksum …"},
     [](const Facts& facts, Names& names) {
       for (const event::Evidence& one : facts.finding->evidence) names.push_back(one.name);
     }},
    {{"path", KeyType::kPath, "file that holds it"}, paths_of},
    {{"sample", KeyType::kAnswer, "only in tests, fixtures, examples or documentation"},
     nullptr,
     &Facts::sample},
    {{"package", KeyType::kName, "name of the package"},
     [](const Facts& facts, Names& names) {
       if (facts.finding->vulnerability) one_name(facts.finding->vulnerability->package, names);
     }},
    {{"ecosystem", KeyType::kName, "npm, PyPI, Debian …"},
     [](const Facts& facts, Names& names) {
       if (facts.finding->vulnerability) one_name(facts.finding->vulnerability->ecosystem, names);
     }},
    {{"image", KeyType::kName, "name of the image that was scanned"},
     [](const Facts& facts, Names& names) { one_name(facts.image, names); }},
    {{"environment", KeyType::kName, "where it will run, as --environment says"},
     [](const Facts& facts, Names& names) { one_name(facts.environment, names); }},
    {{"severity", KeyType::kLevel, "critical, high, medium, low, informational"}},
    {{"confidence", KeyType::kConfidence, "high, medium, low"}},
    {{"exploited", KeyType::kAnswer, "in CISA's catalogue of exploited vulnerabilities"},
     nullptr,
     &Facts::exploited},
    {{"ransomware", KeyType::kAnswer, "used by ransomware, as that catalogue says"},
     nullptr,
     &Facts::ransomware},
    {{"exploit", KeyType::kAnswer, "exploited, or somebody published how"},
     nullptr,
     &Facts::exploit},
    {{"fix", KeyType::kAnswer, "a version without it is known"}, nullptr, &Facts::fix},
    {{"used", KeyType::kAnswer, "opened while its image was watched"}, nullptr, &Facts::used},
    {{"reachable", KeyType::kAnswer, "the vulnerable functions are in the program (Go)"},
     nullptr,
     &Facts::reachable},
    {{"direct", KeyType::kAnswer, "asked for by the project itself"}, nullptr, &Facts::direct},
    {{"development", KeyType::kAnswer, "nothing that ships needs it"},
     nullptr,
     &Facts::development},
    {{"new", KeyType::kAnswer, "not in the base that is compared with"}, nullptr, &Facts::is_new},
    {{"hidden", KeyType::kAnswer, "in a layer, and deleted by a later one"},
     nullptr,
     &Facts::hidden},
    {{"base_image", KeyType::kAnswer, "of the image that this one was built on"},
     nullptr,
     &Facts::base},
    {{"score", KeyType::kNumber, "CVSS base score"},
     nullptr,
     nullptr,
     [](const Facts& facts, TimeNs) { return facts.score; }},
    {{"probability", KeyType::kNumber, "of exploitation in 30 days (EPSS), 0 to 1"},
     nullptr,
     nullptr,
     [](const Facts& facts, TimeNs) { return facts.probability; }},
    {{"percentile", KeyType::kNumber, "share of vulnerabilities that are less likely, 0 to 1"},
     nullptr,
     nullptr,
     [](const Facts& facts, TimeNs) { return facts.percentile; }},
    {{"age", KeyType::kDays, "since it was published, or known to be exploited"},
     nullptr,
     nullptr,
     age_of},
});

constexpr auto kKeys = [] {
  std::array<Key, kRows.size()> all;
  std::ranges::transform(kRows, all.begin(), &Row::key);
  return all;
}();

std::size_t rank_of(const Key& key, const Facts& facts) {
  return key.type == KeyType::kLevel ? static_cast<std::size_t>(facts.finding->severity)
                                     : static_cast<std::size_t>(facts.finding->confidence);
}

bool compares(Comparison comparison, double found, double wanted) {
  switch (comparison) {
    case Comparison::kEqual:
      return found == wanted;
    case Comparison::kLess:
      return found < wanted;
    case Comparison::kAtMost:
      return found <= wanted;
    case Comparison::kGreater:
      return found > wanted;
    case Comparison::kAtLeast:
      return found >= wanted;
  }
  return false;
}

bool names_hold(const Condition& condition, const Row& row, const Facts& facts, Places places) {
  Names names;
  row.names(facts, names);
  const bool is_path = row.key.type == KeyType::kPath;
  const auto matches = [&](std::string_view name) {
    return std::ranges::any_of(condition.patterns, [&](const std::string& pattern) {
      return is_path ? path_matches(pattern, name) : name_matches(pattern, name);
    });
  };
  // Only places are several things; several names are one thing.
  return is_path && places == Places::kAll ? std::ranges::all_of(names, matches)
                                           : std::ranges::any_of(names, matches);
}

bool holds_for(const Condition& condition, const Facts& facts, TimeNs now, Places places) {
  const Row& row = kRows[condition.key];
  const auto asks = [&condition](Answer one) {
    return std::ranges::find(condition.answers, one) != condition.answers.end();
  };
  switch (row.key.type) {
    case KeyType::kName:
    case KeyType::kPath:
      return names_hold(condition, row, facts, places);
    case KeyType::kAnswer:
      return asks(facts.*row.answer);
    case KeyType::kLevel:
    case KeyType::kConfidence:
      return (condition.ranks >> rank_of(row.key, facts) & 1) != 0;
    case KeyType::kNumber:
    case KeyType::kDays: {
      const std::optional<double> found = row.number(facts, now);
      if (!found) return asks(Answer::kUnknown);
      return condition.has_comparison && compares(condition.comparison, *found, condition.number);
    }
  }
  return false;
}

}  // namespace

std::span<const Key> keys() { return kKeys; }

std::string value_text(std::size_t key, const Facts& facts, TimeNs now) {
  const Row& row = kRows[key];
  constexpr std::array<std::string_view, 3> kAnswers = {"unknown", "false", "true"};
  switch (row.key.type) {
    case KeyType::kName:
    case KeyType::kPath: {
      Names names;
      row.names(facts, names);
      return names.empty() ? "unknown" : std::string(names.front());
    }
    case KeyType::kAnswer:
      return std::string(kAnswers[static_cast<std::size_t>(facts.*row.answer)]);
    case KeyType::kLevel:
      return std::string(event::to_string(facts.finding->severity));
    case KeyType::kConfidence:
      return std::string(event::to_string(facts.finding->confidence));
    case KeyType::kNumber:
    case KeyType::kDays: {
      const std::optional<double> found = row.number(facts, now);
      if (!found) return "unknown";
      return row.key.type == KeyType::kDays ? fmt::format("{:.0f}d", *found)
                                            : fmt::format("{:.4g}", *found);
    }
  }
  return {};
}

bool Clause::holds(const Facts& facts, TimeNs now, Places places) const {
  return std::ranges::all_of(conditions, [&](const Condition& condition) {
    return holds_for(condition, facts, now, places);
  });
}

std::string Clause::reason(const Facts& facts, TimeNs now) const {
  std::string text;
  for (const Condition& condition : conditions) {
    if (!text.empty()) text += ", ";
    text += condition.text;
    const std::string found = value_text(condition.key, facts, now);
    if (condition.text != fmt::format("{}: {}", kRows[condition.key].key.name, found))
      text += fmt::format(" ({})", found);
  }
  return text.empty() ? "always" : text;
}

}  // namespace vedette::policy
