// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "rules/dialect.h"

// Files of rules in any of the languages to the rule model. Which language a file is written in is
// found by its content; languages may stand in one folder.
namespace vedette::rules {

// Loads from all paths together. Fails only when a path or a pipeline cannot be read at all.
Result<RuleSet> load(const LoadOptions& options);

// The same for the text of one file; LoadOptions::paths plays no part.
Result<RuleSet> load_text(std::string_view text, const std::string& file,
                          const LoadOptions& options);

}  // namespace vedette::rules
