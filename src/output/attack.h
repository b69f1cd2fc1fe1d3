// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/alert.h"

// MITRE ATT&CK and ATLAS as rules speak of them: tags to techniques and tactics, and their names.
namespace vedette::output {

struct Tactic {
  std::string_view slug;  // as tags and content/attack/techniques.tsv write it: "initial-access"
  std::string_view id;    // "TA0001"; the ATLAS id where ATT&CK has none such
  std::string_view name;  // "Initial Access"
  std::string_view atlas_id;  // "AML.TA0004"; empty where ATLAS has none such
};

// In the order of the matrix. ATLAS tactics that ATT&CK has too are one with them.
std::span<const Tactic> tactics();
// By slug ("defense_evasion" too) or id ("TA0001", "AML.TA0004"), any case; null when unknown.
const Tactic* find_tactic(std::string_view text);

// What the tags of one rule say, without repeats, in the order written.
struct AttackTags {
  std::vector<std::string> techniques;  // "T1059.001", "AML.T0051.000"
  std::vector<const Tactic*> tactics;   // entries of tactics()
};

// Reads attack.t1059.001, attack.execution, attack.defense_evasion, attack.ta0002,
// atlas.aml.t0051, atlas.ml-attack-staging …, and Falco's T1059.001 and mitre_execution; other tags
// (groups, software, cve.…) are passed over.
AttackTags parse_attack_tags(std::span<const std::string> tags);

struct Technique {
  std::string id;
  std::string name;  // a sub-technique's with its parent's: "Brute Force: Password Guessing"
  std::vector<const Tactic*> tactics;
};

// Names of techniques from content/attack/techniques.tsv. Immutable.
class Techniques {
 public:
  Techniques() = default;  // knows none
  static Result<Techniques> load(const std::string& path);
  // The table in a content folder; knows none when the folder is "" or has no table.
  static Techniques of_content(const std::string& content);

  const Technique* find(std::string_view id) const;

 private:
  std::map<std::string, Technique, std::less<>> by_id_;
};

// A technique in a column of the matrix. `technique` is empty for a tactic alone.
struct Placement {
  const Tactic* tactic = nullptr;  // null: neither the rule nor the table knows one
  std::string technique;
};

// Where a rule stands in the matrix: each technique under those of the rule's tactics that are its
// own; under its own ones if the rule names none of them; under the rule's if its own are unknown.
// Tactics under which no technique came stand alone.
std::vector<Placement> place(const AttackTags& tags, const Techniques& techniques);

}  // namespace vedette::output
