// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "event/sink.h"
#include "output/writer.h"

// The formats in which alerts are written. One row of the table in formats.cc for each.
namespace vedette::output {

struct SinkOptions {
  Writer& writer;              // outlives the sink; its finish() is called by the sink's
  bool colour = false;         // table: escape sequences
  bool group = false;          // alerts of one rule on one host are folded into one, see group.h
  unsigned width = 0;          // table: columns of the terminal; 0: lines as long as they need
  bool include_event = false;  // ndjson, json: every field of the event; html has them always
  std::string version = {};    // of this program
  // When the run began: the time of findings (OCSF) and of the report (html). 0: unknown.
  TimeNs now = 0;
  // The content folder, for the names of techniques; "" or without them: ids only.
  std::string content = {};
};

struct Format {
  std::string_view name;
  std::string_view help;  // one line
  Result<std::unique_ptr<event::Sink>> (*make)(const SinkOptions& options);
};

// All formats, in the order in which --help lists them.
std::span<const Format> formats();

// The sink for `format`; ErrorCode::kInvalid with the known names when there is none such.
Result<std::unique_ptr<event::Sink>> make_sink(std::string_view format, const SinkOptions& options);

}  // namespace vedette::output
