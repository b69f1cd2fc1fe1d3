// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>

#include "base/json_writer.h"
#include "output/finding/finding_formats.h"
#include "output/finding/finding_text.h"
#include "output/ocsf_text.h"
#include "output/sarif_text.h"

namespace vedette::output {
namespace {

constexpr std::array<std::string_view, 3> kConfidences = {"Low", "Medium", "High"};

void append_rule(const event::FindingRule& rule, JsonWriter& json) {
  json.key("analytic").begin_object().key("type_id").number(1).key("type").string("Rule");
  json.key("uid").string(rule.id).key("name").string(title_of(rule)).end_object();
}

// The commit, where one is known, has no place of its own in the class.
void append_evidences(const event::Finding& finding, JsonWriter& json) {
  const event::FindingPlace& place = finding.place;
  json.key("evidences").begin_array().begin_object();
  const std::size_t slash = place.path.find_last_of('/');
  json.key("file").begin_object();
  json.key("name").string(slash == std::string::npos
                              ? std::string_view(place.path)
                              : std::string_view(place.path).substr(slash + 1));
  json.key("path").string(place.path);
  if (!place.object.empty()) json.key("uid").string(place.object);
  json.key("type_id").number(1).key("type").string("Regular File").end_object();
  json.key("data").begin_object().key("redacted").string(finding.redacted);
  json.key("excerpt").string(finding.excerpt.line);
  if (place.line != 0) {
    json.key("line").number(place.line).key("column").number(place.column);
    json.key("end_line").number(place.end_line).key("end_column").number(place.end_column);
    json.key("offset").number(place.offset).key("size").number(place.size);
  }
  if (place.commit) {
    const event::FindingCommit& commit = *place.commit;
    json.key("commit").begin_object().key("id").string(commit.id);
    json.key("author").string(commit.author).key("email").string(commit.email);
    json.key("time").string(format_time(commit.time)).key("subject").string(commit.subject);
    json.end_object();
  }
  json.key("reasons").begin_array();
  for (const event::Evidence& evidence : finding.evidence) {
    json.begin_object().key("name").string(evidence.name).key("text").string(evidence.text);
    json.key("weight").number(evidence.weight).end_object();
  }
  json.end_array().key("also_at").begin_array();
  for (const event::FindingPlace& other : finding.also_at) json.string(place_text(other));
  json.end_array().end_object().end_object().end_array();
}

void append_remediation(const event::Finding& finding, JsonWriter& json) {
  const std::string& what = remediation_of(finding);
  if (what.empty()) return;
  json.key("remediation").begin_object().key("desc").string(what);
  json.key("references").begin_array();
  for (const std::string& reference : finding.rule->references) {
    if (is_web_address(reference)) json.string(reference);
  }
  json.end_array().end_object();
}

void append_observables(const event::Finding& finding, JsonWriter& json) {
  json.key("observables").begin_array().begin_object().key("name");
  json.string(finding.vulnerability ? "vulnerabilities[0].affected_packages[0].path"
                                    : "evidences[0].file.path");
  json.key("type_id").number(45).key("type").string("File Path");
  json.key("value").string(finding.place.path).end_object().end_array();
}

// Class 2002 has neither evidences nor a remediation of its own.
void append_vulnerabilities(const event::Finding& finding, JsonWriter& json) {
  const event::FindingVulnerability& one = *finding.vulnerability;
  const event::FindingRule& rule = *finding.rule;
  json.key("vulnerabilities").begin_array().begin_object();
  const bool is_cve = rule.id.starts_with("CVE-");
  json.key(is_cve ? "cve" : "advisory").begin_object().key("uid").string(rule.id);
  json.key("title").string(title_of(rule));
  if (is_cve && one.score >= 0) {
    const std::string_view version = one.vector.starts_with("CVSS:")
                                         ? std::string_view(one.vector).substr(5, 3)
                                         : std::string_view("2.0");
    json.key("cvss").begin_array().begin_object().key("version").string(version);
    json.key("base_score").number(one.score).key("vector_string").string(one.vector);
    json.end_object().end_array();
  }
  if (is_cve && one.probability >= 0) {
    json.key("epss").begin_object().key("score").string(std::to_string(one.probability));
    json.key("percentile").number(one.percentile).end_object();
  }
  json.end_object();
  json.key("title").string(title_of(rule)).key("severity");
  json.string(kOcsfSeverities[static_cast<std::size_t>(finding.severity)].caption);
  if (!rule.description.empty()) json.key("desc").string(rule.description);
  json.key("affected_packages").begin_array().begin_object().key("name").string(one.package);
  json.key("version").string(one.version).key("path").string(finding.place.path);
  if (!one.purl.empty()) json.key("purl").string(one.purl);
  if (!one.fixed.empty()) json.key("fixed_in_version").string(one.fixed);
  json.key("package_manager").string(one.ecosystem).end_object().end_array();
  if (!one.through.empty()) json.key("dependency_chain").string(one.through);
  json.key("is_fix_available").boolean(!one.fixed.empty());
  json.key("is_exploit_available").boolean(one.exploited || !one.exploits.empty());
  if (!one.exploits.empty()) json.key("exploit_ref_url").string(one.exploits.front());
  json.key("related_vulnerabilities").begin_array();
  for (const std::string& name : one.names) {
    if (name != rule.id) json.string(name);
  }
  json.end_array().key("references").begin_array();
  for (const std::string& reference : rule.references) {
    if (is_web_address(reference)) json.string(reference);
  }
  json.end_array();
  append_remediation(finding, json);
  json.end_object().end_array();
}

// What class 2002 has no place for.
void append_unmapped(const event::Finding& finding, JsonWriter& json) {
  json.key("unmapped").begin_object().key("rule_tags").begin_array();
  for (const std::string& tag : finding.rule->tags) json.string(tag);
  json.end_array().key("rule_pack").string(finding.rule->pack);
  if (finding.vulnerability) {
    const event::FindingVulnerability& one = *finding.vulnerability;
    if (finding.place.line != 0) json.key("line").number(finding.place.line);
    json.key("exploited").boolean(one.exploited).key("ransomware").boolean(one.ransomware);
    json.key("reasons").begin_array();
    for (const event::Evidence& evidence : finding.evidence) json.string(evidence.text);
    json.end_array().key("also_at").begin_array();
    for (const event::FindingPlace& other : finding.also_at) json.string(place_text(other));
    json.end_array();
  }
  json.end_object();
}

class OcsfSink : public event::FindingSink {
 public:
  explicit OcsfSink(const FindingSinkOptions& options)
      : writer_(options.writer), version_(options.version), now_(options.now) {}

