// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/secret/gitleaks.h"
#include "rules/secret/model.h"
#include "rules/secret/table_reader.h"

namespace vedette::rules::secret {

// A rule as one file has it: empty texts and zeros stand for keys that are absent, which an
// extended file may give.
struct DraftRule {
  SecretRule rule;
  bool severity_given = false;
};

struct Extend {
  std::string path;
  std::string url;
  bool use_default = false;
  std::vector<std::string> disabled_rules;
  std::uint32_t line = 0;
};

struct TargetedAllowlist {
  Allowlist list;  // with target_rules
  std::uint32_t line = 0;
};

// One file of a pack, alone: each id once, every regular expression compiles, allowlists are valid;
// the rest can only be judged together with what it extends.
struct PackFile {
  Extend extend;
  std::vector<DraftRule> rules;
  std::vector<Allowlist> allowlists;  // for all rules
  std::vector<TargetedAllowlist> targeted_allowlists;
  std::uint64_t refused = 0;
};

// Everything that is wrong goes to the log.
PackFile read_pack_file(std::string_view text, const LoadOptions& options, ProblemLog& log);

// What makes a rule useless; empty when nothing does. To be asked of a rule that has everything it
// is extended by.
std::string fault_of(const SecretRule& rule);

}  // namespace vedette::rules::secret
