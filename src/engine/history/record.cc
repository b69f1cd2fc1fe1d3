// SPDX-License-Identifier: Apache-2.0
#include "engine/history/record.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "base/digest.h"
#include "base/unicode.h"
#include "policy/facts.h"
#include "policy/gate.h"

namespace vedette::engine {
namespace {

using event::Sighting;

constexpr std::size_t kTextBytesMax = 1024;  // of what is kept of a finding
constexpr std::size_t kFactBytesMax = 512;
constexpr std::size_t kIdDigits = 32;
constexpr std::size_t kScannersMax = 1000;

// On whole characters.
std::string bounded(std::string_view text) {
  if (text.size() <= kTextBytesMax) return std::string(text);
  std::size_t size = kTextBytesMax;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
  return std::string(text.substr(0, size)) + "…";
}

Result<void> check_fact(std::string_view what, std::string_view text) {
  const bool is_good =
      text.size() <= kFactBytesMax && is_utf8(text) && std::ranges::none_of(text, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
      });
  if (is_good) return {};
  return failure(ErrorCode::kInvalid,
                 fmt::format("expected a {} of at most {} printable bytes, found {} bytes", what,
                             kFactBytesMax, text.size()));
}

Result<void> check_facts(const event::RunFacts& facts) {
  if (facts.repository.empty())
    return failure(ErrorCode::kInvalid, "expected the name of a repository, found none");
  TRY_VOID(check_fact("repository", facts.repository));
  TRY_VOID(check_fact("commit", facts.commit));
  TRY_VOID(check_fact("branch", facts.branch));
  TRY_VOID(check_fact("release", facts.release));
  return check_fact("run", facts.pipeline);
}

event::ProgrammeFinding kept_of(const event::Finding& finding) {
  event::ProgrammeFinding one;
  one.identity = finding.identity;
  one.kind = policy::kind_of(finding);
  one.rule = bounded(finding.rule->id);
  one.title = bounded(finding.rule->title.empty() ? finding.rule->id : finding.rule->title);
  if (finding.vulnerability)
    one.package = bounded(finding.vulnerability->package + " " + finding.vulnerability->version);
  one.path = bounded(finding.place.path);
  return one;
}

class Recorder {
 public:
  explicit Recorder(event::RunFacts facts) { record_.run.facts = std::move(facts); }

  void add_scanner(std::string_view name, bool complete) {
    merge({std::string(name), complete, std::nullopt});
    reported_.insert(fmt::format("{} {}", name, complete));
  }

  void add_stage(const event::ScannerRun& stage) { merge(stage); }

  // Who told of something without being named as one that looked may have missed the rest.
  void add_judgement(const event::Judgement& one) {
    scanners_.try_emplace(one.scanner, event::ScannerRun{one.scanner, false, std::nullopt});
    const auto next = static_cast<std::uint32_t>(record_.findings.size());
    const auto [at, added] = indices_.try_emplace(one.finding->identity, next);
    if (added) record_.findings.push_back(kept_of(*one.finding));
    told_.push_back({at->second, one.scanner, one.finding->severity, one.verdict, one.exception});
  }

  event::ProgrammeRun& run() { return record_.run; }

  Result<event::RunRecord> finish(std::string_view time_for_id) {
    TRY_VOID(check_facts(record_.run.facts));
    if (scanners_.size() > kScannersMax)
      return failure(ErrorCode::kLimit, fmt::format("expected at most {} scanners, found {}",
                                                    kScannersMax, scanners_.size()));
    for (const auto& [name, one] : scanners_) {
      TRY_VOID(check_fact("scanner", name));
      record_.run.scanners.push_back(one);
    }
    add_sightings();
    record_.run.id = id(time_for_id);
    return std::move(record_);
  }

 private:
  struct Told {
    std::uint32_t finding;
    std::string scanner;
    event::Level severity;
    event::Verdict verdict;
    event::Exception exception;
  };

  void merge(const event::ScannerRun& more) {
    event::ScannerRun& one = scanners_.try_emplace(more.name).first->second;
    one.name = more.name;
    one.complete = one.complete && more.complete;
    if (more.duration) one.duration = more.duration;
  }