  Result<void> write(const event::Finding& finding) override {
    const OcsfSeverity& severity = kOcsfSeverities[static_cast<std::size_t>(finding.severity)];
    const auto confidence = static_cast<std::size_t>(finding.confidence);
    JsonWriter json(writer_.buffer());
    json.begin_object().key("activity_id").number(1).key("activity_name").string("Create");
    json.key("category_uid").number(2).key("category_name").string("Findings");
    if (finding.vulnerability) {
      json.key("class_uid").number(2002).key("class_name").string("Vulnerability Finding");
      json.key("type_uid").number(200201).key("type_name").string("Vulnerability Finding: Create");
    } else {
      json.key("class_uid").number(2004).key("class_name").string("Detection Finding");
      json.key("type_uid").number(200401).key("type_name").string("Detection Finding: Create");
    }
    json.key("severity_id").number(severity.id).key("severity").string(severity.caption);
    json.key("confidence_id").number(static_cast<std::uint64_t>(confidence) + 1);
    json.key("confidence").string(kConfidences[confidence]);
    const double share = std::clamp(finding.probability, 0.0, 1.0);
    json.key("confidence_score").number(static_cast<std::int64_t>(std::lround(share * 100)));
    const bool suppressed = event::is_suppressed(finding);
    json.key("status_id").number(suppressed ? 3 : 1);
    json.key("status").string(suppressed ? "Suppressed" : "New");
    if (!finding.vulnerability) json.key("is_alert").boolean(true);
    json.key("time").number(ocsf_time(now_)).key("message").string(finding.message);
    json.key("metadata").begin_object().key("version").string(kOcsfVersion);
    json.key("product").begin_object().key("name").string("Vedette");
    json.key("vendor_name").string("Vedette");
    if (!version_.empty()) json.key("version").string(version_);
    json.end_object().end_object();
    append_finding_info(finding, json);
    if (finding.vulnerability) {
      append_vulnerabilities(finding, json);
    } else {
      append_evidences(finding, json);
      append_remediation(finding, json);
    }
    append_observables(finding, json);
    append_unmapped(finding, json);
    json.end_object();
    writer_.buffer() += '\n';
    return writer_.settle();
  }
  Result<void> finish(const event::ScanSummary& /*summary*/) override { return writer_.finish(); }

 private:
  void append_finding_info(const event::Finding& finding, JsonWriter& json) const {
    const event::FindingRule& rule = *finding.rule;
    json.key("finding_info").begin_object().key("uid").string(finding.identity);
    json.key("title").string(title_of(rule));
    if (!rule.description.empty()) json.key("desc").string(rule.description);
    json.key("types").begin_array();
    json.string(finding.vulnerability ? "Vulnerability" : "Secret").end_array();
    json.key("created_time").number(ocsf_time(now_));
    if (finding.place.commit)
      json.key("first_seen_time").number(ocsf_time(finding.place.commit->time));
    json.key("data_sources").begin_array().string(finding.place.path).end_array();
    append_rule(rule, json);
    json.end_object();
  }

  Writer& writer_;  // the caller's, see FindingSinkOptions
  std::string version_;
  TimeNs now_;
};

}  // namespace

std::unique_ptr<event::FindingSink> make_finding_ocsf(const FindingSinkOptions& options) {
  return std::make_unique<OcsfSink>(options);
}

}  // namespace vedette::output
