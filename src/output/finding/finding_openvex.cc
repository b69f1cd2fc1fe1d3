// SPDX-License-Identifier: Apache-2.0
// OpenVEX 0.2.0: a statement for each vulnerability in a package, to begin one's own with.
#include <string>

#include "base/digest.h"
#include "base/json_writer.h"
#include "formats/packages/purl_parts.h"
#include "output/finding/finding_formats.h"
#include "output/finding/finding_text.h"
#include "output/finding/vex_words.h"

namespace vedette::output {
namespace {

using event::VexStatus;

// Without a producer's word: what is not in the program does not affect it; what has a fix is
// affected, as far as versions tell; what to do about the rest is open.
VexStatus status_of(const event::FindingVulnerability& one) {
  if (one.statement) return one.statement->status;
  if (!one.reachable.value_or(true)) return VexStatus::kNotAffected;
  return one.fixed.empty() ? VexStatus::kUnderInvestigation : VexStatus::kAffected;
}

class OpenVexSink : public event::FindingSink {
 public:
  explicit OpenVexSink(const FindingSinkOptions& options)
      : writer_(options.writer), version_(options.version), now_(options.now) {
    writer_.buffer() += "{\"@context\":\"https://openvex.dev/ns/v0.2.0\",\"statements\":[";
  }

  Result<void> write(const event::Finding& finding) override {
    if (!finding.vulnerability) return {};
    writer_.buffer() += first_ ? "\n" : ",\n";
    first_ = false;
    const event::FindingVulnerability& one = *finding.vulnerability;
    std::string text;
    JsonWriter json(text);
    json.begin_object().key("vulnerability").begin_object().key("name").string(finding.rule->id);
    json.key("aliases").begin_array();
    for (const std::string& name : one.names) {
      if (name != finding.rule->id) json.string(name);
    }
    json.end_array().end_object();
    json.key("products").begin_array().begin_object();
    std::string product = one.purl;
    if (product.empty()) {
      product = "urn:package:";
      formats::packages::append_percent_encoded(one.package, "", product);
    }
    json.key("@id").string(product);
    if (!one.purl.empty())
      json.key("identifiers").begin_object().key("purl").string(one.purl).end_object();
    json.end_object().end_array();
    append_status(finding, json);
    json.end_object();
    digest_.add(text);
    writer_.buffer() += text;
    return writer_.settle();
  }

  Result<void> finish(const event::ScanSummary& /*summary*/) override {
    std::string& out = writer_.buffer();
    out += "\n],";
    std::string rest;
    JsonWriter json(rest);
    json.begin_object().key("@id");
    json.string("https://vedette.invalid/vex/" + to_hexadecimal(digest_.finish(), 32));
    json.key("author").string("Vedette").key("timestamp");
    json.string(format_time(now_ / kNsPerSecond * kNsPerSecond)).key("version").number(1);
    json.key("tooling").string("Vedette " + version_).end_object();
    out += rest.substr(1) + "\n";
    return writer_.finish();
  }

 private:
  // What each status must have beside it (section "Status Labels").
  static void append_status(const event::Finding& finding, JsonWriter& json) {
    const event::FindingVulnerability& one = *finding.vulnerability;
    const VexStatus status = status_of(one);
    event::FindingStatement said = one.statement.value_or(event::FindingStatement());
    if (!one.statement && status == VexStatus::kNotAffected)
      said.justification = "vulnerable_code_not_present";
    json.key("status").string(event::to_string(status));
    std::string notes;
    for (const event::Evidence& evidence : finding.evidence)
      (notes += notes.empty() ? "" : "; ") += evidence.text;
    if (!notes.empty()) json.key("status_notes").string(notes);
    if (said.time != 0) json.key("timestamp").string(format_time(said.time));
    if (status == VexStatus::kNotAffected) {
      const std::string_view justification = openvex_justification(said.justification);
      if (!justification.empty()) json.key("justification").string(justification);
      std::string impact = said.impact;
      if (impact.empty() && justification.empty()) impact = statement_text(finding);
      if (!impact.empty()) json.key("impact_statement").string(impact);
    }
    if (status == VexStatus::kAffected)
      json.key("action_statement")
          .string(said.action.empty() ? remediation_of(finding) : said.action);
  }

  Writer& writer_;  // the caller's, see FindingSinkOptions
  std::string version_;
  TimeNs now_;
  bool first_ = true;
  Sha256Stream digest_;
};

}  // namespace

std::unique_ptr<event::FindingSink> make_finding_openvex(const FindingSinkOptions& options) {
  return std::make_unique<OpenVexSink>(options);
}

}  // namespace vedette::output
