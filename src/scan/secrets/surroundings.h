// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "scan/secrets/candidate.h"
#include "scan/secrets/signal.h"

// What stands around a candidate on its line: the name that the value is given to, how it is given,
// whether it is a literal at all.
namespace vedette::scan::secrets {

struct Surroundings {
  std::string_view name;    // a view of the content: "db_password"; may be empty
  std::string_view callee;  // of the call that wraps the value: "getenv"; mostly empty
  bool literal = true;      // false: a name, call or expression of a language that quotes its texts
};

// Reads at most kSurroundingBytes to each side. `candidate` must be valid().
inline constexpr std::size_t kSurroundingBytes = 240;
Surroundings observe_surroundings(const Candidate& candidate, Signals& signals);

// What else the line and its neighbours say; dearer, so only for what is not rejected yet. Adds
// kLineSignals.
inline constexpr Signal kLineSignals[] = {
    Signal::kUserBeside, Signal::kUserNear,   Signal::kSameNear,
    Signal::kConnection, Signal::kHashBeside, Signal::kLongLine,
};
void observe_line(const Candidate& candidate, Signals& signals);

}  // namespace vedette::scan::secrets
