// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "event/alert.h"

// What all SARIF 2.1.0 reports write alike.
namespace vedette::output {

struct SarifLevel {
  std::string_view level;     // section 3.27.10
  std::string_view severity;  // what code scanning services sort by, 0.0 to 10.0
};
inline constexpr std::array<SarifLevel, event::kLevelNames.size()> kSarifLevels = {{
    {"note", "0.0"},
    {"note", "3.0"},
    {"warning", "5.5"},
    {"error", "8.0"},
    {"error", "9.5"},
}};

// RFC 3986: a path as a URI reference. What is neither unreserved nor a slash is percent-encoded,
// so that "C:\a b" or "x:y" cannot be taken for a scheme.
std::string sarif_uri(std::string_view path);

bool is_web_address(std::string_view text);

// A message's text may hold placeholders {0} and links [text](1); ours holds neither (sections
// 3.11.5 and 3.11.6).
std::string sarif_message(std::string_view text);

}  // namespace vedette::output
