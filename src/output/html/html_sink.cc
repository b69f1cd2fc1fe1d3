// SPDX-License-Identifier: Apache-2.0
#include "output/html/html_sink.h"

#include <array>
#include <fmt/format.h>
#include <vector>

#include "output/alert/alert_json.h"
#include "output/html/assets.h"
#include "output/html/page.h"
#include "output/html/report_data.h"
#include "output/quantity.h"
#include "output/refusals.h"

namespace vedette::output {
namespace {

using event::Role;

constexpr std::size_t kStillRowsMax = 200;  // alerts that are readable without scripts
constexpr std::size_t kProblemsShown = 50;
constexpr std::size_t kStillValueBytes = 300;

// The gravest alerts as rows of a table, for readers without scripts.
class StillRows {
 public:
  void add(const event::Alert& alert) {
    const auto level = static_cast<std::size_t>(alert.rule->level);
    ++counts_[level];
    if (rows_[level].size() >= kStillRowsMax) return;
    std::string row = "<tr><td>";
    row += event::to_string(alert.rule->level);
    row += "</td><td>";
    if (alert.has_time) row += format_time(alert.time);
    const std::string_view command = alert.role(Role::kCommandLine);
    for (const std::string_view text :
         {std::string_view(alert.rule->title), alert.role(Role::kHost), alert.role(Role::kUser),
          command.empty() ? alert.role(Role::kTarget) : command}) {
      append_html(text.substr(0, kStillValueBytes), row += "</td><td>");
    }
    row += "</td></tr>\n";
    rows_[level].push_back(std::move(row));
  }

  const std::array<std::uint64_t, event::kLevelNames.size()>& counts() const { return counts_; }

  void append(std::string& out) const {
    out +=
        "<noscript><section class=\"card\"><h2>The gravest alerts</h2><p>With scripts this report "
        "shows all alerts, a timeline and the techniques.</p><table class=\"still\"><thead><tr>"
        "<th>Level</th><th>Time</th><th>Rule</th><th>Host</th><th>User</th><th>What</th></tr>"
        "</thead><tbody>\n";
    std::size_t shown = 0;
    for (std::size_t level = rows_.size(); level-- > 0;) {
      for (const std::string& row : rows_[level]) {
        if (shown++ < kStillRowsMax) out += row;
      }
    }
    out += "</tbody></table></section></noscript>\n";
  }

 private:
  std::array<std::uint64_t, event::kLevelNames.size()> counts_{};
  std::array<std::vector<std::string>, event::kLevelNames.size()> rows_;
};

// Sentences about what the report does not show and the run did not see.
std::vector<std::string> notes_of(const event::Summary& summary, const LeftOut& left_out) {
  std::vector<std::string> notes;
  const auto note = [&](std::uint64_t count, std::string_view text) {
    if (count != 0) notes.push_back(fmt::format("{} {}", count_text(count), text));
  };
  if (summary.interrupted) notes.emplace_back("The run was interrupted; this is a part of it.");
  note(left_out.alerts, "alerts are counted but not listed: the report was full.");
  note(left_out.events,
       "alerts are listed without all fields of their event: the room for those was full.");
  note(left_out.values, "long values are cut.");
  note(summary.lost, "events were lost between kernel and program.");
  note(summary.skipped, "records could not be decoded.");
  note(summary.unknown_source,
       "events are of no known log source; only rules without one saw them.");
  note(summary.correlation_late, "events came too late for correlations.");
  note(summary.correlation_evictions, "correlation groups were forgotten for lack of room.");
  note(summary.rules_refused, "rules were refused.");
  for (std::string& line : refusal_lines(summary)) notes.push_back(std::move(line));
  std::size_t shown = 0;
  for (const event::InputReport& input : summary.inputs) {
    if (input.failed) notes.push_back(input.name + " could not be read to its end.");
    for (const Diagnostic& problem : input.problems) {
      if (shown++ < kProblemsShown) {
        notes.push_back(to_string(problem.place) + ": " + problem.message);
      }
    }
  }
  note(shown > kProblemsShown ? shown - kProblemsShown : 0, "further problems of inputs.");
  return notes;
}

class HtmlSink : public event::Sink {
 public:
  explicit HtmlSink(const SinkOptions& options)
      : writer_(options.writer),
        version_(options.version),
        now_(options.now),
        techniques_(Techniques::of_content(options.content)),
        data_(ReportLimits()) {
    append_page_head({.title = "Detection report",
                      .style = report_style(),
                      .style_sha256 = report_style_sha256(),
                      .script_sha256 = report_script_sha256()},
                     writer_.buffer());
    writer_.buffer() += "<script type=\"application/json\" id=\"alerts\">[";
  }

  Result<void> write(const event::Alert& alert) override {
    still_.add(alert);
    const std::string_view row = data_.row(alert);
    if (row.empty()) return {};
    std::string& out = writer_.buffer();
    out += first_ ? "\n" : ",\n";
    first_ = false;
    out += row;
    return writer_.settle();
  }

  Result<void> finish(const event::Summary& summary) override {
    std::string& out = writer_.buffer();
    out += "\n]</script>\n<div class=\"page\">\n";
    append_header(summary, out);
    append_page_notes(notes_of(summary, data_.left_out()), out);
    still_.append(out);
    out += report_body();
    fmt::format_to(std::back_inserter(out), "<footer>Vedette {}</footer>\n</div>\n", version_);
    fmt::format_to(std::back_inserter(out),
                   "<script type=\"application/json\" id=\"meta\">{}</script>\n"
                   "<script>{}</script>\n</body>\n</html>\n",
                   data_.meta(techniques_), report_script());
    return writer_.finish();
  }

  bool wants_event() const override { return true; }

 private:
  void append_header(const event::Summary& summary, std::string& out) const {
    out += "<h1>Detection report</h1>\n<p class=\"facts\">";
    append_page_time(now_, out);
    fmt::format_to(
        std::back_inserter(out),
        "{} alerts in {} events \xC2\xB7 {} inputs, {} \xC2\xB7 {} rules \xC2\xB7 {}</p>\n",
        count_text(summary.alerts), count_text(summary.events), count_text(summary.inputs.size()),
        size_text(summary.bytes), count_text(summary.rules_loaded), duration_text(summary.seconds));
    append_page_tiles(still_.counts(), out);
  }

  Writer& writer_;  // the caller's, see SinkOptions
  std::string version_;
  TimeNs now_;
  Techniques techniques_;
  ReportData data_;
  StillRows still_;
  bool first_ = true;
};

}  // namespace

Result<std::unique_ptr<event::Sink>> make_html_sink(const SinkOptions& options) {
  return std::make_unique<HtmlSink>(options);
}

}  // namespace vedette::output
