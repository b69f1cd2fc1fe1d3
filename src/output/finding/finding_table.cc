// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "output/finding/finding_formats.h"
#include "output/finding/finding_text.h"
#include "output/quantity.h"
#include "output/table/summary_text.h"
#include "output/terminal.h"

namespace vedette::output {
namespace {

// Of a line where no terminal's width is known; narrower terminals than kNarrowest wrap.
constexpr std::size_t kColumnsMax = 400;
constexpr std::size_t kNarrowest = 40;
// Of running text, which is broken into lines.
constexpr std::size_t kTextColumns = 100;
constexpr std::size_t kExamplesShown = 3;
constexpr std::size_t kPlacesShown = 3;
constexpr std::string_view kIndent = "    ";
constexpr std::string_view kMargin = "  | ";
constexpr std::size_t kDigestShown = 19;  // "sha256:" and 12 digits

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < text.size();) columns += column_count(next_code_point(text, at));
  return columns;
}

class TableSink : public event::FindingSink {
 public:
  explicit TableSink(const FindingSinkOptions& options)
      : writer_(options.writer),
        palette_(options.colour ? Palette::with_colour() : Palette()),
        evidence_(options.evidence),
        width_(options.width == 0 ? kColumnsMax
                                  : std::max<std::size_t>(options.width, kNarrowest)) {}

  Result<void> write(const event::Finding& finding) override {
    std::string& out = writer_.buffer();
    ++counts_[static_cast<std::size_t>(finding.severity)];
    if (!first_ && finding.place.path != path_) out += '\n';
    path_ = finding.place.path;
    first_ = false;
    // Not cut: terminals and editors open what stands here.
    out +=
        fmt::format("{}{}{}\n", palette_.bold, visible(place_text(finding.place)), palette_.reset);
    write_title(finding);
    write_excerpt(finding);
    if (finding.place.commit) write_commit(*finding.place.commit);
    if (finding.place.layer) write_layer(*finding.place.layer);
    write_places(finding.also_at);
    write_evidence(finding);
    if (!finding.rule->remediation.empty() && told_.insert(finding.rule).second)
      write_text(finding.rule->remediation);
    return writer_.settle();
  }

  Result<void> finish(const event::ScanSummary& summary) override {
    if (!first_) writer_.buffer() += '\n';
    append_summary(summary);
    return writer_.finish();
  }

 private:
  void line(std::string_view before, std::string_view text) {
    std::string& out = writer_.buffer();
    out += before;
    append_terminal(text, width_ - columns_of(before), out);
    out += '\n';
  }

  void write_title(const event::Finding& finding) {
    std::string& out = writer_.buffer();
    const std::string_view level = event::to_string(finding.severity);
    out += fmt::format("  {}{}{}  ", palette_.levels[static_cast<std::size_t>(finding.severity)],
                       level, palette_.reset);
    const std::size_t left = width_ - std::min(width_, level.size() + 4);
    const std::size_t used = append_terminal(title_of(*finding.rule), left, out);
    if (used + 2 < left) {
      out += fmt::format("  {}", palette_.dim);
      const std::string more =
          fmt::format("{}, {} confidence", finding.rule->id, event::to_string(finding.confidence));
      append_terminal(more, left - used - 2, out);
      out += palette_.reset;
    }
    out += '\n';
  }

  // The line, and carets below its mark; columns are counted in what the terminal shows.
  void write_excerpt(const event::Finding& finding) {
    const std::string_view line = finding.excerpt.line;
    if (line.empty()) return write_text(finding.message);
    const std::size_t mark = std::min<std::size_t>(finding.excerpt.mark, line.size());
    const std::size_t indent = std::min(line.find_first_not_of(" \t"), line.size());
    const std::size_t cut = std::min(indent, mark);
    this->line(kMargin, line.substr(cut));
    const std::size_t room = width_ - kMargin.size();
    const std::size_t before = columns_of(visible(line.substr(cut, mark - cut)));
    const std::size_t marked = columns_of(visible(line.substr(mark, finding.excerpt.mark_size)));
    if (before >= room || marked == 0) return;
    writer_.buffer() +=
        fmt::format("{}{}{}{}{}\n", kMargin, std::string(before, ' '),
                    palette_.levels[static_cast<std::size_t>(finding.severity)],
                    std::string(std::min(marked, room - before), '^'), palette_.reset);
  }

  void write_commit(const event::FindingCommit& commit) {
    line(kIndent,
         fmt::format("since commit {} of {} by {}: {}", commit.id.substr(0, 12),
                     format_time(commit.time).substr(0, 10), commit.author, commit.subject));
  }

  void write_layer(const event::FindingLayer& layer) {
    line(kIndent, fmt::format("{}layer {}{}{}",
                              layer.hidden ? "hidden by a later layer, still in the image: " : "",
                              layer.digest.substr(0, kDigestShown),
                              layer.instruction.empty() ? "" : ": ", layer.instruction));
  }

