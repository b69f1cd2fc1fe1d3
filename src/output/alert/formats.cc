// SPDX-License-Identifier: Apache-2.0
#include "output/alert/formats.h"

#include <array>
#include <fmt/format.h>

#include "output/alert/falco_sink.h"
#include "output/alert/group.h"
#include "output/alert/json_sinks.h"
#include "output/alert/ocsf_sink.h"
#include "output/alert/sarif_sink.h"
#include "output/alert/text_sinks.h"
#include "output/html/html_sink.h"
#include "output/table/table_sink.h"

namespace vedette::output {
namespace {

constexpr std::array kFormats = {
    Format{"table", "aligned lines for a person; ends with counts and what was skipped",
           make_table_sink},
    Format{"ndjson", "one JSON object a line for each alert", make_ndjson_sink},
    Format{"json", "one JSON object with all alerts and a summary", make_json_sink},
    Format{"csv", "RFC 4180 with a header, for spreadsheets", make_csv_sink},
    Format{"tsv", "input, record number and rule id of each match, nothing else", make_tsv_sink},
    Format{"sarif", "SARIF 2.1.0, for code scanning services", make_sarif_sink},
    Format{"ocsf", "OCSF Detection Findings (class 2004), one a line", make_ocsf_sink},
    Format{"falco", "Falco's JSON, one alert a line, for what reads Falco's alerts",
           make_falco_sink},
    Format{"html", "one self-contained page with timeline, techniques and process trees",
           make_html_sink},
};

}  // namespace

std::span<const Format> formats() { return kFormats; }

Result<std::unique_ptr<event::Sink>> make_sink(std::string_view format,
                                               const SinkOptions& options) {
  std::string known;
  for (const Format& row : kFormats) {
    if (row.name == format) {
      TRY(std::unique_ptr<event::Sink> sink, row.make(options));
      if (options.group) sink = make_group_sink(std::move(sink));
      return sink;
    }
    if (!known.empty()) known += ", ";
    known += row.name;
  }
  return failure(ErrorCode::kInvalid,
                 fmt::format("unknown format \"{}\"; use one of {}", format, known));
}

}  // namespace vedette::output
