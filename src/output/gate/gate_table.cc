// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "output/finding/finding_text.h"
#include "output/gate/gate_formats.h"
#include "output/gate/stage_formats.h"
#include "output/table/summary_text.h"

namespace vedette::output {
namespace {

using event::Verdict;

class Table {
 public:
  Table(const event::GateReport& report, const GateTextOptions& options)
      : report_(report),
        options_(options),
        palette_(options.colour ? Palette::with_colour() : Palette()) {}

  std::string write() {
    for (const event::Judgement& one : report_.judgements) {
      const bool shown = one.verdict >= Verdict::kWarn || options_.explain;
      if (shown) write_judgement(one);
    }
    for (const event::BudgetCount& one : report_.budgets) {
      if (one.found > one.allowed)
        out_ += fmt::format("budget {}: {} new where {} are allowed\n", visible(one.name),
                            one.found, one.allowed);
    }
    for (const Diagnostic& one : report_.problems) {
      out_ += fmt::format("{}: {}", visible(to_string(one.place)), visible(one.message));
      if (!one.hint.empty()) out_ += "; " + visible(one.hint);
      out_ += '\n';
    }
    if (!report_.stages.empty()) out_ += stage_table(report_.stages) + "\n";
    out_ += fmt::format("{}{}{}{}: {} (policy: {}{}{})\n", palette_.bold, colour(report_.verdict),
                        event::to_string(report_.verdict), palette_.reset, counts_text(report_),
                        visible(report_.policy),
                        report_.environment.empty() ? "" : ", " + visible(report_.environment),
                        report_.has_base ? ", compared with the base" : "");
    if (report_.incomplete)
      out_ += "incomplete: something was not scanned, so that findings may be missing\n";
    return std::move(out_);
  }

 private:
  std::string_view colour(Verdict verdict) const {
    if (verdict == Verdict::kBlock)
      return palette_.levels[static_cast<std::size_t>(event::Level::kCritical)];
    return verdict == Verdict::kWarn
               ? palette_.levels[static_cast<std::size_t>(event::Level::kMedium)]
               : "";
  }

  void write_judgement(const event::Judgement& one) {
    const event::Finding& finding = *one.finding;
    out_ += fmt::format("{}{}{:<5}{} {} {}{}{}\n", palette_.bold, colour(one.verdict),
                        event::to_string(one.verdict), palette_.reset,
                        event::to_string(finding.severity), palette_.bold,
                        visible(place_text(finding.place)), palette_.reset);
    out_ += fmt::format(
        "      {}\n", visible(finding.message.empty() ? title_of(*finding.rule) : finding.message));
    for (std::size_t i = 0; i < one.steps.size(); ++i) {
      const bool last = i + 1 == one.steps.size();
      if (last || options_.explain) write_step(one.steps[i]);
    }
    std::size_t left = options_.explain ? one.changes.size() : 1;
    for (const event::VerdictChange& change : one.changes) {
      if (left-- == 0) break;
      out_ += fmt::format("      {}{}: {}\n", palette_.dim, event::to_string(change.verdict),
                          std::string(palette_.reset) + visible(change.condition));
    }
    if (options_.explain) out_ += fmt::format("      finding {}\n", finding.identity);
    out_ += '\n';
  }

  void write_step(const event::VerdictStep& step) {
    out_ += fmt::format("      {} by {}", event::to_string(step.after), visible(step.clause));
    if (!step.place.file.empty()) out_ += fmt::format(" ({})", visible(to_string(step.place)));
    if (!step.reason.empty()) out_ += ": " + visible(step.reason);
    out_ += '\n';
  }

  const event::GateReport& report_;
  const GateTextOptions& options_;
  Palette palette_;
  std::string out_;
};

}  // namespace

std::string gate_table(const event::GateReport& report, const GateTextOptions& options) {
  return Table(report, options).write();
}

}  // namespace vedette::output
