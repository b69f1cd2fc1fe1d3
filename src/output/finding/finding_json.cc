// SPDX-License-Identifier: Apache-2.0
#include "output/finding/finding_json.h"

#include <array>

#include "output/finding/finding_formats.h"
#include "output/finding/finding_text.h"

namespace vedette::output {
namespace {

constexpr std::array<std::string_view, 3> kClassNames = {"detection", "vulnerability",
                                                         "compliance"};

void append_place(const event::FindingPlace& place, JsonWriter& json) {
  json.begin_object().key("path").string(place.path);
  if (place.line != 0) {
    json.key("line").number(place.line).key("column").number(place.column);
    json.key("end_line").number(place.end_line).key("end_column").number(place.end_column);
    json.key("offset").number(place.offset).key("size").number(place.size);
  }
  if (!place.object.empty()) json.key("object").string(place.object);
  if (place.commit) {
    const event::FindingCommit& commit = *place.commit;
    json.key("commit").begin_object().key("id").string(commit.id);
    json.key("author").string(commit.author).key("email").string(commit.email);
    json.key("time").string(format_time(commit.time)).key("subject").string(commit.subject);
    json.end_object();
  }
  if (place.layer) {
    json.key("layer").begin_object().key("digest").string(place.layer->digest);
    json.key("instruction").string(place.layer->instruction);
    json.key("hidden").boolean(place.layer->hidden);
    json.key("base").boolean(place.layer->base).end_object();
  }
  json.end_object();
}

void append_texts(std::string_view key, const std::vector<std::string>& texts, JsonWriter& json) {
  json.key(key).begin_array();
  for (const std::string& text : texts) json.string(text);
  json.end_array();
}

void append_statement(const event::FindingStatement& statement, JsonWriter& json) {
  const auto text = [&json](std::string_view key, const std::string& value) {
    if (!value.empty()) json.key(key).string(value);
  };
  json.key("vex").begin_object().key("status").string(event::to_string(statement.status));
  text("justification", statement.justification);
  text("impact", statement.impact);
  text("action", statement.action);
  text("author", statement.author);
  text("document", statement.document);
  text("file", statement.file);
  if (statement.time != 0) json.key("time").string(format_time(statement.time));
  json.end_object();
}

void append_vulnerability(const event::FindingVulnerability& one, JsonWriter& json) {
  const auto text = [&json](std::string_view key, const std::string& value) {
    if (!value.empty()) json.key(key).string(value);
  };
  json.key("vulnerability").begin_object().key("ecosystem").string(one.ecosystem);
  json.key("package").string(one.package).key("version").string(one.version);
  text("purl", one.purl);
  text("through", one.through);
  if (!one.dependents.empty()) {
    json.key("dependents").begin_array();
    for (const event::FindingDependent& dependent : one.dependents) {
      json.begin_object().key("depth").number(dependent.depth).key("name").string(dependent.name);
      if (dependent.is_cut) json.key("cut").boolean(true);
      json.end_object();
    }
    json.end_array();
  }
  append_texts("names", one.names, json);
  append_texts("advisories", one.advisories, json);
  if (one.score >= 0) json.key("score").number(one.score).key("vector").string(one.vector);
  json.key("exploited").boolean(one.exploited).key("ransomware").boolean(one.ransomware);
  text("exploited_since", one.exploited_since);
  if (one.probability >= 0)
    json.key("probability").number(one.probability).key("percentile").number(one.percentile);
  append_texts("exploits", one.exploits, json);
  text("fixed", one.fixed);
  text("upgrade", one.upgrade);
  if (!one.upgrade.empty())
    json.key("upgrade_fixes").number(static_cast<std::uint64_t>(one.upgrade_fixes));
  text("command", one.command);
  text("source", one.source);
  text("source_version", one.source_version);
  if (one.published != 0) json.key("published").string(format_time(one.published));
  if (one.direct) json.key("direct").boolean(*one.direct);
  if (one.development) json.key("development").boolean(true);
  if (one.used)
    json.key("used").boolean(*one.used).key("watched_seconds").number(one.watched_seconds);
  if (one.reachable) json.key("reachable").boolean(*one.reachable);
  if (one.statement) append_statement(*one.statement, json);
  json.end_object();
}

void append_diagnostic(const Diagnostic& problem, JsonWriter& json) {
  json.begin_object().key("place").string(to_string(problem.place));
  json.key("kind").string(problem.kind == DiagnosticKind::kError ? "error" : "warning");
  if (!problem.message.empty()) json.key("message").string(problem.message);
  if (!problem.hint.empty()) json.key("hint").string(problem.hint);
  json.end_object();
}

class NdjsonSink : public event::FindingSink {
 public:
  explicit NdjsonSink(const FindingSinkOptions& options) : writer_(options.writer) {}

