// SPDX-License-Identifier: Apache-2.0
#include "output/table/summary_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "output/quantity.h"
#include "output/refusals.h"
#include "output/terminal.h"

namespace vedette::output {
namespace {

constexpr std::size_t kInputsShown = 10;
constexpr std::size_t kProblemsShown = 3;
constexpr std::size_t kMessageColumns = 200;

void append_counts(const LevelCounts& counts, const Palette& palette, std::string& out) {
  for (std::size_t i = counts.size(); i-- > 0;) {
    const std::string_view style = counts[i] == 0 ? palette.dim : palette.levels[i];
    fmt::format_to(std::back_inserter(out), "{}{} {}{}{}", style, event::kLevelNames[i],
                   count_text(counts[i]), palette.reset, i == 0 ? "\n" : "   ");
  }
}

void append_rate(const event::Summary& summary, std::string& out) {
  fmt::format_to(std::back_inserter(out), "{} alert{} in {} event{} ({}) of {} input{}, {}",
                 count_text(summary.alerts), plural(summary.alerts), count_text(summary.events),
                 plural(summary.events), size_text(summary.bytes),
                 count_text(summary.inputs.size()), plural(summary.inputs.size()),
                 duration_text(summary.seconds));
  if (summary.seconds > 0) {
    const auto rate =
        static_cast<std::uint64_t>(static_cast<double>(summary.events) / summary.seconds);
    fmt::format_to(std::back_inserter(out), ", {} events/s", count_text(rate));
  }
  fmt::format_to(std::back_inserter(out), "\n{} rule{} loaded in {}",
                 count_text(summary.rules_loaded), plural(summary.rules_loaded),
                 duration_text(summary.load_seconds));
  if (summary.rules_refused != 0) {
    fmt::format_to(std::back_inserter(out), ", {} refused (vedette rules lint lists them)",
                   count_text(summary.rules_refused));
  }
  out += '\n';
  for (const std::string& line : refusal_lines(summary)) {
    append_terminal(line, kMessageColumns, out += "  ");
    out += '\n';
  }
}

void append_input(const event::InputReport& input, std::string& out) {
  out += "  ";
  append_terminal(input.name, kMessageColumns, out);
  if (input.skipped != 0) {
    fmt::format_to(std::back_inserter(out), ": {} record{} skipped", count_text(input.skipped),
                   plural(input.skipped));
  }
  if (input.failed) out += input.skipped != 0 ? ", not read to its end" : ": not read to its end";
  out += '\n';
  const std::size_t shown = std::min(input.problems.size(), kProblemsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const Diagnostic& problem = input.problems[i];
    out += "    ";
    append_terminal(to_string(problem.place), kMessageColumns, out);
    out += ": ";
    append_terminal(problem.message, kMessageColumns, out);
    if (!problem.hint.empty()) append_terminal("; " + problem.hint, kMessageColumns, out);
    out += '\n';
  }
  if (input.problems.size() > shown) {
    fmt::format_to(std::back_inserter(out), "    and {} more\n", input.problems.size() - shown);
  }
}

void append_skipped(const event::Summary& summary, const Palette& palette, std::string& out) {
  std::uint64_t inputs = 0;
  for (const event::InputReport& input : summary.inputs) {
    inputs += input.skipped != 0 || input.failed || !input.problems.empty() ? 1 : 0;
  }
  if (inputs == 0) return;
  fmt::format_to(std::back_inserter(out), "{}Skipped:{} {} record{}; {} input{} with problems\n",
                 palette.bold, palette.reset, count_text(summary.skipped), plural(summary.skipped),
                 count_text(inputs), plural(inputs));
  std::size_t shown = 0;
  for (const event::InputReport& input : summary.inputs) {
    if (input.skipped == 0 && !input.failed && input.problems.empty()) continue;
    if (shown++ == kInputsShown) break;
    append_input(input, out);
  }
  if (inputs > kInputsShown) {
    fmt::format_to(std::back_inserter(out), "  and {} more inputs (--stats FILE lists all)\n",
                   inputs - kInputsShown);
  }
}

void append_notes(const event::Summary& summary, std::string& out) {
  if (summary.lost != 0) {
    fmt::format_to(std::back_inserter(out),
                   "{} event{} lost between kernel and program (--ring-size)\n",
                   count_text(summary.lost), plural(summary.lost));
  }
  if (summary.unknown_source != 0) {
    fmt::format_to(std::back_inserter(out),
                   "{} event{} of no known log source: only rules without one saw them\n",
                   count_text(summary.unknown_source), plural(summary.unknown_source));
  }
  if (summary.correlation_late != 0) {
    fmt::format_to(std::back_inserter(out),
                   "{} event{} came too late for correlations (--lateness)\n",
                   count_text(summary.correlation_late), plural(summary.correlation_late));
  }
  if (summary.correlation_evictions != 0) {
    fmt::format_to(std::back_inserter(out),
                   "{} correlation group{} forgotten for lack of room (--state-max)\n",
                   count_text(summary.correlation_evictions),
                   plural(summary.correlation_evictions));
  }
  if (summary.interrupted) out += "Interrupted: what stands above is a part of the input.\n";
}

}  // namespace

Palette Palette::with_colour() {
  Palette palette;
  palette.levels = {"\x1b[2m", "\x1b[36m", "\x1b[33m", "\x1b[31m", "\x1b[1;97;41m"};
  palette.dim = "\x1b[2m";
  palette.bold = "\x1b[1m";
  palette.reset = "\x1b[0m";
  return palette;
}

void append_summary_text(const event::Summary& summary, const LevelCounts& counts,
                         const Palette& palette, std::string& out) {
  append_counts(counts, palette, out);
  append_rate(summary, out);
  append_notes(summary, out);
  append_skipped(summary, palette, out);
}

}  // namespace vedette::output
