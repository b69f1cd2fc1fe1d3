// SPDX-License-Identifier: Apache-2.0
#include "policy/gate.h"

#include <algorithm>
#include <array>
#include <deque>
#include <fmt/format.h>
#include <tuple>
#include <utility>

#include "policy/facts.h"
#include "policy/waiver_check.h"

namespace vedette::policy {
namespace {

using event::Judgement;
using event::Verdict;
using event::VerdictStep;

constexpr TimeNs kDay = 86'400 * kNsPerSecond;

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kScanners = {{
    {"secret", "secrets"},
    {"vulnerability", "packages"},
    {"model", "models"},
    {"code", "code"},
    {"waiver", "gate"},
}};

// A waiver of a kind that is not known was refused when it was read.
event::Exception exception_of(const Waiver& waiver) {
  const auto* const found = std::ranges::find(event::kExceptionNames, waiver.kind);
  return found == event::kExceptionNames.end()
             ? event::Exception::kAccepted
             : static_cast<event::Exception>(found - event::kExceptionNames.begin());
}

std::string date_of(TimeNs time) { return format_time(time).substr(0, 10); }

// The verdict by the policy alone, of facts at a time; asked also for what would be otherwise.
class Decision {
 public:
  // `steps` may be null.
  Decision(const GatePolicy& policy, const Facts& facts, TimeNs now,
           std::vector<VerdictStep>* steps)
      : policy_(policy), facts_(facts), now_(now), steps_(steps) {}

  Verdict make() {
    if (event::is_suppressed(*facts_.finding)) {
      verdict_ = Verdict::kAllow;
      const event::FindingStatement& statement = *facts_.finding->vulnerability->statement;
      step("statement of the producer",
           fmt::format("{} says {}", statement.author, event::to_string(statement.status)), {});
      return verdict_;
    }
    by_tier();
    by_grace();
    if (facts_.is_new == Answer::kNo)
      limit(policy_.known_at_most, "known_at_most", "the base has it already", {});
    by_rollout();
    return verdict_;
  }

 private:
  void step(std::string clause, std::string reason, const Place& place) {
    if (steps_ != nullptr)
      steps_->push_back({std::move(clause), std::move(reason), place, verdict_});
  }

  void by_tier() {
    verdict_ = policy_.otherwise;
    const auto holds = [this](const Clause& one) { return one.holds(facts_, now_, Places::kAll); };
    for (const Tier& tier : policy_.tiers) {
      // A tier may block, so one place is enough; what takes out of it must hold for all places.
      if (!tier.when.holds(facts_, now_, Places::kOne) || std::ranges::any_of(tier.unless, holds))
        continue;
      verdict_ = tier.verdict;
      step("tier " + tier.name, tier.when.reason(facts_, now_), tier.place);
      return;
    }
    step("otherwise", "no tier holds", {});
  }

  void limit(Verdict at_most, std::string clause, std::string reason, const Place& place) {
    if (verdict_ <= at_most) return;
    verdict_ = at_most;
    step(std::move(clause), std::move(reason), place);
  }

  void by_grace() {
    if (facts_.published == 0) return;
    for (const Grace& one : policy_.grace) {
      const TimeNs end = facts_.published + static_cast<TimeNs>(one.days) * kDay;
      if (now_ >= end || !one.when.holds(facts_, now_, Places::kAll)) continue;
      limit(one.at_most, "grace " + one.name,
            fmt::format("known since {}, until {}", date_of(facts_.published), date_of(end)),
            one.place);
    }
  }

  void by_rollout() {
    for (const Rollout& one : policy_.rollout) {
      if (!one.when.holds(facts_, now_, Places::kAll)) continue;
      limit(one.limit(now_), "rollout " + one.name,
            fmt::format("at most {} at present", event::to_string(one.limit(now_))), one.place);
      return;
    }
  }

