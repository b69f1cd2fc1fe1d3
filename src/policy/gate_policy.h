// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "event/verdict.h"
#include "policy/clause.h"

// The policy of the gate as `gate:` in vedette.yaml says it; docs/gate.md is its manual.
namespace vedette::policy {

// The first whose `when` holds, and none of `unless` does, gives the verdict.
struct Tier {
  std::string name;
  event::Verdict verdict = event::Verdict::kTrack;
  Clause when;
  std::vector<Clause> unless;
  Place place;
};

// Lets a part of the code base come in gently: no verdict graver than what `mode`, or the last date
// that has passed, allows. The first that holds counts.
struct Rollout {
  std::string name;
  Clause when;
  event::Verdict at_most = event::Verdict::kTrack;
  std::optional<TimeNs> warn_from;
  std::optional<TimeNs> block_from;
  Place place;

  event::Verdict limit(TimeNs now) const;
};

// What was published less than so many days ago gets no graver verdict than this.
struct Grace {
  std::string name;
  Clause when;
  std::uint64_t days = 0;
  event::Verdict at_most = event::Verdict::kWarn;
  Place place;
};

// More new findings than `allowed` get this verdict, all of them.
struct Budget {
  std::string name;
  Clause when;
  std::uint64_t allowed = 0;
  event::Verdict verdict = event::Verdict::kBlock;
  Place place;
};

// Who may approve a waiver. As in CODEOWNERS the last rule that holds counts.
struct ApproverRule {
  Clause when;
  std::vector<std::string> who;
  bool is_signed = false;  // the waiver needs a signature by a key of its approver
  Place place;
};

struct WaiverPolicy {
  std::string file = ".vedette-waivers.yaml";  // relative to the policy's folder
  std::uint64_t days_max = 365;                // from its creation to its end
  bool ticket = false;                         // must name one
  std::string signers;                         // file as ssh-keygen's ALLOWED SIGNERS
  std::vector<ApproverRule> approvers;
};

struct GatePolicy {
  std::string name = "built in";
  std::vector<Tier> tiers;
  event::Verdict otherwise = event::Verdict::kTrack;
  std::vector<Rollout> rollout;
  std::vector<Grace> grace;
  std::vector<Budget> budgets;
  event::Verdict known_at_most = event::Verdict::kWarn;  // of what the base has already
  WaiverPolicy waivers;
};

struct LoadedPolicy {
  GatePolicy policy;
  // Errors: the policy must not be used. Warnings: something has no effect.
  std::vector<Diagnostic> problems;

  bool is_usable() const;
};

// `name` is for places. What is not said is as in default_policy().
LoadedPolicy read_policy(std::string_view text, const std::string& name);

// What holds without any file; the text of it, as a file would say it.
std::string_view default_policy_text();
GatePolicy default_policy();

// JSON Schema (2020-12) of vedette.yaml.
std::string policy_schema();

}  // namespace vedette::policy
