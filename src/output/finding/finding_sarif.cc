// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_map>
#include <vector>

#include "base/json_writer.h"
#include "output/finding/finding_formats.h"
#include "output/sarif_text.h"

namespace vedette::output {
namespace {

// What GitHub takes of one run; what is above is counted in a notification.
constexpr std::size_t kResultsMax = 25'000;
constexpr std::size_t kTagsMax = 20;

void append_text(std::string_view key, std::string_view text, JsonWriter& json) {
  json.key(key).begin_object().key("text").string(sarif_message(text)).end_object();
}

void append_location(const event::FindingPlace& place, JsonWriter& json) {
  json.key("locations").begin_array().begin_object().key("physicalLocation").begin_object();
  json.key("artifactLocation").begin_object().key("uri").string(sarif_uri(place.path));
  json.end_object();
  if (place.line != 0) {
    json.key("region").begin_object().key("startLine").number(place.line);
    json.key("startColumn").number(place.column).key("endLine").number(place.end_line);
    json.key("endColumn").number(place.end_column).end_object();
  }
  json.end_object().end_object().end_array();
}

void append_rule(const event::FindingRule& rule, JsonWriter& json) {
  const SarifLevel& row = kSarifLevels[static_cast<std::size_t>(rule.severity)];
  json.begin_object().key("id").string(rule.id);
  append_text("shortDescription", rule.title.empty() ? rule.id : rule.title, json);
  if (!rule.description.empty()) append_text("fullDescription", rule.description, json);
  if (!rule.remediation.empty()) {
    json.key("help").begin_object().key("text").string(sarif_message(rule.remediation));
    json.key("markdown").string(rule.remediation).end_object();
  }
  const auto reference = std::ranges::find_if(rule.references, is_web_address);
  if (reference != rule.references.end()) json.key("helpUri").string(*reference);
  json.key("defaultConfiguration").begin_object().key("level").string(row.level).end_object();
  json.key("properties").begin_object().key("security-severity").string(row.severity);
  json.key("precision").string("high").key("tags").begin_array().string("security");
  std::vector<std::string_view> seen = {"security"};
  for (const std::string& tag : rule.tags) {
    if (seen.size() == kTagsMax || std::ranges::find(seen, tag) != seen.end()) continue;
    seen.push_back(tag);
    json.string(tag);
  }
  json.end_array().end_object().end_object();
}

class SarifSink : public event::FindingSink {
 public:
  explicit SarifSink(const FindingSinkOptions& options)
      : writer_(options.writer), version_(options.version) {
    writer_.buffer() +=
        "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\","
        "\"runs\":[{\"results\":[";
  }

  Result<void> write(const event::Finding& finding) override {
    if (written_ == kResultsMax) {
      ++left_out_;
      return {};
    }
    const auto [entry, added] = index_.try_emplace(finding.rule, rules_.size());
    if (added) rules_.push_back(finding.rule);
    writer_.buffer() += written_++ == 0 ? "\n" : ",\n";
    JsonWriter json(writer_.buffer());
    json.begin_object().key("ruleId").string(finding.rule->id);
    json.key("ruleIndex").number(static_cast<std::uint64_t>(entry->second));
    json.key("level").string(kSarifLevels[static_cast<std::size_t>(finding.severity)].level);
    append_text("message", finding.message, json);
    append_location(finding.place, json);
    json.key("partialFingerprints").begin_object();
    json.key("primaryLocationLineHash").string(finding.identity.substr(0, 16) + ":1");
    json.key("vedetteIdentity/v1").string(finding.identity).end_object();
    json.key("properties").begin_object();
    json.key("confidence").string(event::to_string(finding.confidence)).end_object();
    json.end_object();
    return writer_.settle();
  }

  Result<void> finish(const event::ScanSummary& summary) override {
    writer_.buffer() += "\n],\"tool\":{\"driver\":";
    JsonWriter driver(writer_.buffer());
    driver.begin_object().key("name").string("Vedette");
    if (!version_.empty()) driver.key("version").string(version_);
    driver.key("rules").begin_array();
    for (const event::FindingRule* rule : rules_) append_rule(*rule, driver);
    driver.end_array().end_object();
    writer_.buffer() += "},\"invocations\":[";
    JsonWriter json(writer_.buffer());
    json.begin_object().key("executionSuccessful").boolean(!summary.interrupted);
    json.key("toolExecutionNotifications").begin_array();
    const auto notify = [&json](std::string_view text) {
      json.begin_object().key("level").string("warning");
      append_text("message", text, json);
      json.end_object();
    };
    if (left_out_ != 0)
      notify(std::to_string(left_out_) + " further findings were left out: a service takes 25000");
    for (const event::Skipped& skipped : summary.skipped) {
      if (skipped.loss) notify(std::to_string(skipped.count) + " skipped: " + skipped.reason);
    }
    for (const Diagnostic& problem : summary.problems)
      notify(to_string(problem.place) + ": " + problem.message);
    json.end_array().end_object();
    writer_.buffer() += "]}]}\n";
    return writer_.finish();
  }

 private:
  Writer& writer_;  // the caller's, see FindingSinkOptions
  std::string version_;
  std::unordered_map<const event::FindingRule*, std::size_t> index_;
  std::vector<const event::FindingRule*> rules_;
  std::size_t written_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace

std::unique_ptr<event::FindingSink> make_finding_sarif(const FindingSinkOptions& options) {
  return std::make_unique<SarifSink>(options);
}

}  // namespace vedette::output
