// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "event/finding.h"

// What all formats of findings say alike.
namespace vedette::output {

// "src/a.py:2:8", "src/a.py:2" or "src/a.py".
std::string place_text(const event::FindingPlace& place);

// The title, or the id of a rule that has none.
const std::string& title_of(const event::FindingRule& rule);

// What to do about a finding, or about all of its rule.
const std::string& remediation_of(const event::Finding& finding);

// In one line and with nothing that turns, hides or commands: as append_terminal(), of any length.
std::string visible(std::string_view text);

// visible() with the characters escaped that mean something in HTML and XML, in text and in quoted
// attributes. XML 1.0 section 2.2 allows every character that is left.
std::string visible_markup(std::string_view text);

// The same for text of several lines and paragraphs.
std::string visible_lines_markup(std::string_view text);

// Version 8 UUID (RFC 9562 section 5.8) of a finding at its place: equal for equal findings.
std::string finding_uuid(const event::Finding& finding);

// What a producer's statement says, of a finding that has one: "Ada says not_affected: …".
std::string statement_text(const event::Finding& finding);

}  // namespace vedette::output