  const GatePolicy& policy_;
  const Facts& facts_;
  TimeNs now_;
  std::vector<VerdictStep>* steps_;
  Verdict verdict_ = Verdict::kTrack;
};

// Times in the future at which the verdict may change, sorted.
std::vector<TimeNs> dates_of(const GatePolicy& policy, const Facts& facts, TimeNs now) {
  std::vector<TimeNs> out;
  for (const Rollout& one : policy.rollout) {
    if (one.warn_from) out.push_back(*one.warn_from);
    if (one.block_from) out.push_back(*one.block_from);
  }
  for (const Grace& one : policy.grace) {
    if (facts.published != 0) out.push_back(facts.published + static_cast<TimeNs>(one.days) * kDay);
  }
  std::erase_if(out, [now](TimeNs time) { return time <= now; });
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

class Judge {
 public:
  Judge(const GateRules& rules, const GateContext& context)
      : policy_(rules.policy),
        context_(context),
        waivers_(rules.waivers, rules.policy.waivers, rules.signers, context.now) {
    report_.policy = policy_.name;
    report_.environment = context.environment;
    report_.now = context.now;
    report_.has_base = context.has_base;
  }

  event::GateReport run(std::span<const GateInput> inputs) {
    for (const GateInput& input : inputs) {
      FactContext& context = contexts_.emplace_back();
      context.image = input.image;
      context.environment = context_.environment;
      for (const event::Finding& finding : input.findings) add(finding, input.scanner, context);
    }
    judge_budgets();
    judge_waivers();
    report_.own = waivers_.findings();
    if (!report_.own.empty()) {
      FactContext& context = contexts_.emplace_back();
      context.environment = context_.environment;
      for (const event::Finding& finding : report_.own) add(finding, "", context);
    }
    for (std::size_t i = 0; i < facts_.size(); ++i) add_changes(facts_[i], report_.judgements[i]);
    for (const Judgement& one : report_.judgements)
      report_.verdict = std::max(report_.verdict, one.verdict);
    sort();
    return std::move(report_);
  }

 private:
  void add(const event::Finding& finding, std::string_view scanner, FactContext& context) {
    context.is_new = !context_.base.contains(finding.identity);
    Facts& facts = facts_.emplace_back(facts_of(finding, context));
    Judgement& one = report_.judgements.emplace_back();
    one.finding = &finding;
    one.is_new = context.is_new;
    one.scanner = scanner.empty() ? scanner_of_kind(facts.kind) : scanner;
    if (event::is_suppressed(finding)) one.exception = event::Exception::kStatement;
    one.verdict = Decision(policy_, facts, context_.now, &one.steps).make();
  }

  static void add_step(std::string clause, std::string reason, const Place& place, Judgement& one) {
    one.steps.push_back({std::move(clause), std::move(reason), place, one.verdict});
  }

  void judge_budgets() {
    for (const Budget& budget : policy_.budgets) {
      std::vector<std::size_t> counted;
      for (std::size_t i = 0; i < facts_.size(); ++i) {
        const bool counts = facts_[i].is_new == Answer::kYes &&
                            report_.judgements[i].verdict != Verdict::kAllow &&
                            budget.when.holds(facts_[i], context_.now, Places::kOne);
        // What is waived is paid for.
        if (counts && waivers_.find(facts_[i]) == nullptr) counted.push_back(i);
      }
      report_.budgets.push_back({budget.name, budget.allowed, counted.size(), budget.verdict});
      if (counted.size() <= budget.allowed) continue;
      for (const std::size_t i : counted) {
        Judgement& one = report_.judgements[i];
        if (one.verdict >= budget.verdict) continue;
        one.verdict = budget.verdict;
        add_step(
            "budget " + budget.name,
            fmt::format("{} new findings where {} are allowed", counted.size(), budget.allowed),
            budget.place, one);
      }
    }
  }

  void judge_waivers() {
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      const Waiver* const waiver = waivers_.find(facts_[i]);
      if (waiver == nullptr) continue;
      Judgement& one = report_.judgements[i];
      one.verdict = Verdict::kAllow;
      one.exception = exception_of(*waiver);
      add_step("waiver of " + waiver->approver,
               fmt::format("{}, until {}", waiver->reason, date_of(waiver->expires)), waiver->place,
               one);
    }
  }

  void add_change(Verdict verdict, std::string condition, Judgement& one) const {
    one.changes.push_back({verdict, std::move(condition)});
  }

  void add_changes(const Facts& facts, Judgement& one) const {
    if (one.verdict == Verdict::kAllow) return;
    const event::Finding& finding = *one.finding;
    const std::string& remedy =
        finding.remediation.empty() ? finding.rule->remediation : finding.remediation;
    if (!remedy.empty()) add_change(Verdict::kAllow, remedy, one);
    const auto ask = [&](Answer Facts::* which, std::string condition) {
      Facts other = facts;
      if (facts.*which == Answer::kNo) return;
      other.*which = Answer::kNo;
      const Verdict verdict = Decision(policy_, other, context_.now, nullptr).make();
      if (verdict < one.verdict) add_change(verdict, std::move(condition), one);
    };
    if (facts.kind == "vulnerability")
      ask(&Facts::used, "if `vedette watch --usage` shows that the package is never used");
    if (!context_.has_base) ask(&Facts::is_new, "if the base has it already (--base)");
    for (const TimeNs time : dates_of(policy_, facts, context_.now)) {
      const Verdict verdict = Decision(policy_, facts, time, nullptr).make();
      if (verdict > one.verdict) {
        add_change(verdict, fmt::format("from {} on", date_of(time)), one);
        break;
      }
    }
    if (one.verdict >= Verdict::kWarn && facts.kind != "waiver") add_waiver_change(facts, one);
  }

  void add_waiver_change(const Facts& facts, Judgement& one) const {
    const ApproverRule* const rule = waivers_.approvers_of(facts);
    std::string who = "anybody";
    if (rule != nullptr) {
      who.clear();
      for (const std::string& name : rule->who) (who += who.empty() ? "" : " or ") += name;
      if (rule->is_signed) who += ", signed";
    }
    add_change(
        Verdict::kAllow,
        fmt::format("a waiver, approved by {}: vedette waive {}", who, one.finding->identity), one);
  }

  void sort() {
    std::ranges::stable_sort(report_.judgements, [](const Judgement& a, const Judgement& b) {
      const auto key = [](const Judgement& one) {
        const event::Finding& finding = *one.finding;
        return std::tuple(-static_cast<int>(one.verdict), -static_cast<int>(finding.severity),
                          std::string_view(finding.place.path), finding.place.line,
                          std::string_view(finding.rule->id), std::string_view(finding.identity));
      };
      return key(a) < key(b);
    });
  }

  const GatePolicy& policy_;
  const GateContext& context_;
  WaiverCheck waivers_;
  event::GateReport report_;
  std::deque<FactContext> contexts_;
  std::vector<Facts> facts_;  // of report_.judgements, until they are sorted
};

}  // namespace

std::string_view scanner_of_kind(std::string_view kind) {
  const auto* const found =
      std::ranges::find(kScanners, kind, &decltype(kScanners)::value_type::first);
  return found == kScanners.end() ? kind : found->second;
}

event::GateReport judge(const GateRules& rules, std::span<const GateInput> inputs,
                        const GateContext& context) {
  return Judge(rules, context).run(inputs);
}

}  // namespace vedette::policy
