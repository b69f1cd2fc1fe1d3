// SPDX-License-Identifier: Apache-2.0
#include "output/gate/stage_formats.h"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

#include "output/finding/finding_text.h"
#include "output/quantity.h"

namespace vedette::output {
namespace {

constexpr std::string_view kHead =
    "stage       status          s   work s    files      bytes    known  findings";

std::string name_of(const event::StageRecord& stage) {
  return stage.target.empty() ? stage.name : stage.name + " " + stage.target;
}

// Chrome's times are microseconds.
void append_span(std::string_view name, std::uint32_t process, std::uint64_t thread,
                 double begin_us, double duration_us, JsonWriter& json) {
  json.begin_object().key("name").string(name).key("ph").string("X");
  json.key("pid").number(process).key("tid").number(thread);
  json.key("ts").number(begin_us).key("dur").number(duration_us);
}

void append_process_name(std::uint32_t process, std::string_view name, JsonWriter& json) {
  json.begin_object().key("name").string("process_name").key("ph").string("M");
  json.key("pid").number(process).key("args").begin_object().key("name").string(name);
  json.end_object().end_object();
}

}  // namespace

std::string stage_table(std::span<const event::StageRecord> stages) {
  if (stages.empty()) return {};
  std::string out = std::string(kHead) + "\n";
  for (const event::StageRecord& stage : stages) {
    const std::string status =
        std::string(event::to_string(stage.status)) + (stage.resumed ? " before" : "");
    const bool ran = stage.ran();
    if (ran) {
      out += fmt::format("{:<11} {:<12} {:>5.2f} {:>8.2f} {:>8} {:>10} {:>8} {:>9}",
                         visible(stage.name), status, stage.seconds, stage.work_seconds,
                         count_text(stage.files), size_text(stage.bytes), count_text(stage.cached),
                         count_text(stage.findings));
    } else {
      out += fmt::format("{:<11} {}", visible(stage.name), status);
    }
    if (!stage.target.empty()) out += "  " + visible(stage.target);
    if (!stage.reason.empty())
      out += (ran ? "  (" : ": ") + visible(stage.reason) + (ran ? ")" : "");
    if (stage.lost != 0) out += fmt::format("  {} lost", count_text(stage.lost));
    if (stage.skipped != 0) out += fmt::format("  {} skipped", count_text(stage.skipped));
    out += '\n';
  }
  return out;
}

void append_stages(std::span<const event::StageRecord> stages, JsonWriter& json) {
  json.begin_array();
  for (const event::StageRecord& stage : stages) {
    json.begin_object().key("name").string(stage.name);
    if (!stage.target.empty()) json.key("target").string(stage.target);
    json.key("status").string(event::to_string(stage.status));
    if (!stage.reason.empty()) json.key("reason").string(stage.reason);
    json.key("ran").boolean(stage.ran()).key("scanner").string(stage.scanner());
    json.key("complete").boolean(stage.is_complete());
    if (stage.of_change) json.key("of_change").boolean(true);
    json.key("resumed").boolean(stage.resumed);
    json.key("begin_seconds").number(stage.begin_seconds);
    json.key("seconds").number(stage.seconds).key("work_seconds").number(stage.work_seconds);
    json.key("files").number(stage.files).key("bytes").number(stage.bytes);
    json.key("cached").number(stage.cached).key("findings").number(stage.findings);
    json.key("skipped").number(stage.skipped).key("lost").number(stage.lost).end_object();
  }
  json.end_array();
}

std::string chrome_trace(std::span<const event::StageRecord> stages,
                         std::span<const event::StageSpan> spans, std::uint64_t spans_lost) {
  constexpr std::uint32_t kStageProcess = 1;
  constexpr std::uint32_t kSlotProcess = 2;
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("displayTimeUnit").string("ms").key("traceEvents").begin_array();
  append_process_name(kStageProcess, "stages", json);
  append_process_name(kSlotProcess, "workers", json);
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const event::StageRecord& stage = stages[i];
    append_span(name_of(stage), kStageProcess, std::uint64_t{i}, stage.begin_seconds * 1e6,
                stage.seconds * 1e6, json);
    json.key("args").begin_object().key("status").string(event::to_string(stage.status));
    json.key("files").number(stage.files).key("bytes").number(stage.bytes);
    json.key("cached").number(stage.cached).end_object().end_object();
  }
  for (const event::StageSpan& span : spans) {
    const std::string name = span.stage < stages.size() ? name_of(stages[span.stage]) : "";
    append_span(name, kSlotProcess, span.slot, static_cast<double>(span.begin_ns) / 1e3,
                static_cast<double>(span.end_ns - span.begin_ns) / 1e3, json);
    json.end_object();
  }
  json.end_array().key("otherData").begin_object();
  json.key("spans_lost").number(spans_lost).end_object().end_object();
  out += '\n';
  return out;
}

}  // namespace vedette::output