  void write_places(const std::vector<event::FindingPlace>& places) {
    if (places.empty()) return;
    std::string text =
        fmt::format("also at {} more place{}: ", count_text(places.size()), plural(places.size()));
    for (std::size_t i = 0; i < std::min(kPlacesShown, places.size()); ++i)
      (text += i == 0 ? "" : ", ") += place_text(places[i]);
    if (places.size() > kPlacesShown) text += " …";
    line(kIndent, text);
  }

  void write_evidence(const event::Finding& finding) {
    for (const event::Evidence& evidence : finding.evidence) {
      // Who asked a provider wants to read the answer.
      if (evidence_ || evidence.name.starts_with("verified:"))
        line(evidence.weight >= 0 ? "    + " : "    - ", evidence.text);
    }
  }

  // Broken between words.
  void write_text(std::string_view text) {
    const std::string shown = visible(text);
    const std::size_t room = std::min(width_, kTextColumns) - kIndent.size();
    std::string row;
    std::size_t columns = 0;
    for (std::size_t at = 0; at < shown.size();) {
      const std::size_t end = std::min(shown.find(' ', at), shown.size());
      const std::string word = shown.substr(at, end - at);
      const std::size_t size = columns_of(word);
      if (columns != 0 && columns + 1 + size > room) {
        line(kIndent, row);
        row.clear();
        columns = 0;
      }
      if (columns != 0) row += ' ';
      columns += size + (columns != 0 ? 1 : 0);
      row += word;
      at = end + 1;
    }
    if (!row.empty()) line(kIndent, row);
  }

  void append_summary(const event::ScanSummary& summary) {
    std::string& out = writer_.buffer();
    for (std::size_t i = counts_.size(); i-- > 0;) {
      out += fmt::format("{}{} {}{}{}", counts_[i] == 0 ? palette_.dim : palette_.levels[i],
                         event::kLevelNames[i], count_text(counts_[i]), palette_.reset,
                         i == 0 ? "\n" : "   ");
    }
    out += fmt::format("{} finding{} in {} file{}", count_text(summary.findings),
                       plural(summary.findings), count_text(summary.files), plural(summary.files));
    if (summary.commits != 0)
      out += fmt::format(" of {} commit{}", count_text(summary.commits), plural(summary.commits));
    out += fmt::format(" ({}), {}; {} rule{} loaded in {}\n", size_text(summary.bytes),
                       duration_text(summary.seconds), count_text(summary.rules_loaded),
                       plural(summary.rules_loaded), duration_text(summary.load_seconds));
    const auto say = [&out](std::uint64_t count, std::string_view what) {
      if (count != 0) out += fmt::format("{} {}\n", count_text(count), what);
    };
    if (summary.scanner == "models") append_answer(summary);
    say(summary.cached, "files unchanged since an earlier scan");
    say(summary.in_baseline, "known to the baseline");
    say(summary.allowed, "allowed by a rule's list or a comment");
    say(summary.below_confidence, "taken for noise; --thorough shows the likelier of them");
    say(summary.rules_refused, "rules refused");
    for (const Diagnostic& problem : summary.problems) write_problem(problem);
    for (const event::Skipped& skipped : summary.skipped) {
      line("", fmt::format("{} skipped: {}", count_text(skipped.count), skipped.reason));
      if (!skipped.loss) continue;
      for (std::size_t i = 0; i < std::min(kExamplesShown, skipped.examples.size()); ++i)
        write_problem(skipped.examples[i]);
    }
    if (summary.interrupted) out += "interrupted before the end\n";
  }

  // "May I load this?"
  void append_answer(const event::ScanSummary& summary) {
    using event::Level;
    const auto count = [this](Level level) { return counts_[static_cast<std::size_t>(level)]; };
    const bool lost = std::ranges::any_of(summary.skipped, &event::Skipped::loss);
    std::string_view answer = "nothing was found that loading would run";
    Level level = Level::kInformational;
    if (count(Level::kCritical) + count(Level::kHigh) != 0) {
      answer = "do not load: it would run code, or reach what is not the model's";
      level = Level::kCritical;
    } else if (count(Level::kMedium) != 0) {
      answer = "look before loading: it does what no known library needs";
      level = Level::kMedium;
    } else if (lost) {
      answer = "nothing was found in what could be looked at; the rest is told below";
      level = Level::kMedium;
    }
    writer_.buffer() += fmt::format("{}{}{}\n", palette_.levels[static_cast<std::size_t>(level)],
                                    answer, palette_.reset);
  }

  void write_problem(const Diagnostic& problem) {
    std::string text = to_string(problem.place);
    if (!problem.message.empty()) (text += ": ") += problem.message;
    if (!problem.hint.empty()) (text += "; ") += problem.hint;
    line("  ", text);
  }

  Writer& writer_;  // the caller's, see FindingSinkOptions
  Palette palette_;
  bool evidence_;
  std::size_t width_;
  bool first_ = true;
  std::string path_;  // of the finding before
  LevelCounts counts_{};
  std::set<const event::FindingRule*> told_;  // whose remediation was shown
};

}  // namespace

std::unique_ptr<event::FindingSink> make_finding_table(const FindingSinkOptions& options) {
  if (options.kind == event::FindingClass::kVulnerability) return make_upgrade_table(options);
  return std::make_unique<TableSink>(options);
}

}  // namespace vedette::output
