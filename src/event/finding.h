// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "event/alert.h"

// What every scanner finds, whatever it looks for: secrets, packages, models, configuration. One
// record, one identity, one policy, one waiver. Named after OCSF 1.5: Detection Finding (2004),
// Vulnerability Finding (2002), Compliance Finding (2003).
namespace vedette::event {

enum class FindingClass : std::uint8_t { kDetection, kVulnerability, kCompliance };

enum class Confidence : std::uint8_t { kLow, kMedium, kHigh };
inline constexpr std::array<std::string_view, 3> kConfidenceNames = {"low", "medium", "high"};
constexpr std::string_view to_string(Confidence confidence) {
  return kConfidenceNames[static_cast<std::size_t>(confidence)];
}

// What a rule of a scanner says about itself; lives in the rule set, which outlives every finding.
struct FindingRule {
  std::string id;           // "aws-access-token"
  std::string title;        // "AWS access key"
  std::string description;  // what was found and what it opens
  std::string remediation;  // what to do, in words a developer uses; several sentences
  Level severity = Level::kHigh;
  std::vector<std::string> tags;
  std::vector<std::string> references;
  std::string pack;  // the file that holds the rule
  std::uint32_t line = 0;
};

// The commit that first brought what was found.
struct FindingCommit {
  std::string id;  // hexadecimal, whole
  std::string author;
  std::string email;
  TimeNs time = 0;  // of authorship
  std::string subject;
};

// The layer of an image that brought what was found.
struct FindingLayer {
  std::string digest;       // "sha256:…"
  std::string instruction;  // of the image's history; may be empty
  // A later layer deletes or replaces it: no container sees it, whoever has the image can.
  bool hidden = false;
  bool base = false;  // of the image that this one was built on
};

// Where. Lines and columns count from 1, columns in bytes; ends are one past the last byte.
struct FindingPlace {
  std::string path;  // relative to what was scanned, '/' between parts: "deploy.tar.gz/a/.env"
  std::uint32_t line = 0;  // 0: the file as a whole
  std::uint32_t column = 0;
  std::uint32_t end_line = 0;
  std::uint32_t end_column = 0;
  std::uint64_t offset = 0;  // of the first byte in the unpacked content
  std::uint64_t size = 0;    // bytes
  std::string object;        // blob id, layer digest …; empty for a plain file
  std::optional<FindingCommit> commit;
  std::optional<FindingLayer> layer;
};

// One observation that raised or lowered the confidence.
struct Evidence {
  std::string name;   // "checksum", "entropy", "placeholder"
  std::string text;   // "the last 6 characters are the token's own checksum"
  double weight = 0;  // natural logarithm of the factor by which the odds changed; negative lowers
};

// A place of a line that is shown: the line with all secrets masked.
struct Excerpt {
  std::string line;        // without its end; cut around the mark when it is long
  std::uint32_t mark = 0;  // byte in `line` where the found thing begins
  std::uint32_t mark_size = 0;
};

// What a producer says of a vulnerability in a product (VEX), in OpenVEX's words.
enum class VexStatus : std::uint8_t { kUnderInvestigation, kAffected, kNotAffected, kFixed };
inline constexpr std::array<std::string_view, 4> kVexStatusNames = {
    "under_investigation", "affected", "not_affected", "fixed"};
constexpr std::string_view to_string(VexStatus status) {
  return kVexStatusNames[static_cast<std::size_t>(status)];
}
struct FindingStatement {
  VexStatus status = VexStatus::kUnderInvestigation;
  std::string justification;  // the format's word
  std::string impact;
  std::string action;
  std::string author;
  std::string document;  // its id; may be empty
  std::string file;      // that holds it
  TimeNs time = 0;       // 0: not told
};

// One line of the tree of what needs a package, in preorder: what needs it has depth 0, what needs
// that depth 1.
struct FindingDependent {
  std::uint32_t depth = 0;
  std::string name;  // "requests 2.31.0"
  // Stands in the tree already, with what needs it, or is where the tree is cut.
  bool is_cut = false;
};

// A vulnerability in a package: what is known of both.
struct FindingVulnerability {
  std::string ecosystem;  // "PyPI"
  std::string package;
  std::string version;
  std::string purl;
  std::string through;                       // "app > requests > urllib3"; empty: nothing is told
  std::vector<FindingDependent> dependents;  // only where they were asked for
  std::vector<std::string> names;            // all ids of the vulnerability
  std::vector<std::string> advisories;       // that speak of this version
  std::string vector;                        // of CVSS
  double score = -1;                         // of that; -1: none
  bool exploited = false;                    // in CISA's catalogue
  bool ransomware = false;
  std::string exploited_since;
  double probability = -1;  // of exploitation in 30 days (EPSS); -1: unknown
  double percentile = -1;
  std::vector<std::string> exploits;  // addresses
  std::string fixed;                  // the smallest version without it; empty: none is known
  std::string upgrade;                // the smallest that fixes all of the package's, or most
  std::uint32_t upgrade_fixes = 0;    // of the package's
  std::string command;                // what makes that upgrade
  std::string source;                 // the package that it was built from; empty: the same
  std::string source_version;
  TimeNs published = 0;        // the first advisory; 0: not told
  std::optional<bool> direct;  // whether the project asks for the package itself
  bool development = false;    // nothing that ships needs it
  // Whether a file of the package was opened while its image was watched; nothing: not known.
  std::optional<bool> used;
  double watched_seconds = 0;
  // Whether a program that has the package has the vulnerable functions too; nothing: not known.
  std::optional<bool> reachable;
  std::optional<FindingStatement> statement;  // the newest that holds here
};

// Owns everything but the rule. Never holds an unmasked secret: who makes a finding masks.
struct Finding {
  FindingClass kind = FindingClass::kDetection;
  const FindingRule* rule = nullptr;
  // The same for the same thing however often it is scanned, moved, renamed or reformatted; what it
  // is made of says the scanner. 32 hexadecimal digits.
  std::string identity;
  Level severity = Level::kHigh;
  Confidence confidence = Confidence::kMedium;
  double probability = 0.5;  // that it is true, from 0 to 1
  FindingPlace place;
  std::string message;   // one sentence with what is special here
  std::string redacted;  // what was found, masked: "ghp_16C7…(40)"
  Excerpt excerpt;
  std::vector<Evidence> evidence;
  // Where the same thing stands besides; the place above is the first.
  std::vector<FindingPlace> also_at;
  std::string remediation;                            // what to do here; empty: what the rule says
  std::optional<FindingVulnerability> vulnerability;  // of FindingClass::kVulnerability
};

// Whether a statement says that there is nothing to do: such a finding is reported as suppressed,
// and blocks nothing.
inline bool is_suppressed(const Finding& finding) {
  if (!finding.vulnerability || !finding.vulnerability->statement) return false;
  const VexStatus status = finding.vulnerability->statement->status;
  return status == VexStatus::kNotAffected || status == VexStatus::kFixed;
}

}  // namespace vedette::event
