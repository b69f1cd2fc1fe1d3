// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <vector>

#include "output/finding/finding_formats.h"
#include "output/finding/finding_text.h"
#include "output/quantity.h"
#include "output/table/summary_text.h"
#include "output/terminal.h"

namespace vedette::output {
namespace {

constexpr std::size_t kColumnsMax = 400;
constexpr std::size_t kNarrowest = 40;
constexpr std::size_t kNamesShown = 200;  // of one package; the count tells the rest
constexpr std::size_t kIdColumns = 20;
constexpr std::size_t kExamplesShown = 3;
// Of groups that are kept for the end; what comes after is counted.
constexpr std::size_t kGroupsMax = 100'000;

// Goes by what there is to do: a package in one version, the upgrade, and what that fixes. The
// gravest first, so everything waits for the end.
class UpgradeTable : public event::FindingSink {
 public:
  explicit UpgradeTable(const FindingSinkOptions& options)
      : writer_(options.writer),
        palette_(options.colour ? Palette::with_colour() : Palette()),
        evidence_(options.evidence),
        suppressed_(options.suppressed),
        width_(options.width == 0 ? kColumnsMax
                                  : std::max<std::size_t>(options.width, kNarrowest)) {}

  Result<void> write(const event::Finding& finding) override {
    if (!finding.vulnerability) return {};
    const event::FindingVulnerability& one = *finding.vulnerability;
    const bool is_suppressed = event::is_suppressed(finding);
    if (is_suppressed) {
      ++by_status_[static_cast<std::size_t>(one.statement->status)];
      if (!suppressed_) return {};
    } else {
      ++counts_[static_cast<std::size_t>(finding.severity)];
      exploited_ += one.exploited ? 1 : 0;
    }
    const std::string key = one.ecosystem + '\0' + one.package + '\0' + one.version;
    const auto [entry, added] = index_.try_emplace(key, groups_.size());
    if (added && groups_.size() == kGroupsMax) {
      index_.erase(entry);
      ++left_out_;
      return {};
    }
    if (added) groups_.push_back({finding, {}, event::Level::kInformational, 0});
    Group& group = groups_[entry->second];
    group.level = std::max(group.level, finding.severity);
    group.exploited += one.exploited && !is_suppressed ? 1 : 0;
    group.lines.push_back(line_of(finding));
    return {};
  }

  Result<void> finish(const event::ScanSummary& summary) override {
    std::ranges::stable_sort(groups_, [](const Group& a, const Group& b) {
      if ((a.exploited != 0) != (b.exploited != 0)) return a.exploited != 0;
      return a.level > b.level;
    });
    for (Group& group : groups_) {
      write_group(group);
      TRY_VOID(writer_.settle());
    }
    append_summary(summary);
    return writer_.finish();
  }

 private:
  struct Line {
    event::Level level;
    double score;
    std::string id;
    std::string text;
    std::string fixed;
    std::vector<std::string> evidence;
    std::string statement;     // of a producer; may be empty
    bool is_reachable = true;  // as far as is known
  };
  struct Group {
    event::Finding first;
    std::vector<Line> lines;
    event::Level level;
    std::uint64_t exploited;
  };

  static Line line_of(const event::Finding& finding) {
    Line line{finding.severity,
              finding.vulnerability->score,
              finding.rule->id,
              title_of(*finding.rule),
              finding.vulnerability->fixed,
              {},
              statement_text(finding),
              finding.vulnerability->reachable.value_or(true)};
    for (const event::Evidence& evidence : finding.evidence) line.evidence.push_back(evidence.text);
    return line;
  }

  void line(std::string_view before, std::string_view text) {
    writer_.buffer() += before;
    append_terminal(text, width_ - std::min(width_, before.size()), writer_.buffer());
    writer_.buffer() += '\n';
  }

  void write_group(Group& group) {
    const event::FindingVulnerability& one = *group.first.vulnerability;
    const std::uint64_t count = group.lines.size();
    std::string title = one.package + ' ' + one.version;
    if (one.upgrade.empty()) {
      title += fmt::format(": no version fixes {}", count == 1 ? "it" : "any of them");
    } else {
      title = fmt::format("update {} to {}: fixes {}", title, one.upgrade, one.upgrade_fixes);
      if (one.upgrade_fixes < count) title += fmt::format(" of {}", count);
    }
    if (group.exploited != 0) title += fmt::format(", {} exploited", group.exploited);
    writer_.buffer() += palette_.bold;
    append_terminal(title, width_, writer_.buffer());
    writer_.buffer() += fmt::format("{}\n", palette_.reset);
    std::string places = place_text(group.first.place);
    if (!group.first.also_at.empty())
      places += fmt::format(" and {} more places", group.first.also_at.size());
    line("  ", places);
    if (one.dependents.empty() && !one.through.empty()) line("  through ", one.through);
    for (const event::FindingDependent& dependent : one.dependents)
      line("  " + std::string(std::size_t{2} * dependent.depth, ' ') + "needed by ",
           dependent.name + (dependent.is_cut ? " …" : ""));
    if (!one.command.empty()) line("  ", one.command);
    for (const event::Evidence& evidence : group.first.evidence) {
      if (evidence.name == "usage") line("  ", evidence.text);
    }
    const auto absent = std::ranges::count(group.lines, false, &Line::is_reachable);
    if (absent != 0)
      line("  ", fmt::format("{} of {} not reachable: no vulnerable function is in the program",
                             absent, count));
    std::ranges::stable_sort(group.lines, [](const Line& a, const Line& b) {
      return a.level != b.level ? a.level > b.level : a.score > b.score;
    });
    for (std::size_t i = 0; i < std::min(kNamesShown, group.lines.size()); ++i)
      write_line(group.lines[i], one.upgrade);
    if (group.lines.size() > kNamesShown)
      line("    ", fmt::format("and {} more", group.lines.size() - kNamesShown));
    writer_.buffer() += '\n';
  }

