// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "event/alert.h"

// What all HTML reports have alike: one file, no request to anywhere, a policy that runs nothing
// but our own script.
namespace vedette::output {

struct PageHead {
  std::string_view title;
  std::string_view style;
  std::string_view style_sha256;   // hexadecimal
  std::string_view script_sha256;  // of the one script that may run; empty: none
};

// From the document type to the opened body.
void append_page_head(const PageHead& head, std::string& out);

// "2026-01-01 00:00:00 UTC · ", or nothing for 0.
void append_page_time(TimeNs now, std::string& out);

// A button with the count of each level, gravest first.
void append_page_tiles(const std::array<std::uint64_t, event::kLevelNames.size()>& counts,
                       std::string& out);

// Sentences in a box that is open when they are few; nothing where there are none.
void append_page_notes(const std::vector<std::string>& notes, std::string& out);

// Text as HTML: markup escaped, bytes that are not UTF-8 and control characters replaced.
void append_html(std::string_view text, std::string& out);

}  // namespace vedette::output
