// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "rules/model.h"

// What of a condition the kernel can be asked to refuse before it happens. A rule either is lowered
// to exactly that, or there is a reason why not: nothing is blocked approximately.
namespace vedette::rules {

enum class EnforcedAction : std::uint8_t { kExec, kOpen, kConnect };
inline constexpr std::size_t kEnforcedActions = 3;

// What is known of an attempt before it is made.
enum class EnforcedProperty : std::uint8_t {
  kPath,        // whole, or its start: of the program (kExec) or the file (kOpen)
  kPathEnd,     // likewise, its end
  kType,        // of what is opened or connected: fd.type, fd.typechar
  kAccess,      // kOpen: evt.is_open_read, evt.is_open_write
  kAddress,     // kConnect
  kPort,        // kConnect
  kName,        // of the process that opens or connects
  kExe,         // its program's whole path
  kParentName,  // of its parent
  kContainer,   // container.…, k8s.…: asked once, when the container appears
};

// An attempt is refused when all of `asks` agree with it; each is a condition about fields of that
// one property. No entry: anything of that property agrees.
struct EnforcementEntry {
  EnforcedAction action = EnforcedAction::kExec;
  std::map<EnforcedProperty, Expression> asks;
};

// Entries of one rule.
inline constexpr std::size_t kEntriesPerRuleMax = 64;
// Bytes of paths in rules that block, whole, by their start and by their end.
inline constexpr std::size_t kEnforcedPathMax = 255;
inline constexpr std::size_t kEnforcedStartMax = 248;
inline constexpr std::size_t kEnforcedEndMax = 64;

// An attempt agrees with some entry exactly when the event that it would become, if nothing went
// wrong, matches the condition. The error is the reason why that cannot be, a clause that follows
// "because".
std::expected<std::vector<EnforcementEntry>, std::string> lower_to_enforcement(
    const Expression& condition);

// Whether an expression holds, by what `leaf` says of its leaves.
bool holds(const Expression& expression, const std::function<bool(const Expression& leaf)>& leaf);

}  // namespace vedette::rules
