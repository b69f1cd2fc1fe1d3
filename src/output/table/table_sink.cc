// SPDX-License-Identifier: Apache-2.0
#include "output/table/table_sink.h"

#include <algorithm>
#include <fmt/format.h>

#include "output/alert/alert_json.h"
#include "output/quantity.h"
#include "output/table/summary_text.h"
#include "output/terminal.h"

namespace vedette::output {
namespace {

using event::Role;

constexpr std::size_t kLevelColumns = 8;
constexpr std::size_t kTimeColumns = 19;
constexpr std::size_t kClockColumns = 8;  // the time without its date
constexpr std::size_t kGap = 2;
// Without a terminal's width: columns as on a wide one, and room for a long command line.
constexpr std::size_t kUnboundedWidth = 4096;
constexpr std::size_t kNarrowest = 60;
// Narrower terminals have no room for a date in every line: it stands in a line of its own where it
// changes.
constexpr std::size_t kDateColumnsMin = 100;

constexpr std::array<std::string_view, event::kLevelNames.size()> kShortLevels = {
    "info", "low", "medium", "high", "critical"};

struct Columns {
  std::size_t time = kTimeColumns;
  std::size_t rule = 44;
  std::size_t host = 20;
  std::size_t details = kUnboundedWidth;
};

// The rule's title and the host get their share of what level and time leave; below 60 columns
// lines are allowed to wrap rather than to say nothing.
Columns fit(unsigned width) {
  Columns columns;
  if (width == 0) return columns;
  if (width < kDateColumnsMin) columns.time = kClockColumns;
  const std::size_t fixed = kLevelColumns + columns.time + 4 * kGap;
  const std::size_t free = std::max<std::size_t>(width, kNarrowest) - fixed;
  columns.host = std::clamp<std::size_t>(free / 7, 6, 20);
  columns.rule = std::clamp<std::size_t>(free * 2 / 5, 10, 48);
  const std::size_t used = columns.host + columns.rule;
  columns.details = free > used ? free - used : 1;
  return columns;
}

// "C:\Windows\System32\cmd.exe" and "/usr/bin/sh" by their last part.
std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.find_last_of("/\\");
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

class TableSink : public event::Sink {
 public:
  explicit TableSink(const SinkOptions& options)
      : writer_(options.writer),
        palette_(options.colour ? Palette::with_colour() : Palette()),
        columns_(fit(options.width)) {}

  Result<void> write(const event::Alert& alert) override {
    std::string& out = writer_.buffer();
    if (!header_written_) write_header();
    const auto level = static_cast<std::size_t>(alert.rule->level);
    ++counts_[level];
    read_time(alert);
    out += palette_.levels[level];
    out += kShortLevels[level];
    out += palette_.reset;
    out.append(kLevelColumns - kShortLevels[level].size() + kGap, ' ');
    write_time(alert);
    gap();
    append_column(alert.rule->title, columns_.rule, out);
    gap();
    append_column(where(alert), columns_.host, out);
    gap();
    details_.clear();
    collect_details(alert);
    append_terminal(details_, columns_.details, out);
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
    return writer_.settle();
  }

  Result<void> finish(const event::Summary& summary) override {
    if (header_written_) writer_.buffer() += '\n';
    append_summary_text(summary, counts_, palette_, writer_.buffer());
    return writer_.finish();
  }

 private:
  // "notebook@node-1": the container first, for it says more where the column is narrow.
  std::string_view where(const event::Alert& alert) {
    if (alert.role(Role::kContainer).empty()) return alert.role(Role::kHost);
    where_ = alert.role(Role::kContainer);
    if (!alert.role(Role::kHost).empty()) (where_ += '@') += alert.role(Role::kHost);
    return where_;
  }

  void gap() { writer_.buffer().append(kGap, ' '); }

