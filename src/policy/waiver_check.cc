// SPDX-License-Identifier: Apache-2.0
#include "policy/waiver_check.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>

#include "base/digest.h"
#include "policy/text_pattern.h"

namespace vedette::policy {
namespace {

using event::Level;

constexpr TimeNs kDay = 86'400 * kNsPerSecond;
// Of a scope, so that it is about something: a rule in a path, a package in an image.
constexpr std::size_t kScopeKeysMin = 2;

struct RuleRow {
  std::string_view id;
  std::string_view title;
  std::string_view description;
  std::string_view remediation;
  Level severity;
};

constexpr auto kRules = std::to_array<RuleRow>({
    {"waiver-unused", "A waiver that excuses nothing",
     "Nothing that was found is what this waiver is about.",
     "Remove it, so that it does not excuse what comes later.", Level::kLow},
    {"waiver-expired", "A waiver that has ended",
     "It excuses nothing any more, and what it was about is judged again.",
     "Mend what it was about, or ask for a new waiver.", Level::kMedium},
    {"waiver-too-long", "A waiver that lasts too long",
     "The policy allows less time. It excuses nothing.", "Give it a nearer end.", Level::kMedium},
    {"waiver-too-wide", "A waiver that is about too much",
     "Its scope names fewer than two of rule, package, path and image, or patterns that leave "
     "nothing out. It excuses nothing.",
     "Name the finding, or two of rule, package, path and image.", Level::kMedium},
    {"waiver-without-ticket", "A waiver without a ticket",
     "The policy asks for one. It excuses nothing.", "Add ticket: to it.", Level::kMedium},
    {"waiver-not-approved", "A waiver that nobody may give",
     "Its approver is none of those whom the policy names for what it is about. It excuses "
     "nothing.",
     "Let one of them approve it.", Level::kHigh},
    {"waiver-signature", "A waiver whose signature does not hold",
     "The policy asks for a signature by a key of its approver. It excuses nothing.",
     "Sign it: vedette waive --sign KEY.", Level::kHigh},
});
enum class WaiverRule : std::uint8_t {
  kUnused,
  kExpired,
  kTooLong,
  kTooWide,
  kNoTicket,
  kNotApproved,
  kSignature,
};

const event::FindingRule& rule_of(WaiverRule which) {
  static const std::deque<event::FindingRule> kAll = [] {
    std::deque<event::FindingRule> all;
    for (const RuleRow& row : kRules) {
      event::FindingRule& rule = all.emplace_back();
      rule.id = row.id;
      rule.title = row.title;
      rule.description = row.description;
      rule.remediation = row.remediation;
      rule.severity = row.severity;
      rule.tags = {"waiver"};
    }
    return all;
  }();
  return kAll[static_cast<std::size_t>(which)];
}

event::Finding finding_of(const Waiver& waiver, WaiverRule which, const std::string& detail) {
  event::Finding finding;
  finding.rule = &rule_of(which);
  finding.severity = finding.rule->severity;
  finding.confidence = event::Confidence::kHigh;
  finding.probability = 1;
  finding.identity =
      to_hexadecimal(sha256("waiver\n" + finding.rule->id + '\n' + waiver.subject()), 32);
  finding.place.path = waiver.place.file;
  finding.place.line = waiver.place.line;
  finding.place.column = waiver.place.column;
  finding.place.end_line = waiver.place.line;
  finding.place.end_column = waiver.place.column;
  finding.message = fmt::format("{} ({}){}{}", finding.rule->title, waiver.subject(),
                                detail.empty() ? "" : ": ", detail);
  return finding;
}

}  // namespace

WaiverCheck::WaiverCheck(const std::vector<Waiver>& waivers, const WaiverPolicy& policy,
                         const Signers& signers, TimeNs now)
    : policy_(policy), signers_(signers), now_(now) {
  // A line that is revoked in one branch may stand beside one that is not; what is given later
  // counts again.
  std::map<std::string, TimeNs> revoked;
  for (const Waiver& waiver : waivers) {
    if (!waiver.revoked || *waiver.revoked > now) continue;
    TimeNs& latest = revoked.try_emplace(waiver.subject(), *waiver.revoked).first->second;
    latest = std::max(latest, *waiver.revoked);
  }
  for (const Waiver& waiver : waivers) {
    State& state = states_.emplace_back();
    state.waiver = &waiver;
    const auto taken_back = revoked.find(waiver.subject());
    if (taken_back != revoked.end() && waiver.created <= taken_back->second) {
      state.fault = Fault::kRevoked;
    } else {
      judge_alone(state, policy);
    }
  }
}

void WaiverCheck::judge_alone(State& state, const WaiverPolicy& policy) const {
  const Waiver& waiver = *state.waiver;
  const auto narrow = [](const Condition& condition) {
    return std::ranges::none_of(condition.patterns, matches_everything);
  };
  const auto keys =
      static_cast<std::size_t>(std::ranges::count_if(waiver.scope.conditions, narrow));
  if (waiver.finding.empty() && keys < kScopeKeysMin) {
    state.fault = Fault::kTooWide;
  } else if (waiver.expires <= now_) {
    state.fault = Fault::kExpired;
    state.detail = "since " + format_time(waiver.expires);
  } else if (waiver.expires - waiver.created > static_cast<TimeNs>(policy.days_max) * kDay) {
    state.fault = Fault::kTooLong;
    state.detail = fmt::format("expected at most {} days, found {}", policy.days_max,
                               (waiver.expires - waiver.created) / kDay);
  } else if (policy.ticket && waiver.ticket.empty()) {
    state.fault = Fault::kNoTicket;
  }
}

bool WaiverCheck::is_about(const Waiver& waiver, const Facts& facts, TimeNs now) {
  // What is wrong with waivers is not to be waived.
  if (facts.kind == "waiver") return false;
  if (!waiver.finding.empty()) return waiver.finding == facts.finding->identity;
  return waiver.scope.holds(facts, now, Places::kAll);
}

const ApproverRule* WaiverCheck::approvers_of(const Facts& facts) const {
  const ApproverRule* last = nullptr;
  for (const ApproverRule& rule : policy_.approvers) {
    if (rule.when.holds(facts, now_, Places::kOne)) last = &rule;
  }
  return last;
}

bool WaiverCheck::is_approved(State& state, const Facts& facts) const {
  const ApproverRule* const rule = approvers_of(facts);
  if (rule == nullptr) return true;
  const Waiver& waiver = *state.waiver;
  const bool named = std::ranges::any_of(rule->who, [&waiver](const std::string& pattern) {
    return name_matches(pattern, waiver.approver);
  });
  if (!named) {
    std::string who;
    for (const std::string& one : rule->who) (who += who.empty() ? "" : ", ") += one;
    state.refusal = Fault::kNotApproved;
    state.detail = fmt::format("expected one of {}, found {}", who, waiver.approver);
    return false;
  }
  if (!rule->is_signed) return true;
  if (waiver.signature.empty()) {
    state.refusal = Fault::kBadSignature;
    state.detail = "it has none";
    return false;
  }
  const Result<void> checked =
      signers_.check(waiver.approver, waiver.signed_text(), waiver.signature, waiver.created);
  if (checked) return true;
  state.refusal = Fault::kBadSignature;
  state.detail = checked.error().message;
  return false;
}

const Waiver* WaiverCheck::find(const Facts& facts) {
  const Waiver* found = nullptr;
  for (State& state : states_) {
    if (!is_about(*state.waiver, facts, now_)) continue;
    state.used = true;
    if (state.fault != Fault::kNone) continue;
    if (found == nullptr && is_approved(state, facts)) found = state.waiver;
  }
  return found;
}

std::deque<event::Finding> WaiverCheck::findings() const {
  std::deque<event::Finding> out;
  const auto add = [&out](const State& state, WaiverRule rule) {
    out.push_back(finding_of(*state.waiver, rule, state.detail));
  };
  for (const State& state : states_) {
    switch (state.fault != Fault::kNone ? state.fault : state.refusal) {
      case Fault::kRevoked:
        break;
      case Fault::kExpired:
        add(state, WaiverRule::kExpired);
        break;
      case Fault::kTooLong:
        add(state, WaiverRule::kTooLong);
        break;
      case Fault::kTooWide:
        add(state, WaiverRule::kTooWide);
        break;
      case Fault::kNoTicket:
        add(state, WaiverRule::kNoTicket);
        break;
      case Fault::kNotApproved:
        add(state, WaiverRule::kNotApproved);
        break;
      case Fault::kBadSignature:
        add(state, WaiverRule::kSignature);
        break;
      case Fault::kNone:
        if (!state.used) add(state, WaiverRule::kUnused);
        break;
    }
  }
  return out;
}

}  // namespace vedette::policy
