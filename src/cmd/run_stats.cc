// SPDX-License-Identifier: Apache-2.0
#include "cmd/run_stats.h"

#include "base/json_writer.h"

namespace vedette::cmd {
namespace {

void write_inputs(JsonWriter& json, const event::Summary& summary) {
  json.key("inputs").begin_array();
  for (const event::InputReport& input : summary.inputs) {
    json.begin_object();
    json.key("name").string(input.name).key("format").string(input.format);
    json.key("bytes").number(input.bytes).key("events").number(input.events);
    json.key("skipped").number(input.skipped);
    json.key("unknown_source").number(input.unknown_source);
    json.key("failed").boolean(input.failed);
    json.key("problems").begin_array();
    for (const Diagnostic& problem : input.problems) {
      json.begin_object();
      json.key("place").string(to_string(problem.place));
      json.key("message").string(problem.message).key("hint").string(problem.hint);
      json.end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
}

void write_rules(JsonWriter& json, const event::Summary& summary) {
  json.key("rules").begin_array();
  for (const event::RuleHits& hits : summary.rules) {
    json.begin_object();
    json.key("id").string(hits.rule->id).key("title").string(hits.rule->title);
    json.key("hits").number(hits.hits);
    json.key("evaluations").number(hits.evaluations);
    json.key("nanoseconds").number(hits.nanoseconds);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string run_stats(const event::Summary& summary) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("events").number(summary.events).key("bytes").number(summary.bytes);
  json.key("skipped").number(summary.skipped);
  json.key("unknown_source").number(summary.unknown_source);
  json.key("alerts").number(summary.alerts);
  json.key("rules_loaded").number(summary.rules_loaded);
  json.key("rules_refused").number(summary.rules_refused);
  json.key("correlation_evictions").number(summary.correlation_evictions);
  json.key("correlation_late").number(summary.correlation_late);
  json.key("seconds").number(summary.seconds).key("load_seconds").number(summary.load_seconds);
  json.key("interrupted").boolean(summary.interrupted);
  write_inputs(json, summary);
  write_rules(json, summary);
  json.end_object();
  out += '\n';
  return out;
}

}  // namespace vedette::cmd
