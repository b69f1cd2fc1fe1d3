// SPDX-License-Identifier: Apache-2.0
#include "output/package/cyclonedx_vulnerabilities.h"

#include <array>
#include <string>
#include <string_view>

#include "output/finding/finding_text.h"
#include "output/finding/vex_words.h"
#include "output/sarif_text.h"

namespace vedette::output {
namespace {

constexpr std::array<std::string_view, event::kLevelNames.size()> kSeverities = {
    "info", "low", "medium", "high", "critical"};

struct SourceRow {
  std::string_view prefix;
  std::string_view name;
  std::string_view address;
};
constexpr std::array<SourceRow, 3> kSources = {
    {{"CVE-", "NVD", "https://nvd.nist.gov/vuln/detail/"},
     {"GHSA-", "GitHub", "https://github.com/advisories/"},
     {"", "OSV", "https://osv.dev/vulnerability/"}}};

void append_source(const std::string& id, JsonWriter& json) {
  for (const SourceRow& row : kSources) {
    if (!id.starts_with(row.prefix)) continue;
    json.key("source").begin_object().key("name").string(row.name);
    json.key("url").string(std::string(row.address) + id).end_object();
    return;
  }
}

std::string_view method_of(std::string_view vector) {
  if (vector.starts_with("CVSS:4")) return "CVSSv4";
  if (vector.starts_with("CVSS:3.1")) return "CVSSv31";
  if (vector.starts_with("CVSS:3")) return "CVSSv3";
  return "CVSSv2";
}

void append_rating(const event::Finding& finding, JsonWriter& json) {
  const event::FindingVulnerability& one = *finding.vulnerability;
  json.key("ratings").begin_array().begin_object();
  if (one.score >= 0) json.key("score").number(one.score);
  json.key("severity").string(kSeverities[static_cast<std::size_t>(finding.severity)]);
  if (one.score >= 0 && !one.vector.empty())
    json.key("method").string(method_of(one.vector)).key("vector").string(one.vector);
  json.end_object().end_array();
}

void append_analysis(const event::FindingStatement& said, JsonWriter& json) {
  json.key("analysis").begin_object().key("state").string(cyclonedx_state(said.status));
  std::string detail = said.impact;
  if (said.status == event::VexStatus::kNotAffected) {
    const std::string_view justification = cyclonedx_justification(said.justification);
    if (!justification.empty()) {
      json.key("justification").string(justification);
    } else if (!said.justification.empty()) {
      detail = said.justification + (detail.empty() ? "" : ": ") + detail;
    }
  }
  if (!said.action.empty()) detail += (detail.empty() ? "" : " ") + said.action;
  if (!detail.empty()) json.key("detail").string(detail);
  if (said.time != 0) json.key("lastUpdated").string(format_time(said.time));
  json.end_object();
}

void append_references(const event::Finding& finding, JsonWriter& json) {
  json.key("references").begin_array();
  for (const std::string& name : finding.vulnerability->names) {
    if (name == finding.rule->id) continue;
    json.begin_object().key("id").string(name);
    append_source(name, json);
    json.end_object();
  }
  json.end_array().key("advisories").begin_array();
  for (const std::string& reference : finding.rule->references) {
    if (is_web_address(reference)) json.begin_object().key("url").string(reference).end_object();
  }
  json.end_array();
}

void append_one(const event::Finding& finding, JsonWriter& json) {
  const event::FindingVulnerability& one = *finding.vulnerability;
  json.begin_object().key("id").string(finding.rule->id);
  append_source(finding.rule->id, json);
  append_references(finding, json);
  append_rating(finding, json);
  if (!finding.rule->title.empty()) json.key("description").string(finding.rule->title);
  if (!finding.rule->description.empty()) json.key("detail").string(finding.rule->description);
  json.key("recommendation").string(remediation_of(finding));
  if (one.statement) append_analysis(*one.statement, json);
  json.key("affects").begin_array().begin_object().key("ref").string(one.purl);
  json.key("versions").begin_array().begin_object().key("version").string(one.version);
  json.key("status").string(event::is_suppressed(finding) ? "unaffected" : "affected");
  json.end_object().end_array().end_object().end_array();
  json.key("properties").begin_array();
  const auto property = [&json](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    json.begin_object().key("name").string("vedette:" + std::string(name));
    json.key("value").string(value).end_object();
  };
  property("fixed", one.fixed);
  property("upgrade", one.upgrade);
  property("exploited_since", one.exploited ? one.exploited_since : "");
  if (one.probability >= 0) property("epss", std::to_string(one.probability));
  json.end_array().end_object();
}

}  // namespace

Result<void> append_vulnerabilities(const std::vector<event::Finding>& findings, Writer& writer,
                                    JsonWriter& json) {
  json.key("vulnerabilities").begin_array();
  for (const event::Finding& finding : findings) {
    if (!finding.vulnerability) continue;
    append_one(finding, json);
    TRY_VOID(writer.settle());
  }
  json.end_array();
  return {};
}

}  // namespace vedette::output
