// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "event/finding.h"

// Rules for secrets in content, as gitleaks' TOML has them (config/config.go, rule.go and
// allowlist.go of its version 8.30), and the keys that Vedette adds, which gitleaks ignores. What
// is read is kept as written: meaning is given by SecretProgram (program.h) and, slowly and
// plainly, by the naive evaluator of the tests.
namespace vedette::rules::secret {

struct Allowlist {
  enum class Condition : std::uint8_t { kAny, kAll };  // OR, AND
  enum class Target : std::uint8_t { kSecret, kMatch, kLine };

  std::string description;
  Condition condition = Condition::kAny;
  Target target = Target::kSecret;
  std::vector<std::string> commits;  // whole ids, lower case
  // RE2, found anywhere in the path or the target. All of a list are alternatives of one
  // expression, (?:a|b): a (?i) that opens one holds for those behind it, as with gitleaks.
  std::vector<std::string> paths;
  std::vector<std::string> regexes;
  std::vector<std::string> stopwords;     // lower case, contained in the lower-cased secret
  std::vector<std::string> target_rules;  // while reading: load() moves such lists to their rules
};

// How a provider is asked whether a secret is good (`rules.verify`). Never done unless a user wants
// it. "{secret}" in a header stands for the secret, which is never a part of the URL.
struct Verification {
  std::string method = "GET";        // or POST, without a body
  std::string url;                   // https, the provider's documented host
  std::vector<std::string> headers;  // "Authorization: Bearer {secret}"
  std::vector<std::uint32_t> live;   // status codes that mean so
  std::vector<std::uint32_t> revoked;
  // Of providers that always answer 200: one of these is in the answer's body then; none: not
  // asked.
  std::vector<std::string> live_texts;
  std::vector<std::string> revoked_texts;
};

// Another rule that must match near by (gitleaks' [[rules.required]]).
struct Required {
  std::string rule;
  std::optional<std::uint32_t> within_lines;
  std::optional<std::uint32_t> within_columns;
};

struct SecretRule {
  event::FindingRule info;
  std::string regex;                  // RE2; empty: the path alone decides
  std::string path;                   // RE2 on the path; empty: any path
  std::uint32_t secret_group = 0;     // 0: the first group that took part, else the whole match
  double entropy = 0;                 // the secret's Shannon entropy must be above; 0: not asked
  std::vector<std::string> keywords;  // lower case; one of them must be in the content
  bool skip_report = false;           // matches count for `required` only
  std::vector<Allowlist> allowlists;
  std::vector<Required> required;
  // Vedette's own keys.
  std::optional<event::Confidence> confidence;  // what the form alone proves
  std::string checksum;  // name of a check in scan/secrets/structure.h: "github", "stripe", "jwt"
  // Of which every match holds one; empty: there are none such. SecretProgram finds them out where
  // they are not known.
  std::optional<std::vector<std::string>> literals;
  std::optional<Verification> verification;
  bool generic = false;  // a form that says nothing of a provider: all evidence is asked
};

// The one expression that an allowlist's paths or regexes, at least one, are.
std::string joined(const std::vector<std::string>& patterns);

// Everything that is loaded together: several packs, the later ones on top.
struct SecretRuleSet {
  std::vector<SecretRule> rules;
  std::vector<Allowlist> allowlists;  // for all rules
  std::vector<Diagnostic> problems;   // rules refused and doubtful keys, with their places
  std::uint64_t refused = 0;
};

}  // namespace vedette::rules::secret
