// SPDX-License-Identifier: Apache-2.0
// Cases of the gate: findings, policy, waivers and a date give verdicts. See README.md. Besides,
// every case is run with each small change of its policy and waivers; a kind of change that no case
// notices is a failure.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fmt/format.h>
#include <map>

#include "conformance/suite.h"
#include "mutations.h"
#include "policy/gate.h"

namespace vedette::conformance {
namespace {

using event::Finding;
using formats::yaml::Node;

// Kinds of changes to whether one of them was noticed.
std::map<std::string, bool>& noticed() {
  static std::map<std::string, bool> all;
  return all;
}

std::string text_of(const Node& node, std::string_view key, std::string_view otherwise = {}) {
  const Node* const value = node.find(key);
  return std::string(value == nullptr ? otherwise : value->text);
}

std::vector<std::string> texts_of(const Node& node, std::string_view key) {
  std::vector<std::string> out;
  const Node* const value = node.find(key);
  if (value == nullptr) return out;
  if (value->elements.empty() && !value->text.empty()) out.emplace_back(value->text);
  for (const Node* one : value->elements) out.emplace_back(one->text);
  return out;
}

double number_of(const Node& node, std::string_view key) {
  const Node* const value = node.find(key);
  return value == nullptr ? -1 : std::strtod(std::string(value->text).c_str(), nullptr);
}

bool is_true(const Node& node, std::string_view key) { return text_of(node, key) == "true"; }

template <typename Names>
std::size_t index_of(const Names& names, const std::string& name) {
  const auto found = std::ranges::find(names, name);
  return found == names.end() ? 0 : static_cast<std::size_t>(found - names.begin());
}

// "a" is 32 times a.
std::string identity_of(const std::string& id) { return std::string(32, id.at(0)); }

class Case {
 public:
  Case(const std::string& file, const Node& node)
      : node_(node), place_(fmt::format("{}:{} {}", file, node.line, text_of(node, "name"))) {}

  const std::string& place() const { return place_; }

  std::vector<std::string> run() {
    const std::string text = text_of(node_, "policy");
    auto loaded = text.empty() ? policy::LoadedPolicy{policy::default_policy(), {}}
                               : policy::read_policy(text, "vedette.yaml");
    policy::WaiverFile waivers = policy::read_waivers(text_of(node_, "waivers"), "waivers.yaml");
    signers_ = policy::Signers::parse(text_of(node_, "signers"), "signers");
    compare_errors(loaded, waivers);
    if (!loaded.is_usable()) return problems_;
    make_findings();
    const Node* const expected = node_.find("expect");
    if (expected == nullptr) return {"expected \"expect\""};
    for (std::string& one : differences(loaded.policy, waivers.waivers, *expected))
      problems_.push_back(std::move(one));
    if (problems_.empty()) mutate(loaded.policy, waivers.waivers, *expected);
    return problems_;
  }

 private:
  void compare_errors(const policy::LoadedPolicy& loaded, const policy::WaiverFile& waivers) {
    std::vector<std::string> found;
    for (const auto* const all : {&loaded.problems, &waivers.problems, &signers_.problems()}) {
      for (const Diagnostic& one : *all)
        found.push_back(to_string(one.place) + ": " + one.message +
                        (one.hint.empty() ? "" : " [" + one.hint + "]"));
    }
    const std::vector<std::string> expected = texts_of(node_, "errors");
    if (found == expected) return;
    for (const std::string& one : found) problems_.push_back("found error: " + one);
    for (const std::string& one : expected) problems_.push_back("expected error: " + one);
  }

  void make_findings() {
    const Node* const all = node_.find("findings");
    if (all == nullptr) return;
    for (const Node* one : all->elements) findings_.push_back(finding_of(*one));
  }

  Finding finding_of(const Node& node) {
    event::FindingRule& rule = rules_.emplace_back();
    Finding finding;
    const std::string kind = text_of(node, "kind", "secret");
    rule.id = text_of(node, "rule", "rule-of-" + kind);
    rule.tags = texts_of(node, "tag");
    if (kind == "model") rule.tags.emplace_back("model");
    finding.rule = &rule;
    finding.identity = identity_of(text_of(node, "id"));
    finding.severity = static_cast<event::Level>(
        index_of(event::kLevelNames, text_of(node, "severity", "medium")));
    finding.confidence = static_cast<event::Confidence>(
        index_of(event::kConfidenceNames, text_of(node, "confidence", "high")));
    finding.place.path = text_of(node, "path", "file");
    for (const std::string& path : texts_of(node, "also_at")) {
      finding.also_at.emplace_back();
      finding.also_at.back().path = path;
    }
    for (const std::string& name : texts_of(node, "evidence"))
      finding.evidence.push_back({name, "", 0});
    if (node.find("hidden") != nullptr || node.find("base_image") != nullptr) {
      finding.place.layer.emplace();
      finding.place.layer->hidden = is_true(node, "hidden");
      finding.place.layer->base = is_true(node, "base_image");
    }
    if (kind == "vulnerability") add_vulnerability(node, finding);
    return finding;
  }

