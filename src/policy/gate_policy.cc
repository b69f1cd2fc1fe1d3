// SPDX-License-Identifier: Apache-2.0
#include "policy/gate_policy.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

#include "base/result.h"
#include "policy/clause_reader.h"

namespace vedette::policy {
namespace {

using event::Verdict;
using formats::yaml::Member;
using formats::yaml::Node;
using formats::yaml::NodeKind;

// Names of Rollout::at_most.
constexpr std::array<std::pair<std::string_view, Verdict>, 3> kModes = {
    {{"observe", Verdict::kTrack}, {"warn", Verdict::kWarn}, {"block", Verdict::kBlock}}};

// One key of a mapping that becomes a T.
template <typename T>
struct KeyOf {
  std::string_view name;
  void (*read)(YamlReader& reader, const Node& value, T& into);
  bool required = false;
};

template <typename T>
bool read_mapping(YamlReader& reader, const Node& node, std::string_view what,
                  std::span<const KeyOf<T>> rows, T& into) {
  std::vector<std::string> known;
  for (const KeyOf<T>& row : rows) known.emplace_back(row.name);
  if (!reader.check_keys(node, what, known)) return false;
  for (const KeyOf<T>& row : rows) {
    const Node* const value = node.find(row.name);
    if (value != nullptr) {
      row.read(reader, *value, into);
    } else if (row.required) {
      reader.problem(node, fmt::format("expected \"{}\" in {}, found none", row.name, what));
    }
  }
  return true;
}

template <typename T>
void read_list(YamlReader& reader, const Node& node, std::string_view what,
               std::span<const KeyOf<T>> rows, std::vector<T>& into) {
  if (node.kind != NodeKind::kSequence || node.elements.size() > YamlReader::kElementsMax) {
    reader.wrong(node, fmt::format("a list of {}s", what));
    return;
  }
  into.clear();
  for (const Node* element : node.elements) {
    T one;
    one.place = reader.place(*element);
    if (read_mapping<T>(reader, *element, "a " + std::string(what), rows, one))
      into.push_back(std::move(one));
  }
}

template <typename T>
void read_name(YamlReader& reader, const Node& value, T& into) {
  into.name = reader.text(value, "a name");
}
template <typename T>
void read_when(YamlReader& reader, const Node& value, T& into) {
  into.when = reader.clause(value);
}
template <typename T>
void read_verdict(YamlReader& reader, const Node& value, T& into) {
  into.verdict = reader.verdict(value).value_or(into.verdict);
}

constexpr auto kTierKeys = std::to_array<KeyOf<Tier>>({
    {"name", read_name<Tier>, true},
    {"verdict", read_verdict<Tier>, true},
    {"when", read_when<Tier>, true},
    {"unless",
     [](YamlReader& reader, const Node& value, Tier& tier) {
       if (value.kind != NodeKind::kSequence) {
         tier.unless.push_back(reader.clause(value));
         return;
       }
       for (const Node* one : value.elements) tier.unless.push_back(reader.clause(*one));
     }},
});

constexpr auto kRolloutKeys = std::to_array<KeyOf<Rollout>>({
    {"name", read_name<Rollout>, true},
    {"when", read_when<Rollout>, true},
    {"mode",
     [](YamlReader& reader, const Node& value, Rollout& one) {
       const auto* const mode =
           std::ranges::find(kModes, value.text, &std::pair<std::string_view, Verdict>::first);
       if (value.kind == NodeKind::kScalar && mode != kModes.end()) {
         one.at_most = mode->second;
       } else {
         reader.wrong(value, "observe, warn or block");
       }
     },
     true},
    {"warn_from", [](YamlReader& reader, const Node& value,
                     Rollout& one) { one.warn_from = reader.date(value); }},
    {"block_from", [](YamlReader& reader, const Node& value,
                      Rollout& one) { one.block_from = reader.date(value); }},
});

constexpr auto kGraceKeys = std::to_array<KeyOf<Grace>>({
    {"name", read_name<Grace>, true},
    {"days",
     [](YamlReader& reader, const Node& value, Grace& one) {
       one.days = reader.days(value).value_or(0);
     },
     true},
    {"when", read_when<Grace>},
    {"at_most", [](YamlReader& reader, const Node& value,
                   Grace& one) { one.at_most = reader.verdict(value).value_or(one.at_most); }},
});

constexpr auto kBudgetKeys = std::to_array<KeyOf<Budget>>({
    {"name", read_name<Budget>, true},
    {"allowed",
     [](YamlReader& reader, const Node& value, Budget& one) {
       one.allowed = reader.count(value, "a number of findings").value_or(0);
     },
     true},
    {"when", read_when<Budget>},
    {"verdict", read_verdict<Budget>},
});

constexpr auto kApproverKeys = std::to_array<KeyOf<ApproverRule>>({
    {"when", read_when<ApproverRule>},
    {"who",
     [](YamlReader& reader, const Node& value, ApproverRule& rule) {
       for (const Node* one : reader.values(value, "an approver, or a list of them"))
         rule.who.emplace_back(one->text);
     },
     true},
    {"signed", [](YamlReader& reader, const Node& value,
                  ApproverRule& rule) { rule.is_signed = reader.boolean(value).value_or(true); }},
});

constexpr auto kWaiverKeys = std::to_array<KeyOf<WaiverPolicy>>({
    {"file", [](YamlReader& reader, const Node& value,
                WaiverPolicy& into) { into.file = reader.text(value, "a path"); }},
    {"days_max", [](YamlReader& reader, const Node& value,
                    WaiverPolicy& into) { into.days_max = reader.days(value).value_or(0); }},
    {"ticket", [](YamlReader& reader, const Node& value,
                  WaiverPolicy& into) { into.ticket = reader.boolean(value).value_or(true); }},
    {"signers", [](YamlReader& reader, const Node& value,
                   WaiverPolicy& into) { into.signers = reader.text(value, "a path"); }},
    {"approvers",
     [](YamlReader& reader, const Node& value, WaiverPolicy& into) {
       read_list<ApproverRule>(reader, value, "rule of approvers", kApproverKeys, into.approvers);
     }},
});

constexpr auto kGateKeys = std::to_array<KeyOf<GatePolicy>>({
    {"tiers",
     [](YamlReader& reader, const Node& value, GatePolicy& into) {
       read_list<Tier>(reader, value, "tier", kTierKeys, into.tiers);
     }},
    {"otherwise",
     [](YamlReader& reader, const Node& value, GatePolicy& into) {
       into.otherwise = reader.verdict(value).value_or(into.otherwise);
     }},
    {"rollout",
     [](YamlReader& reader, const Node& value, GatePolicy& into) {
       read_list<Rollout>(reader, value, "rollout", kRolloutKeys, into.rollout);
     }},
    {"grace",
     [](YamlReader& reader, const Node& value, GatePolicy& into) {
       read_list<Grace>(reader, value, "grace", kGraceKeys, into.grace);
     }},
    {"budgets",
     [](YamlReader& reader, const Node& value, GatePolicy& into) {
       read_list<Budget>(reader, value, "budget", kBudgetKeys, into.budgets);
     }},
    {"known_at_most",
     [](YamlReader& reader, const Node& value, GatePolicy& into) {
       into.known_at_most = reader.verdict(value).value_or(into.known_at_most);
     }},
    {"waivers",
     [](YamlReader& reader, const Node& value, GatePolicy& into) {
       read_mapping<WaiverPolicy>(reader, value, "waivers", kWaiverKeys, into.waivers);
     }},
});

constexpr auto kRootKeys = std::to_array<KeyOf<GatePolicy>>({
    {"version",
     [](YamlReader& reader, const Node& value, GatePolicy&) {
       if (value.kind != NodeKind::kScalar || value.text != "1")
         reader.wrong(value, "version 1", "a newer version of this program may read it");
     },
     true},
    {"gate",
     [](YamlReader& reader, const Node& value, GatePolicy& into) {
       read_mapping<GatePolicy>(reader, value, "gate", kGateKeys, into);
     }},
});

// Names that stand twice would make reasons ambiguous.
template <typename T>
void check_names(YamlReader& reader, const Node* list, std::string_view what,
                 const std::vector<T>& all) {
  if (list == nullptr) return;
  std::set<std::string_view> seen;
  for (const T& one : all) {
    if (seen.insert(one.name).second) continue;
    Node node;
    node.line = one.place.line;
    node.column = one.place.column;
    reader.problem(node, fmt::format("expected a name of its own for each {}, found \"{}\" again",
                                     what, one.name));
  }
}

// What can never have an effect is a mistake that nobody would see.
void check_effects(YamlReader& reader, const GatePolicy& policy) {
  const auto at = [](const Place& place) {
    Node node;
    node.line = place.line;
    node.column = place.column;
    return node;
  };
  for (const Rollout& one : policy.rollout) {
    if (one.warn_from && one.block_from && *one.block_from < *one.warn_from)
      reader.problem(at(one.place), "expected block_from after warn_from, found it before");
  }
  for (std::size_t i = 0; i + 1 < policy.tiers.size(); ++i) {
    const Tier& tier = policy.tiers[i];
    if (tier.when.conditions.empty() && tier.unless.empty())
      reader.problem(
          at(policy.tiers[i + 1].place),
          fmt::format("the tier \"{}\" before always holds, so this one never counts", tier.name),
          "move it up, or give the other a condition", DiagnosticKind::kWarning);
  }
  for (const ApproverRule& rule : policy.waivers.approvers) {
    if (rule.is_signed && policy.waivers.signers.empty())
      reader.problem(at(rule.place), "expected \"signers\", a file of keys, found none",
                     "signatures cannot be checked without: signers: .vedette-signers");
  }
}

}  // namespace

Verdict Rollout::limit(TimeNs now) const {
  Verdict limit = at_most;
  if (warn_from && now >= *warn_from) limit = std::max(limit, Verdict::kWarn);
  if (block_from && now >= *block_from) limit = Verdict::kBlock;
  return limit;
}

bool LoadedPolicy::is_usable() const {
  return std::ranges::none_of(
      problems, [](const Diagnostic& one) { return one.kind == DiagnosticKind::kError; });
}

LoadedPolicy read_policy(std::string_view text, const std::string& name) {
  LoadedPolicy loaded;
  if (text.data() != default_policy_text().data()) loaded.policy = default_policy();
  loaded.policy.name = name;
  YamlReader reader(name);
  const Node* const root = reader.parse(text);
  if (root != nullptr) {
    read_mapping<GatePolicy>(reader, *root, "the policy", kRootKeys, loaded.policy);
    if (const Node* const gate = root->find("gate"); gate != nullptr) {
      check_names(reader, gate->find("tiers"), "tier", loaded.policy.tiers);
      check_names(reader, gate->find("rollout"), "rollout", loaded.policy.rollout);
      check_names(reader, gate->find("grace"), "grace", loaded.policy.grace);
      check_names(reader, gate->find("budgets"), "budget", loaded.policy.budgets);
    }
    check_effects(reader, loaded.policy);
  } else if (!reader.has_errors()) {
    reader.problem(Node{}, "expected \"version: 1\" and \"gate:\", found an empty file");
  }
  loaded.problems = reader.take_problems();
  return loaded;
}

std::string_view default_policy_text() {
  static constexpr std::string_view kText = R"(version: 1
gate:
  tiers:
    - name: hostile-model
      verdict: block
      when: {kind: model, severity: ">= high"}
    - name: live-secret
      verdict: block
      when: {kind: secret, evidence: "verified:live"}
    - name: leaked-secret
      verdict: block
      when: {kind: secret, severity: ">= high", confidence: high}
      unless: [{sample: true, tag: self-made}, {evidence: guessable, tag: self-made}]
    - name: exploited
      verdict: block
      when: {kind: vulnerability, exploited: true, fix: true}
      unless: [{used: false}, {reachable: false}, {development: true}]
    - name: critical-with-exploit
      verdict: block
      when: {kind: vulnerability, severity: critical, exploit: true, fix: true}
      unless: [{used: false}, {reachable: false}, {development: true}]
    - name: critical-and-likely
      verdict: block
      when: {kind: vulnerability, severity: critical, probability: ">= 10 %", fix: true}
      unless: [{used: false}, {reachable: false}, {development: true}]
    - name: severe
      verdict: warn
      when: {severity: ">= high"}
  otherwise: track
  known_at_most: warn
)";
  return kText;
}

GatePolicy default_policy() {
  LoadedPolicy loaded = read_policy(default_policy_text(), "built in");
  CHECK(loaded.is_usable());
  return std::move(loaded.policy);
}

}  // namespace vedette::policy
