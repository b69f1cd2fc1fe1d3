// SPDX-License-Identifier: Apache-2.0
// https://prometheus.io/docs/instrumenting/exposition_formats/, text format 0.0.4.
#include <fmt/format.h>
#include <initializer_list>
#include <iterator>
#include <utility>

#include "output/programme/programme_formats.h"
#include "output/programme/programme_words.h"
#include "output/terminal.h"

namespace vedette::output {
namespace {

constexpr double kDaySeconds = 86'400;

double seconds_of(TimeNs time) {
  return static_cast<double>(time) / static_cast<double>(kNsPerSecond);
}

class Exposition {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // Samples of one family stand together; one without samples is not told.
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    head_ = fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
  }

  void sample(Labels labels, double value) { sample("", labels, value); }
  void sample(Labels labels, std::uint64_t value) { sample("", labels, value); }

  template <typename Number>
  void sample(std::string_view suffix, Labels labels, Number value) {
    out_ += std::exchange(head_, "");
    (out_ += name_) += suffix;
    bool first = true;
    for (const auto& [label, text] : labels) {
      fmt::format_to(std::back_inserter(out_), "{}{}=\"", std::exchange(first, false) ? "{" : ",",
                     label);
      append_escaped(text);
      out_ += '"';
    }
    if (!first) out_ += '}';
    fmt::format_to(std::back_inserter(out_), " {}\n", value);
  }

  void levels(std::initializer_list<std::pair<std::string_view, std::string_view>> labels,
              const event::LevelCounts& counts) {
    const std::pair<std::string_view, std::string_view> first = *labels.begin();
    const std::pair<std::string_view, std::string_view> second = *(labels.begin() + 1);
    for (std::size_t i = counts.size(); i-- > 0;)
      sample({first, second, {"severity", event::kLevelNames[i]}}, counts[i]);
  }

  std::string take() { return std::move(out_); }

 private:
  void append_escaped(std::string_view text) {
    std::string clean;
    replace_unprintable(text, clean);
    for (const char c : clean) {
      if (c == '\n') {
        out_ += "\\n";
      } else {
        if (c == '\\' || c == '"') out_ += '\\';
        out_ += c;
      }
    }
  }

  std::string out_;
  std::string head_;
  std::string name_;
};

void append_runs(const event::ProgrammeReport& report, Exposition& out) {
  out.family("vedette_runs", "gauge", "Runs of the gate, by verdict; none: nobody judged.");
  for (const event::RepositoryRuns& one : report.repositories) {
    out.sample({{"repository", one.repository}, {"verdict", "block"}}, one.verdicts.blocked);
    out.sample({{"repository", one.repository}, {"verdict", "warn"}}, one.verdicts.warned);
    out.sample({{"repository", one.repository}, {"verdict", "pass"}}, one.verdicts.passed);
    out.sample({{"repository", one.repository}, {"verdict", "none"}}, one.imported);
  }
  out.family("vedette_runs_incomplete", "gauge", "Runs in which something was not scanned.");
  for (const event::RepositoryRuns& one : report.repositories)
    out.sample({{"repository", one.repository}}, one.incomplete);
  out.family("vedette_last_run_timestamp_seconds", "gauge", "When the last run was.");
  for (const event::RepositoryRuns& one : report.repositories)
    out.sample({{"repository", one.repository}}, seconds_of(one.last));
}

void append_open(const event::ProgrammeReport& report, Exposition& out) {
  out.family("vedette_open_findings", "gauge", "Findings that are there and not excepted.");
  for (const event::OpenFindings& one : report.open)
    out.levels({{"repository", one.repository}, {"kind", one.kind}}, one.findings);
  out.family("vedette_waived_findings", "gauge", "Findings that are there and waived.");
  out.sample({}, report.waived);
  out.family("vedette_dismissed_findings", "gauge", "Findings that are there and dismissed.");
  out.sample({}, report.dismissed);
  out.family("vedette_open_finding_age_seconds", "histogram", "How old open findings are.");
  std::uint64_t below = 0;
  for (const event::OpenAges& one : report.ages) {
    below += sum_of(one.findings);
    const std::string bound = one.days == 0 ? "+Inf" : fmt::format("{}", one.days * kDaySeconds);
    out.sample("_bucket", {{"le", bound}}, below);
  }
  out.sample("_sum", {}, report.open_seconds);
  out.sample("_count", {}, below);
}

void append_remediation(const event::ProgrammeReport& report, Exposition& out) {
  const auto each = [&](const auto& value) {
    for (const event::Remediation& one : report.remediation)
      out.sample({{"severity", event::to_string(one.severity)}, {"kind", one.kind}}, value(one));
  };
  out.family("vedette_remediated_findings", "gauge", "Findings that were there and are gone.");
  each([](const event::Remediation& one) { return one.count; });
  out.family("vedette_remediation_mean_seconds", "gauge", "How long they were there, on average.");
  each([](const event::Remediation& one) { return one.mean_seconds; });
  out.family("vedette_remediation_median_seconds", "gauge", "How long half of them were there.");
  each([](const event::Remediation& one) { return one.median_seconds; });
}

void append_quality(const event::ProgrammeReport& report, Exposition& out) {
  out.family("vedette_false_positive_ratio", "gauge", "Share of findings marked as false.");
  for (const event::FalsePositives& one : report.false_positives)
    out.sample({{"kind", one.kind}}, share_of(one.false_positives, one.findings));
  out.family("vedette_known_findings", "gauge", "Findings that the share is of.");
  for (const event::FalsePositives& one : report.false_positives)
    out.sample({{"kind", one.kind}}, one.findings);
  out.family("vedette_release_findings", "gauge", "Findings in the last run of a release.");
  for (const event::ReleaseFindings& one : report.releases)
    out.levels({{"repository", one.repository}, {"release", one.release}}, one.findings);
}

void append_scanners(const event::ProgrammeReport& report, Exposition& out) {
  out.family("vedette_scanner_runs", "gauge", "Runs with a scanner, and whether it saw all.");
  for (const event::Coverage& one : report.coverage) {
    const auto sample = [&](std::string_view complete, std::uint64_t count) {
      out.sample({{"repository", one.repository}, {"scanner", one.scanner}, {"complete", complete}},
                 count);
    };
    sample("true", one.complete);
    sample("false", one.runs - one.complete);
  }
  out.family("vedette_scanner_last_complete_timestamp_seconds", "gauge",
             "When a scanner saw all for the last time.");
  for (const event::Coverage& one : report.coverage) {
    if (one.last_complete)
      out.sample({{"repository", one.repository}, {"scanner", one.scanner}},
                 seconds_of(*one.last_complete));
  }
  out.family("vedette_scanner_duration_seconds", "summary", "How long a scanner takes.");
  for (const event::ScannerCost& one : report.costs) {
    out.sample({{"scanner", one.scanner}, {"quantile", "0.5"}}, one.median_seconds);
    out.sample({{"scanner", one.scanner}, {"quantile", "0.95"}}, one.p95_seconds);
    out.sample("_sum", {{"scanner", one.scanner}}, one.total_seconds);
    out.sample("_count", {{"scanner", one.scanner}}, one.runs);
  }
}

}  // namespace

std::string programme_prometheus(const event::ProgrammeReport& report,
                                 const ProgrammeTextOptions& /*options*/) {
  Exposition out;
  append_runs(report, out);
  append_open(report, out);
  append_remediation(report, out);
  append_quality(report, out);
  append_scanners(report, out);
  return out.take();
}

}  // namespace vedette::output
