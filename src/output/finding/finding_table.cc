// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "output/finding/finding_formats.h"
#include "output/quantity.h"
#include "output/table/summary_text.h"
#include "output/terminal.h"

namespace vedette::output {
namespace {

constexpr std::size_t kColumnsMax = 400;
constexpr std::size_t kEvidenceShown = 4;
constexpr std::size_t kExamplesShown = 3;

std::string_view plural(std::uint64_t count) { return count == 1 ? "" : "s"; }

class TableSink : public event::FindingSink {
 public:
  explicit TableSink(const FindingSinkOptions& options)
      : writer_(options.writer),
        palette_(options.colour ? Palette::with_colour() : Palette()),
        evidence_(options.evidence) {}

  Result<void> write(const event::Finding& finding) override {
    std::string& out = writer_.buffer();
    const auto level = static_cast<std::size_t>(finding.severity);
    ++counts_[level];
    if (finding.place.path != path_ || path_.empty()) {
      path_ = finding.place.path;
      out += first_ ? "" : "\n";
      out += palette_.bold;
      append_terminal(path_, kColumnsMax, out);
      (out += palette_.reset) += '\n';
    }
    first_ = false;
    out += "  ";
    ((out += palette_.levels[level]) += event::to_string(finding.severity)) += palette_.reset;
    out += "  ";
    const std::string& title = finding.rule->title;
    append_terminal(title.empty() ? finding.rule->id : title, kColumnsMax, out);
    out += fmt::format("  {}{} confidence  ", palette_.dim, event::to_string(finding.confidence));
    append_terminal(finding.rule->id, kColumnsMax, out);
    (out += palette_.reset) += '\n';
    write_excerpt(finding);
    if (finding.place.commit) write_commit(*finding.place.commit);
    if (evidence_) write_evidence(finding);
    if (!finding.rule->remediation.empty() && told_.insert(finding.rule).second) {
      out += "      ";
      append_terminal(finding.rule->remediation, kColumnsMax, out);
      out += '\n';
    }
    return writer_.settle();
  }

  Result<void> finish(const event::ScanSummary& summary) override {
    if (!first_) writer_.buffer() += '\n';
    append_summary(summary);
    return writer_.finish();
  }

 private:
  // "   12:8 | password = hunt…(9)" and a line of carets below the mark.
  void write_excerpt(const event::Finding& finding) {
    std::string& out = writer_.buffer();
    if (finding.place.line == 0) {
      append_terminal(finding.message, kColumnsMax, out += "      ");
      out += '\n';
      return;
    }
    const std::string place = fmt::format("{}:{}", finding.place.line, finding.place.column);
    const event::Excerpt& excerpt = finding.excerpt;
    const std::string_view line = excerpt.line;
    const std::size_t indent = std::min(line.find_first_not_of(" \t"), line.size());
    const std::size_t cut = std::min<std::size_t>(indent, excerpt.mark);
    out += fmt::format("    {}{:>8}{} | ", palette_.dim, place, palette_.reset);
    append_terminal(line.substr(cut), kColumnsMax, out);
    // Columns are counted in what the terminal shows.
    std::string before;
    append_terminal(line.substr(cut, excerpt.mark - cut), kColumnsMax, before);
    std::string marked;
    append_terminal(line.substr(excerpt.mark, excerpt.mark_size), kColumnsMax, marked);
    out += fmt::format("\n    {:>8} | {}{}{}{}\n", "", std::string(columns_of(before), ' '),
                       palette_.bold, std::string(columns_of(marked), '^'), palette_.reset);
  }

  static std::size_t columns_of(std::string_view text) {
    std::size_t columns = 0;
    for (std::size_t at = 0; at < text.size();) columns += column_count(next_code_point(text, at));
    return columns;
  }

  void write_commit(const event::FindingCommit& commit) {
    std::string& out = writer_.buffer();
    out += fmt::format("      since commit {} of {} by ", commit.id.substr(0, 12),
                       format_time(commit.time).substr(0, 10));
    append_terminal(commit.author, kColumnsMax, out);
    out += '\n';
  }

  void write_evidence(const event::Finding& finding) {
    for (std::size_t i = 0; i < std::min(kEvidenceShown, finding.evidence.size()); ++i) {
      const event::Evidence& evidence = finding.evidence[i];
      writer_.buffer() += fmt::format("      {} ", evidence.weight >= 0 ? '+' : '-');
      append_terminal(evidence.text, kColumnsMax, writer_.buffer());
      writer_.buffer() += '\n';
    }
  }

  void append_summary(const event::ScanSummary& summary) {
    std::string& out = writer_.buffer();
    for (std::size_t i = counts_.size(); i-- > 0;) {
      out += fmt::format("{}{} {}{}{}", counts_[i] == 0 ? palette_.dim : palette_.levels[i],
                         event::kLevelNames[i], count_text(counts_[i]), palette_.reset,
                         i == 0 ? "\n" : "   ");
    }
    out += fmt::format("{} finding{} in {} file{} ({}), {}; {} rule{} loaded in {}\n",
                       count_text(summary.findings), plural(summary.findings),
                       count_text(summary.files), plural(summary.files), size_text(summary.bytes),
                       duration_text(summary.seconds), count_text(summary.rules_loaded),
                       plural(summary.rules_loaded), duration_text(summary.load_seconds));
    const auto say = [&out](std::uint64_t count, std::string_view what) {
      if (count != 0) out += fmt::format("{} {}\n", count_text(count), what);
    };
    say(summary.allowed, "allowed by a rule's list or a comment");
    say(summary.below_confidence, "taken for noise; --thorough shows the likelier of them");
    say(summary.rules_refused, "rules refused");
    for (const Diagnostic& problem : summary.problems) write_problem(problem);
    for (const event::Skipped& skipped : summary.skipped) {
      out += fmt::format("{} skipped: {}\n", count_text(skipped.count), skipped.reason);
      if (!skipped.loss) continue;
      for (std::size_t i = 0; i < std::min(kExamplesShown, skipped.examples.size()); ++i)
        write_problem(skipped.examples[i]);
    }
    if (summary.interrupted) out += "interrupted before the end\n";
  }

  void write_problem(const Diagnostic& problem) {
    std::string line = to_string(problem.place);
    if (!problem.message.empty()) (line += ": ") += problem.message;
    if (!problem.hint.empty()) (line += "; ") += problem.hint;
    append_terminal(line, kColumnsMax, writer_.buffer() += "  ");
    writer_.buffer() += '\n';
  }

  Writer& writer_;  // the caller's, see FindingSinkOptions
  Palette palette_;
  bool evidence_;
  bool first_ = true;
  std::string path_;
  LevelCounts counts_{};
  std::set<const event::FindingRule*> told_;  // whose remediation was shown
};

}  // namespace

std::unique_ptr<event::FindingSink> make_finding_table(const FindingSinkOptions& options) {
  return std::make_unique<TableSink>(options);
}

}  // namespace vedette::output
