// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/time.h"
#include "policy/clause.h"

namespace vedette::policy {

// An accepted exception. Each stands in one line of its file, and the lines are sorted, so that
// branches merge by keeping the lines of both sides (`merge=union` in .gitattributes):
//
//   - {finding: 3f2a…, reason: "test key", approver: ada@example.com, created: 2026-01-05,
//      expires: 2026-04-01}
struct Waiver {
  std::string finding;  // identity; empty: what `scope` says
  Clause scope;         // rule, package, path, image
  std::string reason;
  std::string ticket;
  std::string approver;
  // "accepted", "false-positive", "mitigated"
  std::string kind = "accepted";
  TimeNs created = 0;
  TimeNs expires = 0;
  std::optional<TimeNs> revoked;  // wins over a line of the same without it
  std::string signature;          // see waiver_signature.h
  Place place;

  // What it is about, without who, when and why: two lines with the same are one exception.
  std::string subject() const;
  // The entry in one line, which is read as the same entry.
  std::string line() const;
  // What is signed: every field but the signature, one a line, in a fixed order.
  std::string signed_text() const;
};

struct WaiverFile {
  std::vector<Waiver> waivers;
  // Errors: the entry is left out, and the gate must not say that all is well.
  std::vector<Diagnostic> problems;
};

// Also of a file that a merge left with marks of a conflict: the lines of both sides count.
WaiverFile read_waivers(std::string_view text, const std::string& name);

// `text` with one more line, at its place; every other line stays as it is.
std::string with_waiver(std::string_view text, const Waiver& waiver);

// Names of the kinds.
bool is_waiver_kind(std::string_view kind);

}  // namespace vedette::policy
