// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "event/sink.h"

namespace vedette::output {

// Why rules were refused, the most frequent reasons first, each with its first rule: "25 as in
// rules/a.yml:12:5: the placeholder %admins% has no values". Names and reasons hold text of rule
// files: the caller escapes them for its medium.
std::vector<std::string> refusal_lines(const event::Summary& summary);

}  // namespace vedette::output