  void write_header() {
    header_written_ = true;
    std::string& out = writer_.buffer();
    out += palette_.bold;
    append_column("LEVEL", kLevelColumns + kGap, out);
    const bool clock_only = columns_.time == kClockColumns;
    append_column(clock_only ? "UTC" : "TIME (UTC)", columns_.time + kGap, out);
    append_column("RULE", columns_.rule + kGap, out);
    append_column("HOST", columns_.host + kGap, out);
    ((out += "WHAT") += palette_.reset) += '\n';
  }

  // Where lines have no room for the date, and it is another than in the line before, it is
  // written.
  void read_time(const event::Alert& alert) {
    if (!alert.has_time) return;
    const TimeNs second = alert.time / kNsPerSecond - (alert.time % kNsPerSecond < 0 ? 1 : 0);
    if (second != second_ || second_text_.empty()) {  // alerts of one moment come together
      second_ = second;
      second_text_ = format_time(second * kNsPerSecond);
      second_text_[10] = ' ';
      second_text_.resize(kTimeColumns);
    }
    const auto date = std::string_view(second_text_).substr(0, kTimeColumns - kClockColumns - 1);
    if (columns_.time == kTimeColumns || date == date_) return;
    date_ = date;
    (((writer_.buffer() += palette_.dim) += date_) += palette_.reset) += '\n';
  }

  void write_time(const event::Alert& alert) {
    std::string& out = writer_.buffer();
    if (!alert.has_time) {
      append_column("-", columns_.time, out);
      return;
    }
    const std::string_view text = second_text_;
    ((out += palette_.dim) += text.substr(text.size() - columns_.time)) += palette_.reset;
  }

  void part(std::string_view text) {
    if (text.empty()) return;
    if (!details_.empty()) details_ += "  ";
    details_ += text;
  }

  void collect_details(const event::Alert& alert) {
    if (is_folded(alert)) collect_folded(alert);
    part(alert.role(Role::kUser));
    const std::string_view command = alert.role(Role::kCommandLine);
    const std::string_view process = base_name(alert.role(Role::kProcess));
    // A command line that begins with the program says its name already.
    const std::size_t head = std::min(command.size(), alert.role(Role::kProcess).size() + 2);
    if (command.substr(0, head).find(process) == std::string_view::npos) part(process);
    part(command);
    part(alert.role(Role::kTarget));
    part(alert.role(Role::kAddress));
    if (command.empty() && alert.role(Role::kTarget).empty()) {
      part(alert.role(Role::kAction));
      if (process.empty()) collect_matched(alert);
    }
  }

  void collect_folded(const event::Alert& alert) {
    part(fmt::format("x{}", alert.event_count));
    if (alert.has_time && alert.first_time != alert.time) {
      const double seconds =
          static_cast<double>(alert.time - alert.first_time) / static_cast<double>(kNsPerSecond);
      std::string first = format_time(alert.first_time).substr(0, kTimeColumns);
      first[10] = ' ';
      part(fmt::format("since {} ({})", first, duration_text(seconds)));
    }
    for (const event::AlertField& field : alert.group) {
      part(field.name);
      (details_ += '=') += field.value;
    }
    if (alert.rule->correlation && alert.value != static_cast<double>(alert.event_count)) {
      part(fmt::format("value {:g}", alert.value));
    }
  }

  // Nothing is known by role: show what made the rule true.
  void collect_matched(const event::Alert& alert) {
    for (const event::MatchedField& leaf : alert.matched) {
      part(leaf.field.empty() ? leaf.selection : leaf.field);
      (details_ += '=') += leaf.value;
    }
  }

  Writer& writer_;  // the caller's, see SinkOptions
  Palette palette_;
  Columns columns_;
  LevelCounts counts_{};
  bool header_written_ = false;
  std::string details_;
  std::string where_;
  TimeNs second_ = 0;
  std::string second_text_;  // of second_; empty: none yet
  std::string date_;         // that was written last
};

}  // namespace

Result<std::unique_ptr<event::Sink>> make_table_sink(const SinkOptions& options) {
  return std::make_unique<TableSink>(options);
}

}  // namespace vedette::output
