// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "output/csv.h"
#include "output/finding/finding_formats.h"
#include "output/finding/finding_text.h"

namespace vedette::output {
namespace {

class CsvSink : public event::FindingSink {
 public:
  explicit CsvSink(const FindingSinkOptions& options) : writer_(options.writer) {
    writer_.buffer() +=
        "severity,confidence,probability,rule_id,rule_title,path,line,column,redacted,excerpt,"
        "object,commit,author,email,commit_time,also_at,message,remediation,identity\r\n";
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
    cell(finding.rule->remediation);
    cell(finding.identity);
    out += "\r\n";
    return writer_.settle();
  }
  Result<void> finish(const event::ScanSummary& /*summary*/) override { return writer_.finish(); }

 private:
  void cell(std::string_view text) { append_csv_cell(visible(text), writer_.buffer() += ','); }

  Writer& writer_;  // the caller's, see FindingSinkOptions
};

}  // namespace

std::unique_ptr<event::FindingSink> make_finding_csv(const FindingSinkOptions& options) {
  return std::make_unique<CsvSink>(options);
}

}  // namespace vedette::output
