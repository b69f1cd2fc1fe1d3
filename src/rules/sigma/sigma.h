// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "rules/dialect.h"
#include "rules/model.h"

// Sigma (specification 2.1.0; where it is silent or disagrees with it, pySigma; both are accepted
// where they differ, see docs/sigma.md): files to the rule model.
namespace vedette::rules::sigma {

using rules::LoadOptions;

// Rules, correlations, filters and collections of all files together. Fails when a pipeline cannot
// be read at all. `options` outlives the loader.
Result<std::unique_ptr<DialectLoader>> make_loader(const LoadOptions& options);

// The rules of one text that is known to be Sigma; LoadOptions::paths plays no part.
Result<RuleSet> load_text(std::string_view text, const std::string& file,
                          const LoadOptions& options);

// Variables of --vars: a YAML map name -> value or list of values.
Result<std::map<std::string, std::vector<std::string>, std::less<>>> load_variables(
    const std::string& path, const Limits& limits);

}  // namespace vedette::rules::sigma
