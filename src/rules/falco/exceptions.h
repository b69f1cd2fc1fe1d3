// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "rules/falco/items.h"

namespace vedette::rules::falco {

// Fills in the comparisons that an exception leaves out, and checks that its parts fit together and
// that the fields are the source's (not for a source that is unknown).
Parsed<void> complete_exception(ExceptionItem& exception, const std::string& source);

// The rule's condition with its exceptions: "(condition) and not (…)" for each that has values.
Parsed<std::string> condition_with_exceptions(const RuleItem& rule);

// An item of a list or an exception as conditions take it: in quotes where it holds a blank.
std::string quoted_item(const std::string& item);

}  // namespace vedette::rules::falco
