// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "rules/falco/reader.h"
#include "rules/falco/yaml_values.h"

namespace vedette::rules::falco {

// Reads a `rule`: a definition, an override, an append, or the switch of an earlier rule. Warnings
// about keys that mean nothing are the caller's.
Parsed<void> read_rule(const formats::yaml::Node& node, const std::string& name,
                       const std::string& file, Reading& reading);

// The keys of `override` by what is to be done; a Problem for one that cannot be overridden so.
struct Overrides {
  std::set<std::string, std::less<>> append;
  std::set<std::string, std::less<>> replace;
  bool empty() const { return append.empty() && replace.empty(); }
};
using Keys = std::set<std::string_view>;
Parsed<Overrides> read_overrides(const formats::yaml::Node& node, const Keys& appendable,
                                 const Keys& replaceable);

// Reads `append: true`, which is deprecated; a Problem when overrides stand beside it.
Parsed<bool> read_append(const formats::yaml::Node& node, const Overrides& overrides,
                         const std::string& file, Reading& reading);

}  // namespace vedette::rules::falco
