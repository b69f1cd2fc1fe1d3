// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "formats/yaml/yaml.h"
#include "rules/sigma/ast.h"

// Doubts about documents that load: what an author most likely did not mean. Every finding is a
// warning with a place and a hint.
namespace vedette::rules::sigma {

// Looks at detections and conditions: detections that no condition names, selectors that name
// nothing, values that can never or always match, modifiers without effect.
void lint_rule(const SigmaRule& rule, std::vector<Diagnostic>& warnings);

// Looks at what rules, correlations and filters say about themselves: title, id, level, status,
// tags, dates.
void lint_metadata(const formats::yaml::Node& root, const std::string& file,
                   std::vector<Diagnostic>& warnings);

// Whether a log source is given and says something.
void lint_log_source(const formats::yaml::Node& root, const std::string& file,
                     std::vector<Diagnostic>& warnings);

}  // namespace vedette::rules::sigma