  static void add_vulnerability(const Node& node, Finding& finding) {
    finding.kind = event::FindingClass::kVulnerability;
    event::FindingVulnerability& one = finding.vulnerability.emplace();
    one.package = text_of(node, "package", "pkg");
    one.ecosystem = text_of(node, "ecosystem", "npm");
    one.names = texts_of(node, "names");
    one.exploited = is_true(node, "exploited");
    one.exploited_since = text_of(node, "exploited_since");
    one.ransomware = is_true(node, "ransomware");
    if (is_true(node, "exploit")) one.exploits = {"somewhere"};
    one.fixed = text_of(node, "fix");
    one.score = number_of(node, "score");
    one.probability = number_of(node, "probability");
    one.percentile = number_of(node, "percentile");
    one.published = parse_time(text_of(node, "published")).value_or(0);
    if (node.find("used") != nullptr) one.used = is_true(node, "used");
    if (node.find("reachable") != nullptr) one.reachable = is_true(node, "reachable");
    if (node.find("direct") != nullptr) one.direct = is_true(node, "direct");
    one.development = is_true(node, "development");
    if (const std::string status = text_of(node, "vex"); !status.empty()) {
      one.statement.emplace();
      one.statement->author = "the producer";
      one.statement->status =
          static_cast<event::VexStatus>(index_of(event::kVexStatusNames, status));
    }
  }

  // What differs from what the case expects.
  std::vector<std::string> differences(const policy::GatePolicy& gate,
                                       const std::vector<policy::Waiver>& waivers,
                                       const Node& expected) {
    policy::GateContext context;
    context.now = parse_time(text_of(node_, "now", "2026-11-27")).value_or(0);
    context.environment = text_of(node_, "environment");
    context.has_base = node_.find("base") != nullptr;
    for (const std::string& id : texts_of(node_, "base")) context.base.insert(identity_of(id));
    const policy::GateInput input{findings_, text_of(node_, "image")};
    const event::GateReport report =
        policy::judge({gate, waivers, signers_}, std::span(&input, 1), context);
    std::map<std::string, std::string> found;
    found["verdict"] = event::to_string(report.verdict);
    for (const event::Judgement& one : report.judgements) {
      const bool own = one.finding->rule->tags == std::vector<std::string>{"waiver"};
      const std::string name = own ? one.finding->rule->id : one.finding->identity.substr(0, 1);
      found[name] = std::string(event::to_string(one.verdict)) + ": " +
                    (one.steps.empty() ? "" : one.steps.back().clause);
      if (expected.find(name + " reason") != nullptr)
        found[name + " reason"] = one.steps.back().reason;
      if (expected.find(name + " changes") != nullptr) {
        std::string& all = found[name + " changes"];
        for (const event::VerdictChange& change : one.changes)
          all += fmt::format("{}{}: {}", all.empty() ? "" : "; ", event::to_string(change.verdict),
                             change.condition);
      }
    }
    for (const event::BudgetCount& one : report.budgets)
      found["budget " + one.name] = fmt::format("{} of {}", one.found, one.allowed);
    std::vector<std::string> out;
    for (const auto& member : expected.members) {
      const auto one = found.extract(std::string(member.key->text));
      const std::string actual = one.empty() ? "nothing" : one.mapped();
      if (actual != member.value->text)
        out.push_back(fmt::format("{}: expected \"{}\", found \"{}\"", member.key->text,
                                  member.value->text, actual));
    }
    for (const auto& [name, value] : found) {
      if (name != "verdict") out.push_back(fmt::format("{}: not expected: \"{}\"", name, value));
    }
    return out;
  }

  void mutate(const policy::GatePolicy& gate, const std::vector<policy::Waiver>& waivers,
              const Node& expected) {
    each_mutant(gate, waivers, [&](const Mutant& mutant) {
      noticed()[mutant.label] |= !differences(mutant.policy, mutant.waivers, expected).empty();
    });
  }

  const Node& node_;  // of the document, which outlives the case
  std::string place_;
  std::deque<event::FindingRule> rules_;
  std::vector<Finding> findings_;
  policy::Signers signers_;
  std::vector<std::string> problems_;
};

void run_file(const std::string& file, Counts& counts) { run_cases<Case>(file, counts); }

int run(int argc, char** argv) {
  const int code = run_suite("gate", argc, argv, run_file);
  int unnoticed = 0;
  for (const std::string& label : mutant_labels()) {
    if (noticed()[label]) continue;
    std::printf("failed: no case notices a change of: %s\n", label.c_str());
    ++unnoticed;
  }
  return unnoticed == 0 ? code : 1;
}

}  // namespace
}  // namespace vedette::conformance

int main(int argc, char** argv) { return vedette::conformance::run(argc, argv); }
