// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "formats/yaml/yaml.h"
#include "rules/sigma/ast.h"
#include "rules/sigma/detection.h"

namespace vedette::rules::sigma {

// A rule's document (after the merging of collections) to its tree.
Parsed<SigmaRule> parse_rule(const formats::yaml::Node& root, const std::string& file,
                             Budget& budget);

// What rules, correlations and filters say about themselves alike: title, id, name, description,
// status, author, date, level, tags, references, false positives, file and line. Wrong values
// are left out; lint.h names them.
event::RuleInfo parse_info(const formats::yaml::Node& root, const std::string& file);

// `logsource` of a document; empty parts when it has none.
LogSource parse_log_source(const formats::yaml::Node& root);

// "product/category/service", as RuleInfo::logsource holds it.
std::string log_source_name(const LogSource& source);

// The text of a top-level scalar, "" when it is absent, null or no scalar.
std::string text_of(const formats::yaml::Node& root, std::string_view key);

// A list of scalars, or one scalar alone.
std::vector<std::string> texts_of(const formats::yaml::Node& root, std::string_view key);

// For refusals: the document's id, else its title, else "".
std::string label_of(const formats::yaml::Node& root);

}  // namespace vedette::rules::sigma
