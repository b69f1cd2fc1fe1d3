// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "rules/model.h"

// Sigma (specification 2.1.0; where it is silent or disagrees with it, pySigma; both are accepted
// where they differ, see docs/sigma.md): files to the rule model.
namespace vedette::rules::sigma {

struct LoadOptions {
  std::vector<std::string> paths;      // files and folders with *.yml, *.yaml
  std::vector<std::string> pipelines;  // processing pipelines, applied in order of their `priority`
  // Placeholder -> its values (`|expand`), from --vars FILE.
  std::map<std::string, std::vector<std::string>, std::less<>> variables;
  Limits limits;
};

// Loads rules, correlations, filters and collections from all paths together (references may cross
// files). A rule that cannot be evaluated exactly is in RuleSet::refused with its reason; the
// others load. Fails only when a path or pipeline cannot be read at all.
Result<RuleSet> load(const LoadOptions& options);

// The same for the text of one file; LoadOptions::paths plays no part.
Result<RuleSet> load_text(std::string_view text, const std::string& file,
                          const LoadOptions& options);

// Variables of --vars: a YAML map name -> value or list of values.
Result<std::map<std::string, std::vector<std::string>, std::less<>>> load_variables(
    const std::string& path, const Limits& limits);

}  // namespace vedette::rules::sigma
