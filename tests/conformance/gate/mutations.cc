// SPDX-License-Identifier: Apache-2.0
#include "mutations.h"

namespace vedette::conformance {
namespace {

using event::Verdict;
using policy::Clause;
using policy::GatePolicy;
using policy::Waiver;

// All clauses of a policy, in an order that does not change.
std::vector<Clause*> clauses_of(GatePolicy& policy) {
  std::vector<Clause*> out;
  for (auto& one : policy.tiers) {
    out.push_back(&one.when);
    for (Clause& clause : one.unless) out.push_back(&clause);
  }
  for (auto& one : policy.rollout) out.push_back(&one.when);
  for (auto& one : policy.grace) out.push_back(&one.when);
  for (auto& one : policy.budgets) out.push_back(&one.when);
  for (auto& one : policy.waivers.approvers) out.push_back(&one.when);
  return out;
}

class Maker {
 public:
  Maker(const GatePolicy& policy, const std::vector<Waiver>& waivers,
        const std::function<void(const Mutant&)>& take)
      : policy_(policy), waivers_(waivers), take_(take) {}

  void run() {
    drop_conditions();
    each("drop tier", &GatePolicy::tiers, [](auto& all, std::size_t i) { erase(all, i); });
    each("drop rollout", &GatePolicy::rollout, [](auto& all, std::size_t i) { erase(all, i); });
    each("drop grace", &GatePolicy::grace, [](auto& all, std::size_t i) { erase(all, i); });
    each("drop budget", &GatePolicy::budgets, [](auto& all, std::size_t i) { erase(all, i); });
    each("drop unless", &GatePolicy::tiers,
         [](auto& all, std::size_t i) { all[i].unless.clear(); });
    each("tier verdict", &GatePolicy::tiers, [](auto& all, std::size_t i) {
      all[i].verdict = all[i].verdict == Verdict::kBlock ? Verdict::kWarn : Verdict::kBlock;
    });
    each("rollout mode", &GatePolicy::rollout,
         [](auto& all, std::size_t i) { all[i].at_most = Verdict::kBlock; });
    each("rollout warn_from", &GatePolicy::rollout,
         [](auto& all, std::size_t i) { all[i].warn_from.reset(); });
    each("rollout block_from", &GatePolicy::rollout,
         [](auto& all, std::size_t i) { all[i].block_from.reset(); });
    each("grace days", &GatePolicy::grace, [](auto& all, std::size_t i) { all[i].days *= 10; });
    each("grace at_most", &GatePolicy::grace, [](auto& all, std::size_t i) {
      all[i].at_most = all[i].at_most == Verdict::kTrack ? Verdict::kWarn : Verdict::kTrack;
    });
    each("budget allowed", &GatePolicy::budgets,
         [](auto& all, std::size_t i) { all[i].allowed += 1; });
    each("budget verdict", &GatePolicy::budgets, [](auto& all, std::size_t i) {
      all[i].verdict = all[i].verdict == Verdict::kWarn ? Verdict::kBlock : Verdict::kWarn;
    });
    whole("otherwise", [](GatePolicy& one) {
      one.otherwise = one.otherwise == Verdict::kTrack ? Verdict::kWarn : Verdict::kTrack;
    });
    whole("known_at_most", [](GatePolicy& one) { one.known_at_most = Verdict::kBlock; });
    whole("waivers days_max", [](GatePolicy& one) { one.waivers.days_max = 36'500; });
    whole("waivers ticket", [](GatePolicy& one) { one.waivers.ticket = false; });
    change_approvers();
    change_waivers();
  }

 private:
  template <typename T>
  static void erase(std::vector<T>& all, std::size_t i) {
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
  }

  void give(std::string label, GatePolicy policy, std::vector<Waiver> waivers) {
    take_({std::move(label), std::move(policy), std::move(waivers)});
  }

  template <typename T, typename Change>
  void each(const char* label, std::vector<T> GatePolicy::* list, Change change) {
    for (std::size_t i = 0; i < (policy_.*list).size(); ++i) {
      GatePolicy copy = policy_;
      change(copy.*list, i);
      give(label, std::move(copy), waivers_);
    }
  }

  template <typename Change>
  void whole(const char* label, Change change) {
    GatePolicy copy = policy_;
    change(copy);
    give(label, std::move(copy), waivers_);
  }

  void drop_conditions() {
    GatePolicy original = policy_;
    const std::size_t count = clauses_of(original).size();
    for (std::size_t clause = 0; clause < count; ++clause) {
      const std::size_t conditions = clauses_of(original)[clause]->conditions.size();
      for (std::size_t i = 0; i < conditions; ++i) {
        GatePolicy copy = policy_;
        auto& all = clauses_of(copy)[clause]->conditions;
        const std::string label = "key " + std::string(policy::keys()[all[i].key].name);
        erase(all, i);
        give(label, std::move(copy), waivers_);
      }
    }
  }

  void change_approvers() {
    for (std::size_t i = 0; i < policy_.waivers.approvers.size(); ++i) {
      GatePolicy copy = policy_;
      erase(copy.waivers.approvers, i);
      give("drop approver", std::move(copy), waivers_);
      copy = policy_;
      copy.waivers.approvers[i].who = {"*"};
      give("approver who", std::move(copy), waivers_);
      copy = policy_;
      copy.waivers.approvers[i].is_signed = false;
      give("approver signed", std::move(copy), waivers_);
    }
  }

  void change_waivers() {
    for (std::size_t i = 0; i < waivers_.size(); ++i) {
      std::vector<Waiver> copy = waivers_;
      erase(copy, i);
      give("drop waiver", policy_, std::move(copy));
      copy = waivers_;
      copy[i].expires = INT64_MAX / 2;
      copy[i].created = INT64_MAX / 2;
      give("waiver expires", policy_, std::move(copy));
      copy = waivers_;
      copy[i].revoked.reset();
      give("waiver revoked", policy_, std::move(copy));
      for (std::size_t j = 0; j < waivers_[i].scope.conditions.size(); ++j) {
        copy = waivers_;
        const std::string label =
            "waiver " + std::string(policy::keys()[copy[i].scope.conditions[j].key].name);
        erase(copy[i].scope.conditions, j);
        give(label, policy_, std::move(copy));
      }
    }
  }

  const GatePolicy& policy_;
  const std::vector<Waiver>& waivers_;
  const std::function<void(const Mutant&)>& take_;
};

}  // namespace

void each_mutant(const GatePolicy& policy, const std::vector<Waiver>& waivers,
                 const std::function<void(const Mutant&)>& take) {
  Maker(policy, waivers, take).run();
}

std::vector<std::string> mutant_labels() {
  std::vector<std::string> out = {
      "drop tier",          "drop rollout",   "drop grace",     "drop budget",
      "drop unless",        "tier verdict",   "rollout mode",   "rollout warn_from",
      "rollout block_from", "grace days",     "grace at_most",  "budget allowed",
      "budget verdict",     "otherwise",      "known_at_most",  "waivers days_max",
      "waivers ticket",     "drop approver",  "approver who",   "approver signed",
      "drop waiver",        "waiver expires", "waiver revoked", "waiver rule",
      "waiver package",     "waiver path",    "waiver image"};
  for (const policy::Key& key : policy::keys()) out.push_back("key " + std::string(key.name));
  return out;
}

}  // namespace vedette::conformance
