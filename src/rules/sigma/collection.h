// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/arena.h"
#include "base/limits.h"
#include "formats/yaml/yaml.h"
#include "rules/sigma/ast.h"

namespace vedette::rules::sigma {

struct Collection {
  std::vector<const formats::yaml::Node*> roots;  // of rules, correlations and filters
  std::vector<Problem> problems;                  // documents that are none
  // Documents that are YAML, but nothing of Sigma's: other files stand beside rules.
  std::vector<Position> foreign;
};

// The documents of one file as single rules: `action: global` is merged into the rules after it,
// `repeat` into the document before it, `reset` ends a global. Merged nodes live in `arena`.
Collection collect(const formats::yaml::Document& document, const Limits& limits, Arena& arena);

}  // namespace vedette::rules::sigma
