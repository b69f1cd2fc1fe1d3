// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/yaml/yaml.h"
#include "rules/falco/items.h"

// Members of YAML mappings as values, with Problems that name the key.
namespace vedette::rules::falco {

Place place_of(const formats::yaml::Node& node, const std::string& file);

// A text that must be there and must not be empty.
Parsed<Written> required_text(const formats::yaml::Node& node, std::string_view key,
                              const std::string& file);
// Nothing when the key is absent.
Parsed<std::optional<std::string>> optional_text(const formats::yaml::Node& node,
                                                 std::string_view key);
Parsed<std::optional<bool>> optional_boolean(const formats::yaml::Node& node, std::string_view key);
// The texts of a list; nothing when the key is absent.
Parsed<std::optional<std::vector<std::string>>> optional_texts(const formats::yaml::Node& node,
                                                               std::string_view key);
// `exceptions` of a rule. `append`: fields may be missing.
Parsed<std::vector<ExceptionItem>> read_exceptions(const formats::yaml::Node& node,
                                                   const std::string& file);

}  // namespace vedette::rules::falco
