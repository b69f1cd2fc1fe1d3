// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "base/json_writer.h"
#include "output/finding/finding_formats.h"
#include "output/finding/finding_text.h"
#include "output/sarif_text.h"

namespace vedette::output {
namespace {

constexpr std::string_view kSchemaVersion = "15.2.1";
constexpr std::string_view kSchemas =
    "https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/v15.2.1/dist/";
// The schema's own bounds, in characters; bytes are never fewer.
constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kSolutionBytesMax = 7000;
constexpr std::size_t kDescriptionBytesMax = 1 << 20;
// What stands for a commit where files are looked at that have none.
constexpr std::string_view kNoCommit = "0000000";

constexpr std::array<std::string_view, event::kLevelNames.size()> kSeverities = {
    "Info", "Low", "Medium", "High", "Critical"};

// "2020-01-28T03:26:02", in UTC.
std::string second_text(TimeNs time) {
  std::string text = format_time(time / kNsPerSecond * kNsPerSecond);
  if (text.ends_with('Z')) text.pop_back();
  return text;
}

std::string_view cut(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0) == 0x80) --bytes_max;
  return text.substr(0, bytes_max);
}

void append_program(std::string_view key, std::string_view version, JsonWriter& json) {
  json.key(key).begin_object().key("id").string("vedette").key("name").string("Vedette");
  json.key("version").string(version.empty() ? "0" : version);
  json.key("vendor").begin_object().key("name").string("Vedette").end_object().end_object();
}

void append_message(std::string_view level, const std::string& text, JsonWriter& json) {
  json.begin_object().key("level").string(level).key("value").string(text).end_object();
}

void append_location(const event::FindingPlace& place, JsonWriter& json) {
  json.key("location").begin_object().key("file").string(place.path);
  if (place.line != 0) {
    json.key("start_line").number(place.line);
    json.key("end_line").number(std::max(place.line, place.end_line));
  }
  json.key("commit").begin_object();
  if (place.commit) {
    const event::FindingCommit& commit = *place.commit;
    json.key("author").string(commit.author).key("date").string(format_time(commit.time));
    json.key("message").string(commit.subject);
  }
  const bool known = place.commit && !place.commit->id.empty();
  json.key("sha").string(known ? std::string_view(place.commit->id) : kNoCommit);
  json.end_object().end_object();
}

void append_identifiers(const event::Finding& finding, JsonWriter& json) {
  const auto one = [&json](std::string_view type, std::string_view name, std::string_view value) {
    json.begin_object().key("type").string(type).key("name").string(name);
    json.key("value").string(value).end_object();
  };
  const std::string& id = finding.rule->id;
  json.key("identifiers").begin_array();
  if (finding.vulnerability) {
    // The first is the one that GitLab tells findings by.
    const auto named = [&one](const std::string& name) {
      one(name.starts_with("CVE-")    ? "cve"
          : name.starts_with("GHSA-") ? "ghsa"
                                      : "osv",
          name, name);
    };
    named(id);
    for (const std::string& name : finding.vulnerability->names) {
      if (name != id) named(name);
    }
  } else {
    one("vedette_rule_id", "Vedette rule " + id, id);
  }
  json.end_array();
}

void append_dependency(const event::Finding& finding, JsonWriter& json) {
  const event::FindingVulnerability one =
      finding.vulnerability.value_or(event::FindingVulnerability());
  json.key("location").begin_object().key("file").string(finding.place.path);
  json.key("dependency").begin_object().key("package").begin_object();
  json.key("name").string(one.package).end_object();
  json.key("version").string(one.version).end_object().end_object();
}

class GitlabSink : public event::FindingSink {
 public:
  explicit GitlabSink(const FindingSinkOptions& options)
      : writer_(options.writer),
        version_(options.version),
        now_(options.now),
        kind_(options.kind == event::FindingClass::kVulnerability ? "dependency_scanning"
                                                                  : "secret_detection") {
    std::string file(kind_);
    std::ranges::replace(file, '_', '-');
    JsonWriter json(writer_.buffer());
    json.begin_object().key("version").string(kSchemaVersion);
    json.key("schema").string(std::string(kSchemas) + file + "-report-format.json");
    // Demanded of this report; the dependencies are in its other places.
    if (is_dependencies()) json.key("dependency_files").begin_array().end_array();
    json.key("vulnerabilities").begin_array();
  }

