// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>

#include "base/file.h"
#include "conformance/suite.h"
#include "detect/correlator.h"
#include "detect/naive_evaluator.h"
#include "formats/yaml/yaml.h"
#include "rules/sigma/sigma.h"

// Runs the case files of a folder: rules, correlations and filters as Sigma text, events with
// times, and what must come of them. See README.md for their form. UPDATE=1 rewrites the
// expectations.
namespace {

namespace event = vedette::event;
namespace rules = vedette::rules;
using vedette::Diagnostic;
using vedette::TimeNs;
using vedette::conformance::Counts;
using vedette::detect::Correlator;
using vedette::detect::CorrelatorCounts;
using vedette::detect::CorrelatorOptions;
using vedette::detect::EventFields;
using vedette::detect::FieldValue;

using vedette::formats::yaml::Document;
using vedette::formats::yaml::Member;
using vedette::formats::yaml::Node;
using vedette::formats::yaml::NodeKind;

constexpr std::string_view kExpect = "\nexpect:\n";

TimeNs time_of(std::string_view text) {
  return static_cast<TimeNs>(std::llround(std::strtod(std::string(text).c_str(), nullptr) * 1e9));
}

std::string seconds(TimeNs time) { return fmt::format("{}", static_cast<double>(time) / 1e9); }

// Rules that match events whose field `event` has their name: the uninteresting part of a case.
std::string base_rules(const Node* names) {
  std::string text;
  if (names == nullptr) return text;
  for (const Node* name : names->elements) {
    text += fmt::format(
        "title: {0}\nname: {0}\nlogsource:\n  category: test\ndetection:\n  selection:\n    event: "
        "{0}\n  condition: selection\n---\n",
        name->text);
  }
  return text;
}

class Case {
 public:
  explicit Case(const Node& root) : root_(root) {}

  // The text that has to stand below `expect:`.
  std::string run() {
    const Node* text = root_.find("rules");
    const auto loaded = rules::sigma::load_text(
        base_rules(root_.find("base")) + (text == nullptr ? "" : std::string(text->text)),
        "case.yml", {});
    if (!loaded) return "not loaded: " + loaded.error().message;
    rules_ = *loaded;
    add_events();
    add_rules();
    return out_;
  }

 private:
  CorrelatorOptions options() const {
    CorrelatorOptions options;
    if (const Node* lateness = root_.find("lateness")) options.lateness = time_of(lateness->text);
    if (const Node* most = root_.find("state_max")) {
      options.state_max = std::strtoull(std::string(most->text).c_str(), nullptr, 10);
    }
    return options;
  }

  void add_events() {
    Correlator correlator(rules_, options());
    const auto emit = [&](const event::Alert& alert) { add_alert(alert); };
    const Node* events = root_.find("events");
    std::uint64_t record = 0;
    if (events != nullptr) {
      for (const Node* event : events->elements) feed(correlator, *event, ++record, emit);
    }
    correlator.finish(emit);
    const CorrelatorCounts& counts = correlator.counts();
    const std::pair<std::string_view, std::uint64_t> lines[] = {{"late", counts.late},
                                                                {"untimed", counts.untimed},
                                                                {"evictions", counts.evictions},
                                                                {"incomplete", counts.incomplete},
                                                                {"restarts", counts.restarts}};
    for (const auto& [name, count] : lines) {
      if (count > 0) out_ += fmt::format("  {}: {}\n", name, count);
    }
  }

  void feed(Correlator& correlator, const Node& event, std::uint64_t record,
            const Correlator::Emit& emit) {
    EventFields fields(log_sources_);
    for (const Member& member : event.members) {
      if (member.value->kind == NodeKind::kScalar) {
        fields.add(member.key->text, event::Kind::kString, member.value->text);
      }
      for (const Node* element : member.value->elements) {
        fields.add(member.key->text, event::Kind::kString, element->text);
      }
    }
    const Node* time = event.find("time");
    const Node* input = event.find("input");
    const Node* host = event.find("host");
    for (std::size_t rule = 0; rule < rules_.rules.size(); ++rule) {
      if (!correlator.uses(rule) ||
          !vedette::detect::evaluate(rules_.rules[rule].condition, fields))
        continue;
      std::vector<std::string_view> values;
      for (const std::string& field : correlator.fields_of(rule)) {
        const std::vector<const FieldValue*> found = fields.values(field);
        values.push_back(found.empty() ? std::string_view() : std::string_view(found[0]->text));
      }
      correlator.add({rule, time != nullptr, time == nullptr ? 0 : time_of(time->text),
                      input == nullptr ? "log" : input->text, record, 0,
                      host == nullptr ? std::string_view() : host->text, values},
                     emit);
    }
  }