  void write_line(const Line& one, const std::string& upgrade) {
    std::string& out = writer_.buffer();
    std::string text;
    append_column(one.id, std::max(kIdColumns, one.id.size()), text);
    text += one.score >= 0 ? fmt::format(" {:4.1f} ", one.score) : "      ";
    if (!one.is_reachable) text += "not reachable: ";
    text += one.text == one.id ? "" : one.text;
    if (one.fixed.empty()) text += " (no fix is known)";
    if (!one.fixed.empty() && one.fixed != upgrade)
      text += fmt::format(" (fixed in {})", one.fixed);
    out += fmt::format("    {}{:<13}{} ", palette_.levels[static_cast<std::size_t>(one.level)],
                       event::to_string(one.level), palette_.reset);
    append_terminal(text, width_ - 18, out);
    out += '\n';
    if (!evidence_ && !one.statement.empty()) line("      ", one.statement);
    if (!evidence_) return;
    for (const std::string& evidence : one.evidence) line("      + ", evidence);
  }

  void append_summary(const event::ScanSummary& summary) {
    std::string& out = writer_.buffer();
    for (std::size_t i = counts_.size(); i-- > 0;) {
      out += fmt::format("{}{} {}{}{}", counts_[i] == 0 ? palette_.dim : palette_.levels[i],
                         event::kLevelNames[i], count_text(counts_[i]), palette_.reset,
                         i == 0 ? "\n" : "   ");
    }
    out += fmt::format(
        "{} finding{} in {} package version{}, {} exploited; {} file{} in {}; {} advisories\n",
        count_text(summary.findings - summary.suppressed),
        plural(summary.findings - summary.suppressed), count_text(groups_.size()),
        plural(groups_.size()), count_text(exploited_), count_text(summary.files),
        plural(summary.files), duration_text(summary.seconds), count_text(summary.rules_loaded));
    if (left_out_ != 0) out += fmt::format("{} findings are not shown\n", count_text(left_out_));
    append_statements(summary);
    if (summary.in_baseline != 0)
      out += fmt::format("{} known to the baseline\n", count_text(summary.in_baseline));
    for (const Diagnostic& problem : summary.problems) write_problem(problem);
    for (const event::Skipped& skipped : summary.skipped) {
      line("", fmt::format("{} skipped: {}", count_text(skipped.count), skipped.reason));
      if (!skipped.loss) continue;
      for (std::size_t i = 0; i < std::min(kExamplesShown, skipped.examples.size()); ++i)
        write_problem(skipped.examples[i]);
    }
    if (summary.interrupted) out += "interrupted before the end\n";
  }

  void append_statements(const event::ScanSummary& summary) {
    if (summary.statements == 0) return;
    const auto of = [this](event::VexStatus status) {
      return by_status_[static_cast<std::size_t>(status)];
    };
    writer_.buffer() += fmt::format(
        "{} not affected and {} fixed by VEX{}; {} statement{}, {} about nothing that was found\n",
        count_text(of(event::VexStatus::kNotAffected)), count_text(of(event::VexStatus::kFixed)),
        suppressed_ || summary.suppressed == 0 ? "" : " (--show-suppressed shows them)",
        count_text(summary.statements), plural(summary.statements),
        count_text(summary.statements_unused));
  }

  void write_problem(const Diagnostic& problem) {
    std::string text = to_string(problem.place);
    if (!problem.message.empty()) (text += text.empty() ? "" : ": ") += problem.message;
    line("  ", text);
  }

  Writer& writer_;  // the caller's, see FindingSinkOptions
  Palette palette_;
  bool evidence_;
  bool suppressed_;
  std::size_t width_;
  std::map<std::string, std::size_t> index_;  // by package and version
  std::vector<Group> groups_;
  LevelCounts counts_{};
  std::array<std::uint64_t, event::kVexStatusNames.size()> by_status_{};  // suppressed ones
  std::uint64_t exploited_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace

std::unique_ptr<event::FindingSink> make_upgrade_table(const FindingSinkOptions& options) {
  return std::make_unique<UpgradeTable>(options);
}

}  // namespace vedette::output
