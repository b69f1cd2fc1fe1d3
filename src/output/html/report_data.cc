// SPDX-License-Identifier: Apache-2.0
#include "output/html/report_data.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/json_writer.h"
#include "output/alert/alert_json.h"
#include "output/quantity.h"
#include "output/terminal.h"

namespace vedette::output {
namespace {

constexpr TimeNs kNsPerMicrosecond = 1000;

// In a <script> element only "<" matters: without it neither "</script" nor "<!--" can be read
// (HTML, "Restrictions for contents of script elements"). In JSON it occurs in strings alone.
void append_script_safe(std::string_view json, std::string& out) {
  for (const char c : json) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
}

std::string_view cut(std::string_view text, std::size_t bytes_max) {
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

void append_texts(std::string_view key, const std::vector<std::string>& texts, JsonWriter& json) {
  json.key(key).begin_array();
  for (const std::string& text : texts) json.string(text);
  json.end_array();
}

void append_rule(const event::RuleInfo& rule, const Techniques& techniques, JsonWriter& json) {
  json.begin_object().key("id").string(rule.id).key("title").string(rule.title);
  json.key("level").number(static_cast<unsigned>(rule.level));
  json.key("description").string(rule.description).key("status").string(rule.status);
  json.key("author").string(rule.author).key("date").string(rule.date);
  append_texts("tags", rule.tags, json);
  append_texts("references", rule.references, json);
  append_texts("false_positives", rule.false_positives, json);
  json.key("logsource").string(rule.logsource).key("file").string(rule.file);
  json.key("line").number(rule.line).key("correlation").boolean(rule.correlation);
  json.key("places").begin_array();
  for (const Placement& placement : place(parse_attack_tags(rule.tags), techniques)) {
    const auto column = placement.tactic == nullptr ? -1 : placement.tactic - tactics().data();
    json.begin_array().number(static_cast<std::int64_t>(column)).string(placement.technique);
    json.end_array();
  }
  json.end_array().end_object();
}

// Columns that are shown only when something stands in them: those that ATT&CK does not have now.
bool is_optional(const Tactic& tactic) {
  return tactic.id.starts_with("AML.") || tactic.slug == "defense-evasion";
}

void append_names(const std::vector<const event::RuleInfo*>& rules, const Techniques& techniques,
                  JsonWriter& json) {
  json.key("techniques").begin_object();
  std::vector<std::string> seen;
  for (const event::RuleInfo* rule : rules) {
    for (std::string& id : parse_attack_tags(rule->tags).techniques) seen.push_back(std::move(id));
  }
  std::sort(seen.begin(), seen.end());
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  for (const std::string& id : seen) {
    const Technique* known = techniques.find(id);
    if (known != nullptr) json.key(id).string(known->name);
  }
  json.end_object();
}

}  // namespace

std::uint64_t ReportData::rule_index(const event::RuleInfo* rule) {
  const auto [entry, added] = rule_indices_.try_emplace(rule, rules_.size());
  if (added) rules_.push_back(rule);
  return entry->second;
}

std::uint64_t ReportData::input_index(std::string_view input) {
  const auto [entry, added] = input_indices_.try_emplace(std::string(input), inputs_.size());
  if (added) inputs_.emplace_back(input);
  return entry->second;
}

void ReportData::append_text(std::string_view text, std::string& out) {
  if (text.size() <= limits_.value_bytes_max) {
    append_json_string(text, out);
    return;
  }
  ++left_out_.values;
  append_json_string(cut(text, limits_.value_bytes_max), out);
  out.pop_back();  // the closing quote
  out += fmt::format(" \xE2\x80\xA6 ({} bytes in all)\"", count_text(text.size()));
}

void ReportData::append_fields(std::span<const event::AlertField> fields, std::string& out) {
  out += '[';
  for (const event::AlertField& field : fields) {
    if (&field != fields.data()) out += ',';
    append_text(field.name, out += '[');
    append_text(field.value, out += ',');
    out += ']';
  }
  out += ']';
}

void ReportData::append_event(const event::Alert& alert, std::string& out) {
  if (alert.event.empty() || !has_room_for_events()) {
    if (!alert.event.empty()) ++left_out_.events;
    out += ",0";
    return;
  }
  const std::size_t before = out.size();
  append_fields(alert.event, out += ',');
  ++events_;
  event_bytes_ += out.size() - before;
}

void ReportData::append_folded(const event::Alert& alert, std::string& out) {
  if (!is_folded(alert)) {
    out += ",0";
    return;
  }
  fmt::format_to(std::back_inserter(out), ",{{\"count\":{},\"first\":", alert.event_count);
  out += alert.has_time ? std::to_string(alert.first_time / kNsPerMicrosecond) : "null";
  append_fields(alert.group, out += ",\"group\":");
  out += ",\"value\":";
  JsonWriter(out).number(alert.value);
  out += ",\"rules\":[";
  for (const std::string_view& title : alert.rules) {
    if (&title != alert.rules.data()) out += ',';
    append_text(title, out);
  }
  out += "]}";
}

std::string_view ReportData::row(const event::Alert& alert) {
  if (alerts_ >= limits_.alerts_max || alert_bytes_ >= limits_.alert_bytes_max) {
    ++left_out_.alerts;
    return {};
  }
  row_.clear();
  fmt::format_to(std::back_inserter(row_), "[{},", rule_index(alert.rule));
  row_ += alert.has_time ? std::to_string(alert.time / kNsPerMicrosecond) : "null";
  fmt::format_to(std::back_inserter(row_), ",{},{},[", input_index(alert.input), alert.record);
  std::size_t known = alert.roles.size();
  while (known > 0 && alert.roles[known - 1].empty()) --known;
  for (std::size_t i = 0; i < known; ++i) {
    if (i != 0) row_ += ',';
    append_text(alert.roles[i], row_);
  }
  row_ += "],[";
  for (const event::MatchedField& leaf : alert.matched) {
    if (&leaf != alert.matched.data()) row_ += ',';
    append_text(leaf.selection, row_ += '[');
    append_text(leaf.field, row_ += ',');
    append_text(leaf.value, row_ += ',');
    append_text(leaf.test, row_ += ',');
    row_ += ']';
  }
  row_ += ']';
  append_event(alert, row_);
  append_folded(alert, row_);
  row_ += ']';
  safe_.clear();
  append_script_safe(row_, safe_);
  ++alerts_;
  alert_bytes_ += safe_.size();
  return safe_;
}

std::string ReportData::meta(const Techniques& techniques) const {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("levels").begin_array();
  for (const std::string_view name : event::kLevelNames) json.string(name);
  json.end_array().key("roles").begin_array();
  for (const std::string_view name : event::kRoleNames) json.string(name);
  json.end_array().key("tactics").begin_array();
  for (const Tactic& tactic : tactics()) {
    json.begin_object().key("name").string(tactic.name);
    json.key("optional").boolean(is_optional(tactic)).end_object();
  }
  json.end_array();
  append_names(rules_, techniques, json);
  append_texts("inputs", inputs_, json);
  json.key("rules").begin_array();
  for (const event::RuleInfo* rule : rules_) append_rule(*rule, techniques, json);
  json.end_array().end_object();
  std::string safe;
  append_script_safe(text, safe);
  return safe;
}

}  // namespace vedette::output