  void add_alert(const event::Alert& alert) {
    out_ += fmt::format("  - {} at {}:", alert.rule->title, seconds(alert.time));
    for (const event::AlertField& field : alert.group) {
      out_ += fmt::format(" {}={},", field.name, field.value);
    }
    out_ += fmt::format(" value {}, events {} since {}, record {}, of", alert.value,
                        alert.event_count, seconds(alert.first_time), alert.record);
    for (const std::string_view rule : alert.rules) out_ += fmt::format(" {}", rule);
    if (!alert.role(event::Role::kHost).empty()) {
      out_ += fmt::format(", host {}", alert.role(event::Role::kHost));
    }
    out_ += "\n";
  }

  void add_rules() {
    const auto add = [&](const event::RuleInfo& info, bool silent) {
      if (silent) out_ += fmt::format("  silent: {}\n", info.title);
    };
    for (const rules::Rule& rule : rules_.rules) add(rule.info, rule.silent);
    for (const rules::Correlation& rule : rules_.correlations) add(rule.info, rule.silent);
    // Lines count from the first of `rules`, behind those of `base`.
    const std::string base = base_rules(root_.find("base"));
    const auto offset = static_cast<std::uint32_t>(std::count(base.begin(), base.end(), '\n'));
    for (const rules::Refusal& refusal : rules_.refused) {
      out_ += fmt::format("  refused: {}:{} {}: {}\n", refusal.line - offset, refusal.column,
                          refusal.rule, refusal.reason);
    }
    for (const Diagnostic& warning : rules_.warnings) {
      // Of documents in general, not of correlations: most cases have no id.
      if (warning.place.line <= offset || warning.message == "the id is missing") continue;
      out_ += fmt::format("  warning: {}:{} {}\n", warning.place.line - offset,
                          warning.place.column, warning.message);
    }
  }

  const Node& root_;
  rules::RuleSet rules_;
  rules::LogSources log_sources_;
  std::string out_;
};

// Cases of one file stand between lines of `---`; each ends with what is expected of it.
std::vector<std::string_view> split_cases(std::string_view text) {
  constexpr std::string_view kLine = "\n---\n";
  std::vector<std::string_view> cases;
  for (std::size_t end = text.find(kLine); end != std::string_view::npos; end = text.find(kLine)) {
    cases.push_back(text.substr(0, end + 1));
    text.remove_prefix(end + kLine.size());
  }
  cases.push_back(text);
  return cases;
}

// The case with the outcome as it is now; an error when it cannot be read.
vedette::Result<std::string> run_case(std::string_view text) {
  const std::size_t expect = text.find(kExpect);
  if (expect == std::string_view::npos) {
    return vedette::failure(vedette::ErrorCode::kInvalid, "the case has no `expect:`");
  }
  TRY(const Document document, Document::parse(text.substr(0, expect + 1), {}));
  if (!document.errors().empty() || document.roots().size() != 1) {
    return vedette::failure(vedette::ErrorCode::kInvalid, "the case is not one YAML document");
  }
  return std::string(text.substr(0, expect + kExpect.size())) + Case(*document.roots()[0]).run();
}

void run_file(const std::string& file, bool update, Counts& counts) {
  const auto text = vedette::read_file(file, std::size_t{1} << 24);
  if (!text.has_value()) {
    std::printf("failed: %s\n", text.error().message.c_str());
    ++counts.failed;
    return;
  }
  std::string updated;
  for (const std::string_view one : split_cases(*text)) {
    const std::string name(one.substr(0, one.find('\n')));
    const auto found = run_case(one);
    const bool passed = found.has_value() && *found == one;
    ++(passed ? counts.passed : counts.failed);
    if (!updated.empty()) updated += "---\n";
    updated += found.value_or(std::string(one));
    if (passed || update) continue;
    const std::string shown =
        found.has_value() ? found->substr(found->find(kExpect)) : found.error().message;
    std::printf("failed: %s: %s\nfound:%s\n", file.c_str(), name.c_str(), shown.c_str());
  }
  if (update) std::ofstream(file, std::ios::binary) << updated;
}

}  // namespace

int main(int argc, char** argv) {
  const bool update = std::getenv("UPDATE") != nullptr;
  return vedette::conformance::run_suite(
      "correlation", argc, argv,
      [update](const std::string& file, Counts& counts) { run_file(file, update, counts); });
}
