// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "output/csv.h"
#include "output/finding/finding_formats.h"
#include "output/finding/finding_text.h"

namespace vedette::output {
namespace {

class CsvSink : public event::FindingSink {
 public:
  explicit CsvSink(const FindingSinkOptions& options)
      : writer_(options.writer),
        vulnerabilities_(options.kind == event::FindingClass::kVulnerability) {
    writer_.buffer() +=
        "severity,confidence,probability,rule_id,rule_title,path,line,column,redacted,excerpt,"
        "object,commit,author,email,commit_time,also_at,message,remediation,identity";
    if (vulnerabilities_)
      writer_.buffer() +=
          ",package,version,fixed,upgrade,command,score,exploited,probability,reasons,vex";
    writer_.buffer() += "\r\n";
  }

  Result<void> write(const event::Finding& finding) override {
    std::string& out = writer_.buffer();
    out += event::to_string(finding.severity);
    (out += ',') += event::to_string(finding.confidence);
    out += fmt::format(",{:.3f}", finding.probability);
    const event::FindingPlace& place = finding.place;
    cell(finding.rule->id);
    cell(finding.rule->title);
    cell(place.path);
    cell(place.line == 0 ? "" : std::to_string(place.line));
    cell(place.line == 0 ? "" : std::to_string(place.column));
    cell(finding.redacted);
    cell(finding.excerpt.line);
    cell(place.object);
    const event::FindingCommit commit = place.commit.value_or(event::FindingCommit());
    cell(commit.id);
    cell(commit.author);
    cell(commit.email);
    cell(place.commit ? format_time(commit.time) : "");
    std::string places;
    for (const event::FindingPlace& other : finding.also_at)
      (places += places.empty() ? "" : "; ") += place_text(other);
    cell(places);
    cell(finding.message);
    cell(remediation_of(finding));
    cell(finding.identity);
    if (vulnerabilities_) append_vulnerability(finding);
    out += "\r\n";
    return writer_.settle();
  }
  Result<void> finish(const event::ScanSummary& /*summary*/) override { return writer_.finish(); }

 private:
  void cell(std::string_view text) { append_csv_cell(visible(text), writer_.buffer() += ','); }

  void append_vulnerability(const event::Finding& finding) {
    const event::FindingVulnerability one =
        finding.vulnerability.value_or(event::FindingVulnerability());
    cell(one.package);
    cell(one.version);
    cell(one.fixed);
    cell(one.upgrade);
    cell(one.command);
    cell(one.score < 0 ? "" : fmt::format("{:.1f}", one.score));
    cell(one.exploited ? one.exploited_since : "");
    cell(one.probability < 0 ? "" : fmt::format("{:.5f}", one.probability));
    std::string reasons;
    for (const event::Evidence& evidence : finding.evidence)
      (reasons += reasons.empty() ? "" : "; ") += evidence.text;
    cell(reasons);
    cell(one.statement ? event::to_string(one.statement->status) : "");
  }

  Writer& writer_;  // the caller's, see FindingSinkOptions
  bool vulnerabilities_;
};

}  // namespace

std::unique_ptr<event::FindingSink> make_finding_csv(const FindingSinkOptions& options) {
  return std::make_unique<CsvSink>(options);
}

}  // namespace vedette::output
