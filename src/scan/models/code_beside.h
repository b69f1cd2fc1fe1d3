// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "event/finding.h"
#include "scan/models/model_rules.h"

namespace vedette::scan::models {

// Whether a file of this name may name code beside it (transformers' auto_map).
bool may_name_code(std::string_view path);

// The text of a file in the same folder; nothing where there is none.
using ReadBeside = std::function<std::optional<std::string>(std::string_view name)>;

// `found` is what was found in the settings `bytes`. Where all code that their auto_map names lies
// beside them, nothing is found in it and none of its functions runs, loads or fetches anything,
// what was found of auto_map becomes informational and names that code. A class of another
// repository ("repository--module.Class") stays as it was.
void judge_code_beside(const ModelRules& rules, std::string_view path, std::string_view bytes,
                       const ReadBeside& read, std::span<event::Finding> found);

}  // namespace vedette::scan::models
