// SPDX-License-Identifier: Apache-2.0
#include "output/alert/alert_json.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

namespace vedette::output {
namespace {

constexpr std::uint32_t kNone = 0xFFFFFFFF;

void append_strings(std::span<const std::string> texts, JsonWriter& json) {
  json.begin_array();
  for (const std::string& text : texts) json.string(text);
  json.end_array();
}

void append_rule(const event::RuleInfo& rule, JsonWriter& json) {
  json.begin_object().key("id").string(rule.id).key("title").string(rule.title);
  json.key("tags");
  append_strings(rule.tags, json);
  if (!rule.logsource.empty()) json.key("logsource").string(rule.logsource);
  if (!rule.file.empty()) json.key("file").string(rule.file);
  json.end_object();
}

void append_matched(std::span<const event::MatchedField> matched, JsonWriter& json) {
  json.begin_array();
  for (const event::MatchedField& leaf : matched) {
    json.begin_object();
    json.key("selection").string(leaf.selection).key("field").string(leaf.field);
    json.key("value").string(leaf.value).key("test").string(leaf.test).end_object();
  }
  json.end_array();
}

void append_folded(const event::Alert& alert, JsonWriter& json) {
  if (alert.rule->correlation) {
    json.key("group");
    append_fields(alert.group, json);
    json.key("value").number(alert.value);
  }
  json.key("event_count").number(alert.event_count);
  if (alert.has_time) json.key("first_time").string(format_time(alert.first_time));
  if (alert.rules.empty()) return;
  json.key("rules").begin_array();
  for (const std::string_view title : alert.rules) json.string(title);
  json.end_array();
}

void append_problem(const Diagnostic& problem, JsonWriter& json) {
  json.begin_object().key("place").string(to_string(problem.place));
  json.key("message").string(problem.message);
  if (!problem.hint.empty()) json.key("hint").string(problem.hint);
  json.end_object();
}

void append_input(const event::InputReport& input, JsonWriter& json) {
  json.begin_object().key("name").string(input.name).key("format").string(input.format);
  json.key("bytes").number(input.bytes).key("events").number(input.events);
  json.key("skipped").number(input.skipped);
  json.key("unknown_source").number(input.unknown_source);
  if (input.filtered != 0) json.key("filtered").number(input.filtered);
  json.key("failed").boolean(input.failed);
  json.key("problems").begin_array();
  for (const Diagnostic& problem : input.problems) append_problem(problem, json);
  json.end_array().end_object();
}

void append_refusals(std::span<const event::RefusalGroup> refusals, JsonWriter& json) {
  json.key("refusals").begin_array();
  for (const event::RefusalGroup& group : refusals) {
    json.begin_object().key("count").number(group.count);
    json.key("place").string(to_string(group.first.place));
    json.key("message").string(group.first.message).end_object();
  }
  json.end_array();
}

void append_value(const event::AlertField& field, JsonWriter& json) {
  switch (field.kind) {
    case event::Kind::kNumber:
      json.number_as_written(field.value);
      break;
    case event::Kind::kBoolean:
      json.boolean(field.value == "true");
      break;
    case event::Kind::kNull:
      json.null();
      break;
    default:
      json.string(field.value);
  }
}

}  // namespace

void append_fields(std::span<const event::AlertField> fields, JsonWriter& json) {
  // next[i] is the next field of the same name as i; follows[i]: some earlier one has it.
  std::vector<std::uint32_t> order(fields.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return fields[a].name < fields[b].name;
  });
  std::vector<std::uint32_t> next(fields.size(), kNone);
  std::vector<bool> follows(fields.size(), false);
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (fields[order[i - 1]].name != fields[order[i]].name) continue;
    next[order[i - 1]] = order[i];
    follows[order[i]] = true;
  }
  json.begin_object();
  for (std::uint32_t i = 0; i < fields.size(); ++i) {
    if (follows[i]) continue;
    json.key(fields[i].name);
    if (next[i] == kNone) {
      append_value(fields[i], json);
      continue;
    }
    json.begin_array();
    for (std::uint32_t at = i; at != kNone; at = next[at]) append_value(fields[at], json);
    json.end_array();
  }
  json.end_object();
}

void append_alert(const event::Alert& alert, EventFields fields, JsonWriter& json) {
  json.begin_object();
  if (alert.has_time) json.key("time").string(format_time(alert.time));
  json.key("level").string(event::to_string(alert.rule->level));
  json.key("rule");
  append_rule(*alert.rule, json);
  if (is_blocked(alert)) json.key("blocked").boolean(true);
  json.key("input").string(alert.input).key("record").number(alert.record);
  for (std::size_t i = 0; i < event::kRoleCount; ++i) {
    if (!alert.roles[i].empty()) json.key(event::kRoleNames[i]).string(alert.roles[i]);
  }
  json.key("matched");
  append_matched(alert.matched, json);
  if (is_folded(alert)) append_folded(alert, json);
  if (fields == EventFields::kInclude && !alert.event.empty()) {
    json.key("event");
    append_fields(alert.event, json);
  }
  json.end_object();
}

void append_summary(const event::Summary& summary, JsonWriter& json) {
  json.begin_object();
  json.key("events").number(summary.events).key("bytes").number(summary.bytes);
  json.key("skipped").number(summary.skipped);
  // Only live sources lose events.
  if (summary.lost != 0) json.key("lost").number(summary.lost);
  json.key("unknown_source").number(summary.unknown_source);
  json.key("alerts").number(summary.alerts);
  json.key("rules_loaded").number(summary.rules_loaded);
  json.key("rules_refused").number(summary.rules_refused);
  append_refusals(summary.refusals, json);
  json.key("correlation_evictions").number(summary.correlation_evictions);
  json.key("correlation_late").number(summary.correlation_late);
  json.key("seconds").number(summary.seconds);
  json.key("load_seconds").number(summary.load_seconds);
  json.key("interrupted").boolean(summary.interrupted);
  json.key("rules").begin_array();
  for (const event::RuleHits& hits : summary.rules) {
    json.begin_object().key("id").string(hits.rule->id).key("title").string(hits.rule->title);
    json.key("hits").number(hits.hits);
    if (hits.evaluations != 0) {
      json.key("evaluations").number(hits.evaluations);
      json.key("nanoseconds").number(hits.nanoseconds);
    }
    json.end_object();
  }
  json.end_array().key("inputs").begin_array();
  for (const event::InputReport& input : summary.inputs) append_input(input, json);
  json.end_array().end_object();
}

}  // namespace vedette::output