  Result<void> write(const event::Finding& finding) override {
    JsonWriter json(writer_.buffer());
    append_finding(finding, json);
    writer_.buffer() += '\n';
    return writer_.settle();
  }
  Result<void> finish(const event::ScanSummary& /*summary*/) override { return writer_.finish(); }

 private:
  Writer& writer_;  // the caller's, see FindingSinkOptions
};

class JsonSink : public event::FindingSink {
 public:
  explicit JsonSink(const FindingSinkOptions& options) : writer_(options.writer) {
    writer_.buffer() += "{\"findings\":[";
  }

  Result<void> write(const event::Finding& finding) override {
    writer_.buffer() += first_ ? "\n" : ",\n";
    first_ = false;
    JsonWriter json(writer_.buffer());
    append_finding(finding, json);
    return writer_.settle();
  }
  Result<void> finish(const event::ScanSummary& summary) override {
    writer_.buffer() += "\n],\"summary\":";
    JsonWriter json(writer_.buffer());
    append_scan_summary(summary, json);
    writer_.buffer() += "}\n";
    return writer_.finish();
  }

 private:
  Writer& writer_;  // the caller's, see FindingSinkOptions
  bool first_ = true;
};

}  // namespace

void append_finding(const event::Finding& finding, JsonWriter& json) {
  json.begin_object().key("class").string(kClassNames[static_cast<std::size_t>(finding.kind)]);
  json.key("identity").string(finding.identity);
  json.key("rule").begin_object().key("id").string(finding.rule->id);
  json.key("title").string(finding.rule->title).key("pack").string(finding.rule->pack);
  json.key("tags").begin_array();
  for (const std::string& tag : finding.rule->tags) json.string(tag);
  json.end_array().end_object();
  json.key("severity").string(event::to_string(finding.severity));
  json.key("confidence").string(event::to_string(finding.confidence));
  json.key("probability").number(finding.probability);
  if (event::is_suppressed(finding)) json.key("suppressed").boolean(true);
  json.key("message").string(finding.message);
  json.key("place");
  append_place(finding.place, json);
  if (!finding.redacted.empty()) json.key("redacted").string(finding.redacted);
  if (!finding.excerpt.line.empty()) json.key("excerpt").string(finding.excerpt.line);
  if (!finding.rule->description.empty()) json.key("description").string(finding.rule->description);
  json.key("evidence").begin_array();
  for (const event::Evidence& evidence : finding.evidence) {
    json.begin_object().key("name").string(evidence.name).key("text").string(evidence.text);
    json.key("weight").number(evidence.weight).end_object();
  }
  json.end_array();
  if (!finding.also_at.empty()) {
    json.key("also_at").begin_array();
    for (const event::FindingPlace& place : finding.also_at) append_place(place, json);
    json.end_array();
  }
  if (finding.vulnerability) append_vulnerability(*finding.vulnerability, json);
  if (const std::string& what = remediation_of(finding); !what.empty())
    json.key("remediation").string(what);
  json.key("references").begin_array();
  for (const std::string& reference : finding.rule->references) json.string(reference);
  json.end_array();
  json.end_object();
}

void append_scan_summary(const event::ScanSummary& summary, JsonWriter& json) {
  json.begin_object().key("scanner").string(summary.scanner);
  json.key("targets").number(summary.targets).key("files").number(summary.files);
  json.key("bytes").number(summary.bytes).key("findings").number(summary.findings);
  json.key("commits").number(summary.commits).key("cached").number(summary.cached);
  json.key("in_baseline").number(summary.in_baseline);
  if (summary.statements != 0) {
    json.key("suppressed").number(summary.suppressed);
    json.key("statements").number(summary.statements);
    json.key("statements_unused").number(summary.statements_unused);
  }
  json.key("allowed").number(summary.allowed);
  json.key("below_confidence").number(summary.below_confidence);
  json.key("rules_loaded").number(summary.rules_loaded);
  json.key("rules_refused").number(summary.rules_refused);
  json.key("seconds").number(summary.seconds).key("load_seconds").number(summary.load_seconds);
  json.key("interrupted").boolean(summary.interrupted);
  json.key("skipped").begin_array();
  for (const event::Skipped& skipped : summary.skipped) {
    json.begin_object().key("reason").string(skipped.reason).key("count").number(skipped.count);
    json.key("bytes").number(skipped.bytes).key("loss").boolean(skipped.loss);
    json.key("examples").begin_array();
    for (const Diagnostic& example : skipped.examples) append_diagnostic(example, json);
    json.end_array().end_object();
  }
  json.end_array().key("problems").begin_array();
  for (const Diagnostic& problem : summary.problems) append_diagnostic(problem, json);
  json.end_array().end_object();
}

std::unique_ptr<event::FindingSink> make_finding_ndjson(const FindingSinkOptions& options) {
  return std::make_unique<NdjsonSink>(options);
}

std::unique_ptr<event::FindingSink> make_finding_json(const FindingSinkOptions& options) {
  return std::make_unique<JsonSink>(options);
}

}  // namespace vedette::output
