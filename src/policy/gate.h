// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "event/finding.h"
#include "event/verdict.h"
#include "policy/gate_policy.h"
#include "policy/waiver.h"
#include "policy/waiver_signature.h"

namespace vedette::policy {

// Findings of one thing that was scanned.
struct GateInput {
  std::span<const event::Finding> findings;
  std::string image;         // its name, where it is one
  std::string scanner = {};  // that told of them; empty: ours for their kinds
};

struct GateContext {
  TimeNs now = 0;
  std::string environment;
  bool has_base = false;
  std::set<std::string, std::less<>> base;  // identities of what the base has
};

// What a verdict is made from; all outlives the judging.
struct GateRules {
  const GatePolicy& policy;
  const std::vector<Waiver>& waivers;
  const Signers& signers;
};

// Our scanner of a kind of findings ("secret").
std::string_view scanner_of_kind(std::string_view kind);

// The order of what has a say: what producers say of a vulnerability (VEX), tiers, grace, the base,
// rollout, budgets, waivers. The same rules, findings, context and clock give the same report.
// Fills all of GateReport but `problems`, `scanners` and `incomplete`. The inputs outlive the
// report. O(findings x (tiers + waivers)).
event::GateReport judge(const GateRules& rules, std::span<const GateInput> inputs,
                        const GateContext& context);

}  // namespace vedette::policy
