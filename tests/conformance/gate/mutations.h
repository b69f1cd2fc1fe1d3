// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "policy/gate_policy.h"
#include "policy/waiver.h"

// Small changes of a policy and its waivers, each of which some case must notice.
namespace vedette::conformance {

struct Mutant {
  std::string label;  // "key severity", "drop tier": what was changed, whichever it was
  policy::GatePolicy policy;
  std::vector<policy::Waiver> waivers;
};

void each_mutant(const policy::GatePolicy& policy, const std::vector<policy::Waiver>& waivers,
                 const std::function<void(const Mutant&)>& take);

// All labels that there are.
std::vector<std::string> mutant_labels();

}  // namespace vedette::conformance
