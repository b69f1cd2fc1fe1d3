// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "event/finding.h"
#include "scan/secrets/candidate.h"
#include "scan/secrets/signal.h"

// Tells a secret from noise. Rules are wide; what a rule found is only a candidate. All functions
// are pure, any thread may call them.
namespace vedette::scan::secrets {

struct Judgement {
  double probability = 0;  // that it is a secret, from 0 to 1
  event::Confidence confidence = event::Confidence::kLow;
  // Certainly none: a variable, a placeholder, a broken checksum. Its probability is 0.
  bool reject = true;
};

// A finding is shown from here on, by default and when the user asks for all (--thorough).
inline constexpr double kProbabilityDefault = 0.45;
inline constexpr double kProbabilityThorough = 0.15;
inline constexpr double kProbabilityHigh = 0.80;  // Confidence::kHigh from here on

// Some hundred nanoseconds, no allocation.
Judgement judge(const Candidate& candidate);

// Why: what raised and lowered the odds, the strongest first. For findings that are shown.
std::vector<event::Evidence> explain(const Candidate& candidate);

// What both look at; `rejected` as Judgement::reject. Public for those who fit the weights.
struct Observation {
  Signals signals;
  bool rejected = true;
};
Observation observe(const Candidate& candidate);

}  // namespace vedette::scan::secrets
