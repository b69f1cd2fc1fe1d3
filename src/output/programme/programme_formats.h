// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "event/programme_report.h"

// The formats in which the figures of a programme are written. One row of the table in
// programme_formats.cc for each.
namespace vedette::output {

struct ProgrammeTextOptions {
  bool colour = false;  // table: escape sequences
  std::string version;  // of this program
};

struct ProgrammeFormat {
  std::string_view name;
  std::string_view help;  // one line
  std::string (*write)(const event::ProgrammeReport& report, const ProgrammeTextOptions& options);
};

// All formats, in the order in which --help lists them.
std::span<const ProgrammeFormat> programme_formats();

// ErrorCode::kInvalid with the known names when there is none such.
Result<std::string> programme_text(std::string_view format, const event::ProgrammeReport& report,
                                   const ProgrammeTextOptions& options);

std::string programme_table(const event::ProgrammeReport& report,
                            const ProgrammeTextOptions& options);
std::string programme_json(const event::ProgrammeReport& report,
                           const ProgrammeTextOptions& options);
// Prometheus' text exposition format 0.0.4.
std::string programme_prometheus(const event::ProgrammeReport& report,
                                 const ProgrammeTextOptions& options);
// One page without scripts and requests; a table with the numbers stands beside each chart.
std::string programme_html(const event::ProgrammeReport& report,
                           const ProgrammeTextOptions& options);

}  // namespace vedette::output