  // One scanner may tell a finding of several targets: the gravest counts, and an exception only
  // where all have one.
  void add_sightings() {
    std::map<std::pair<std::uint32_t, std::uint32_t>, Sighting> sightings;
    const auto& scanners = record_.run.scanners;
    for (const Told& one : told_) {
      const auto scanner =
          std::ranges::lower_bound(scanners, one.scanner, {}, &event::ScannerRun::name);
      const auto index = static_cast<std::uint32_t>(scanner - scanners.begin());
      const Sighting sighting{one.finding, index, one.severity, one.verdict, one.exception};
      const auto [at, added] = sightings.try_emplace({one.finding, index}, sighting);
      if (added) continue;
      Sighting& known = at->second;
      known.severity = std::max(known.severity, one.severity);
      known.verdict = std::max(known.verdict, one.verdict);
      if (one.exception == event::Exception::kNone) known.exception = one.exception;
    }
    for (const auto& [key, sighting] : sightings) record_.run.sightings.push_back(sighting);
  }

  // Neither the order of reports nor how they were written counts.
  std::string id(std::string_view time) const {
    const event::ProgrammeRun& run = record_.run;
    std::string text = "vedette-run-1\n";
    const auto field = [&text](std::string_view value) {
      fmt::format_to(std::back_inserter(text), "{}:{}\n", value.size(), value);
    };
    for (const auto* fact : {&run.facts.repository, &run.facts.commit, &run.facts.pipeline})
      field(*fact);
    field(time);
    field(run.verdict ? event::to_string(*run.verdict) : "");
    field(run.incomplete ? "incomplete" : "");
    for (const std::string& one : reported_) field(one);
    std::vector<std::string> lines;
    for (const Sighting& one : run.sightings) {
      lines.push_back(fmt::format("{} {} {} {} {}", record_.findings[one.finding].identity,
                                  run.scanners[one.scanner].name, event::to_string(one.severity),
                                  event::to_string(one.verdict), event::to_string(one.exception)));
    }
    std::ranges::sort(lines);
    for (const std::string& line : lines) field(line);
    return to_hexadecimal(sha256(text), kIdDigits);
  }

  event::RunRecord record_;
  std::map<std::string, event::ScannerRun, std::less<>> scanners_;
  std::set<std::string> reported_;  // what reports tell of scanners
  std::vector<Told> told_;
  std::unordered_map<std::string, std::uint32_t> indices_;  // by identity
};

}  // namespace

Result<event::RunRecord> record_of(std::span<const event::GateReport* const> reports,
                                   event::RunFacts facts,
                                   std::span<const event::ScannerRun> stages) {
  TimeNs latest = 0;
  for (const event::GateReport* const report : reports) latest = std::max(latest, report->now);
  if (facts.time == 0) facts.time = latest;
  Recorder recorder(std::move(facts));
  recorder.run().verdict = event::Verdict::kAllow;
  for (const event::GateReport* const report : reports) {
    recorder.run().verdict = std::max(*recorder.run().verdict, report->verdict);
    recorder.run().incomplete = recorder.run().incomplete || report->incomplete;
    for (const event::GateScanner& one : report->scanners)
      recorder.add_scanner(one.name, one.complete);
    for (const event::Judgement& one : report->judgements) recorder.add_judgement(one);
  }
  for (const event::ScannerRun& stage : stages) recorder.add_stage(stage);
  return recorder.finish(format_time(latest));
}

Result<event::RunRecord> record_of_findings(
    std::span<const formats::findings::FindingReport> reports, event::RunFacts facts,
    TimeCounts time_counts) {
  const std::string time = time_counts == TimeCounts::kYes ? format_time(facts.time) : "";
  Recorder recorder(std::move(facts));
  for (const formats::findings::FindingReport& report : reports) {
    const bool is_whole = !report.interrupted && report.losses.empty();
    recorder.run().incomplete = recorder.run().incomplete || !is_whole;
    if (!report.scanner.empty()) recorder.add_scanner(report.scanner, is_whole);
    for (const event::Finding& finding : report.findings) {
      event::Judgement one;
      one.finding = &finding;
      one.scanner = report.scanner.empty()
                        ? std::string(policy::scanner_of_kind(policy::kind_of(finding)))
                        : report.scanner;
      if (event::is_suppressed(finding)) {
        one.verdict = event::Verdict::kAllow;
        one.exception = event::Exception::kStatement;
      }
      recorder.add_judgement(one);
    }
  }
  return recorder.finish(time);
}

}  // namespace vedette::engine
