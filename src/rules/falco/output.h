// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "event/alert.h"
#include "rules/falco/ast.h"

namespace vedette::rules::falco {

// Reads an output template into RuleInfo::output and output_fields: "%proc.name", "%proc.aname[2]",
// "%20proc.name" (cut or filled up to 20 bytes), "%%" for a percent sign. A '*' in front is Falco's
// permission to print what is missing, which is always given here.
Parsed<void> parse_output(std::string_view text, const std::string& source, event::RuleInfo& info);

}  // namespace vedette::rules::falco
