// SPDX-License-Identifier: Apache-2.0
#include "output/alert/sarif_sink.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "output/alert/alert_json.h"
#include "output/sarif_text.h"

namespace vedette::output {
namespace {

class SarifSink : public event::Sink {
 public:
  explicit SarifSink(const SinkOptions& options)
      : writer_(options.writer), version_(options.version), now_(options.now) {
    writer_.buffer() +=
        "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\","
        "\"runs\":[{\"columnKind\":\"utf16CodeUnits\",\"results\":[";
  }

  Result<void> write(const event::Alert& alert) override {
    const auto [entry, added] = index_.try_emplace(alert.rule, rules_.size());
    if (added) rules_.push_back(alert.rule);
    std::string& out = writer_.buffer();
    out += first_ ? "\n" : ",\n";
    first_ = false;
    JsonWriter json(out);
    json.begin_object().key("ruleId").string(alert.rule->id);
    json.key("ruleIndex").number(static_cast<std::uint64_t>(entry->second));
    json.key("level").string(kSarifLevels[static_cast<std::size_t>(alert.rule->level)].level);
    json.key("message").begin_object().key("text").string(message_of(alert)).end_object();
    write_location(alert, json);
    if (alert.event_count > 1) json.key("occurrenceCount").number(alert.event_count);
    json.key("properties");
    append_alert(alert, EventFields::kLeaveOut, json);
    json.end_object();
    return writer_.settle();
  }

  Result<void> finish(const event::Summary& summary) override {
    writer_.buffer() += "\n],\"tool\":{\"driver\":";
    JsonWriter json(writer_.buffer());
    json.begin_object().key("name").string("Vedette");
    if (!version_.empty()) json.key("version").string(version_);
    json.key("rules").begin_array();
    for (const event::RuleInfo* rule : rules_) write_rule(*rule, json);
    json.end_array().end_object();
    writer_.buffer() += "},\"invocations\":[";
    write_invocation(summary);
    writer_.buffer() += "]}]}\n";
    return writer_.finish();
  }

 private:
  static std::string message_of(const event::Alert& alert) {
    std::string text = alert.rule->title;
    const auto add = [&](std::string_view before, std::string_view value) {
      if (!value.empty()) (text += before) += value;
    };
    add(" in container ", alert.role(event::Role::kContainer));
    add(" on ", alert.role(event::Role::kHost));
    add(" by ", alert.role(event::Role::kUser));
    const std::string_view command = alert.role(event::Role::kCommandLine);
    add(": ", command.empty() ? alert.role(event::Role::kTarget) : command);
    return sarif_message(text);
  }

  static void write_location(const event::Alert& alert, JsonWriter& json) {
    json.key("locations").begin_array().begin_object();
    json.key("physicalLocation").begin_object();
    json.key("artifactLocation")
        .begin_object()
        .key("uri")
        .string(sarif_uri(alert.input))
        .end_object();
    json.key("region").begin_object().key("byteOffset").number(alert.offset).end_object();
    json.end_object().end_object().end_array();
  }

  static void write_rule(const event::RuleInfo& rule, JsonWriter& json) {
    const SarifLevel& row = kSarifLevels[static_cast<std::size_t>(rule.level)];
    json.begin_object().key("id").string(rule.id);
    json.key("shortDescription").begin_object();
    json.key("text").string(sarif_message(rule.title)).end_object();
    if (!rule.description.empty()) {
      json.key("fullDescription").begin_object();
      json.key("text").string(sarif_message(rule.description)).end_object();
    }
    const auto reference =
        std::find_if(rule.references.begin(), rule.references.end(), is_web_address);
    if (reference != rule.references.end()) json.key("helpUri").string(*reference);
    json.key("defaultConfiguration").begin_object().key("level").string(row.level).end_object();
    json.key("properties").begin_object().key("security-severity").string(row.severity);
    // SARIF property bags want unique tags (section 3.8.2).
    std::vector<std::string_view> seen;
    json.key("tags").begin_array();
    for (const std::string& tag : rule.tags) {
      if (std::find(seen.begin(), seen.end(), tag) != seen.end()) continue;
      seen.push_back(tag);
      json.string(tag);
    }
    json.end_array().end_object().end_object();
  }

  void write_invocation(const event::Summary& summary) {
    JsonWriter json(writer_.buffer());
    json.begin_object().key("executionSuccessful").boolean(!summary.interrupted);
    if (now_ != 0) json.key("startTimeUtc").string(format_time(now_));
    json.key("toolExecutionNotifications").begin_array();
    for (const event::InputReport& input : summary.inputs) {
      for (const Diagnostic& problem : input.problems) {
        json.begin_object().key("level").string(problem.kind == DiagnosticKind::kError ? "error"
                                                                                       : "warning");
        json.key("message").begin_object();
        json.key("text").string(sarif_message(to_string(problem.place) + ": " + problem.message));
        json.end_object().end_object();
      }
    }
    json.end_array().key("properties");
    append_summary(summary, json);
    json.end_object();
  }

  Writer& writer_;  // the caller's, see SinkOptions
  std::string version_;
  TimeNs now_;
  bool first_ = true;
  std::unordered_map<const event::RuleInfo*, std::size_t> index_;
  std::vector<const event::RuleInfo*> rules_;
};

}  // namespace

Result<std::unique_ptr<event::Sink>> make_sarif_sink(const SinkOptions& options) {
  return std::make_unique<SarifSink>(options);
}

}  // namespace vedette::output
