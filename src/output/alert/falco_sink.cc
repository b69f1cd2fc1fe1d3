// SPDX-License-Identifier: Apache-2.0
#include "output/alert/falco_sink.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/time.h"

namespace vedette::output {
namespace {

// By event::Level.
constexpr std::array<std::string_view, event::kLevelNames.size()> kPriorities = {
    "Informational", "Notice", "Warning", "Error", "Critical"};
constexpr std::string_view kMissing = "<NA>";
constexpr std::string_view kTimeField = "evt.time";

using Values = std::vector<const event::AlertField*>;

std::string_view priority_of(const event::RuleInfo& rule) {
  if (!rule.priority.empty()) return rule.priority;
  return kPriorities[static_cast<std::size_t>(rule.level)];
}

Values values_of(const event::Alert& alert, std::string_view name) {
  Values values;
  for (const event::AlertField& field : alert.output_fields) {
    if (field.name == name) values.push_back(&field);
  }
  return values;
}

std::string text_of(const Values& values) {
  if (values.empty()) return std::string(kMissing);
  if (values.size() == 1) return std::string(values.front()->value);
  std::string list;
  for (const event::AlertField* value : values) {
    list += list.empty() ? '(' : ',';
    list += value->value;
  }
  return list + ')';
}

std::string message_of(const event::Alert& alert) {
  const event::RuleInfo& rule = *alert.rule;
  if (rule.output.empty()) return rule.title;
  std::string message;
  for (const event::OutputPart& part : rule.output) {
    message += part.text;
    if (part.field == event::OutputPart::kNoField) continue;
    std::string text = text_of(values_of(alert, rule.output_fields[part.field]));
    if (part.width != 0) text.resize(part.width, ' ');
    message += text;
  }
  return message;
}

void append_value(const event::AlertField& field, JsonWriter& json) {
  if (field.kind == event::Kind::kNumber) {
    json.number_as_written(field.value);
  } else if (field.kind == event::Kind::kBoolean &&
             (field.value == "true" || field.value == "false")) {
    json.boolean(field.value == "true");
  } else {
    json.string(field.value);
  }
}

class FalcoSink : public event::Sink {
 public:
  explicit FalcoSink(const SinkOptions& options) : writer_(options.writer) {}

  // Keys in the order of their names, as Falco's JSON library writes them.
  Result<void> write(const event::Alert& alert) override {
    const CalendarTime time = to_calendar_time(alert.time);
    const std::string clock = fmt::format("{:02}:{:02}:{:02}.{:09}", time.hour, time.minute,
                                          time.second, time.nanosecond);
    const event::RuleInfo& rule = *alert.rule;
    JsonWriter json(writer_.buffer());
    json.begin_object().key("hostname").string(alert.role(event::Role::kHost));
    json.key("output").string(
        fmt::format("{}: {} {}", clock, priority_of(rule), message_of(alert)));
    json.key("output_fields");
    append_fields(alert, json);
    json.key("priority").string(priority_of(rule));
    json.key("rule").string(rule.title);
    json.key("source").string(rule.source.empty() ? rule.logsource : rule.source);
    json.key("tags").begin_array();
    for (const std::string_view tag :
         std::set<std::string_view>(rule.tags.begin(), rule.tags.end()))
      json.string(tag);
    json.end_array();
    json.key("time").string(
        fmt::format("{:04}-{:02}-{:02}T{}Z", time.year, time.month, time.day, clock));
    json.end_object();
    writer_.buffer() += '\n';
    return writer_.settle();
  }

  Result<void> finish(const event::Summary& /*summary*/) override { return writer_.finish(); }
  bool wants_output_fields() const override { return true; }

 private:
  static void append_fields(const event::Alert& alert, JsonWriter& json) {
    std::map<std::string_view, Values> fields;
    std::vector<event::AlertField> matched;
    if (alert.rule->output.empty()) {
      matched.reserve(alert.matched.size());
      for (const event::MatchedField& leaf : alert.matched) {
        if (!leaf.field.empty()) matched.push_back({leaf.field, leaf.value});
      }
      for (const event::AlertField& field : matched) fields[field.name] = {&field};
    }
    for (const std::string& name : alert.rule->output_fields) fields[name] = values_of(alert, name);
    fields[kTimeField] = {};
    json.begin_object();
    for (const auto& [name, values] : fields) {
      json.key(name);
      if (name == kTimeField) {
        json.number(alert.time);
      } else if (values.empty()) {
        json.null();
      } else if (values.size() == 1) {
        append_value(*values.front(), json);
      } else {
        json.begin_array();
        for (const event::AlertField* value : values) append_value(*value, json);
        json.end_array();
      }
    }
    json.end_object();
  }

  Writer& writer_;  // the caller's, see SinkOptions
};

}  // namespace

Result<std::unique_ptr<event::Sink>> make_falco_sink(const SinkOptions& options) {
  return std::make_unique<FalcoSink>(options);
}

}  // namespace vedette::output