  Result<void> write(const event::Finding& finding) override {
    writer_.buffer() += first_ ? "\n" : ",\n";
    first_ = false;
    const event::FindingRule& rule = *finding.rule;
    JsonWriter json(writer_.buffer());
    json.begin_object().key("id").string(finding_uuid(finding));
    json.key("category").string(kind_);
    json.key("name").string(cut(title_of(rule), kNameBytesMax));
    const std::string description =
        rule.description.empty() ? finding.message : rule.description + "\n\n" + finding.message;
    json.key("description").string(cut(description, kDescriptionBytesMax));
    json.key("severity").string(kSeverities[static_cast<std::size_t>(finding.severity)]);
    if (const std::string& what = remediation_of(finding); !what.empty())
      json.key("solution").string(cut(what, kSolutionBytesMax));
    append_identifiers(finding, json);
    append_links(rule, json);
    if (is_dependencies()) {
      append_dependency(finding, json);
    } else {
      append_location(finding.place, json);
      // Named for what stands in the source; what we hand on is masked.
      const std::string& line = finding.excerpt.line;
      json.key("raw_source_code_extract").string(line.empty() ? finding.redacted : line);
    }
    if (event::is_suppressed(finding)) {
      json.key("flags").begin_array().begin_object();
      json.key("type").string("flagged-as-likely-false-positive").key("origin").string("VEX");
      json.key("description").string(statement_text(finding)).end_object().end_array();
    }
    append_details(finding, json);
    json.end_object();
    return writer_.settle();
  }

  Result<void> finish(const event::ScanSummary& summary) override {
    writer_.buffer() += "\n],\"scan\":";
    JsonWriter json(writer_.buffer());
    json.begin_object();
    append_program("analyzer", version_, json);
    append_program("scanner", version_, json);
    json.key("type").string(kind_);
    const auto taken = static_cast<TimeNs>(summary.seconds * static_cast<double>(kNsPerSecond));
    json.key("start_time").string(second_text(now_));
    json.key("end_time").string(second_text(now_ + taken));
    json.key("status").string(summary.interrupted ? "failure" : "success");
    json.key("messages").begin_array();
    for (const event::Skipped& skipped : summary.skipped) {
      append_message(skipped.loss ? "warn" : "info",
                     std::to_string(skipped.count) + " skipped: " + skipped.reason, json);
    }
    for (const Diagnostic& problem : summary.problems)
      append_message("warn", to_string(problem.place) + ": " + problem.message, json);
    json.end_array().end_object();
    writer_.buffer() += "}\n";
    return writer_.finish();
  }

 private:
  bool is_dependencies() const { return kind_ == "dependency_scanning"; }

  static void append_links(const event::FindingRule& rule, JsonWriter& json) {
    json.key("links").begin_array();
    for (const std::string& reference : rule.references) {
      if (is_web_address(reference)) json.begin_object().key("url").string(reference).end_object();
    }
    json.end_array();
  }

  static void append_details(const event::Finding& finding, JsonWriter& json) {
    const auto text = [&json](std::string_view key, std::string_view name, std::string_view value) {
      json.key(key).begin_object().key("type").string("text").key("name").string(name);
      json.key("value").string(value).end_object();
    };
    json.key("details").begin_object();
    text("identity", "Identity", finding.identity);
    text("confidence", "Confidence", event::to_string(finding.confidence));
    if (!finding.also_at.empty()) {
      json.key("also_at").begin_object().key("type").string("list").key("name").string("Also at");
      json.key("items").begin_array();
      for (const event::FindingPlace& place : finding.also_at) {
        json.begin_object().key("type").string("text");
        json.key("value").string(place_text(place)).end_object();
      }
      json.end_array().end_object();
    }
    json.end_object();
  }

  Writer& writer_;  // the caller's, see FindingSinkOptions
  std::string version_;
  TimeNs now_;
  std::string_view kind_;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<event::FindingSink> make_finding_gitlab(const FindingSinkOptions& options) {
  return std::make_unique<GitlabSink>(options);
}

}  // namespace vedette::output
