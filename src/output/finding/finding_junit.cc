// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <vector>

#include "output/finding/finding_formats.h"
#include "output/finding/finding_text.h"
#include "output/quantity.h"

namespace vedette::output {
namespace {

// A suite that is written before its file ends; the next has the same name.
constexpr std::size_t kSuiteCasesMax = 10'000;

// A suite for each file with findings, whose tests all fail, and one for the scan itself, so that a
// service shows a passed test where nothing was found, and what could not be read as errors.
class JunitSink : public event::FindingSink {
 public:
  explicit JunitSink(const FindingSinkOptions& options)
      : writer_(options.writer), now_(options.now) {
    writer_.buffer() +=
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"vedette scan\">\n";
  }

  Result<void> write(const event::Finding& finding) override {
    if (finding.place.path != path_ || count_ == kSuiteCasesMax) end_suite();
    path_ = finding.place.path;
    ++count_;
    const event::FindingPlace& place = finding.place;
    cases_ += fmt::format("<testcase classname=\"{}\" name=\"{}\" file=\"{}\"",
                          visible_markup(finding.rule->id),
                          visible_markup(title_of(*finding.rule) + " at " + place_text(place)),
                          visible_markup(place.path));
    if (place.line != 0) cases_ += fmt::format(" line=\"{}\"", place.line);
    if (event::is_suppressed(finding)) {
      ++skipped_;
      cases_ += fmt::format("><skipped message=\"{}\"/></testcase>\n",
                            visible_markup(statement_text(finding)));
      return writer_.settle();
    }
    cases_ += fmt::format("><failure type=\"{}\" message=\"{}\">",
                          event::to_string(finding.severity), visible_markup(finding.message));
    cases_ += text_of(finding) + "</failure></testcase>\n";
    return writer_.settle();
  }

  Result<void> finish(const event::ScanSummary& summary) override {
    end_suite();
    std::string cases = fmt::format(
        "<testcase classname=\"vedette\" name=\"{} in {} files ({}), {} rules\" "
        "time=\"{:.3f}\"/>\n",
        visible_markup(summary.scanner), count_text(summary.files), size_text(summary.bytes),
        count_text(summary.rules_loaded), summary.seconds);
    std::size_t errors = 0;
    const auto fail = [&](std::string_view name, std::string_view text) {
      ++errors;
      cases += fmt::format(
          "<testcase classname=\"vedette\" name=\"{0}\"><error message=\"{0}\">{1}</error>"
          "</testcase>\n",
          visible_markup(name), text);
    };
    if (summary.interrupted) fail("the scan was interrupted", "");
    for (const event::Skipped& skipped : summary.skipped) {
      if (!skipped.loss) continue;
      fail(fmt::format("{} skipped: {}", count_text(skipped.count), skipped.reason),
           lines_of(skipped.examples));
    }
    if (!summary.problems.empty()) {
      fail(fmt::format("{} problems of rules and targets", summary.problems.size()),
           lines_of(summary.problems));
    }
    writer_.buffer() += fmt::format(
        "<testsuite name=\"scan\" tests=\"{}\" failures=\"0\" errors=\"{}\" time=\"{:.3f}\"{}>\n",
        errors + 1, errors, summary.seconds, timestamp());
    writer_.buffer() += cases + "</testsuite>\n</testsuites>\n";
    return writer_.finish();
  }

 private:
  static std::string text_of(const event::Finding& finding) {
    std::string text;
    if (!finding.excerpt.line.empty()) text += visible_markup(finding.excerpt.line) + '\n';
    if (finding.place.commit) {
      const event::FindingCommit& commit = *finding.place.commit;
      text += visible_markup(
          fmt::format("commit {} by {}, {}", commit.id, commit.author, format_time(commit.time)));
      text += '\n';
    }
    for (const event::FindingPlace& place : finding.also_at)
      text += "also at " + visible_markup(place_text(place)) + '\n';
    return text + visible_lines_markup(remediation_of(finding));
  }

  static std::string lines_of(const std::vector<Diagnostic>& diagnostics) {
    std::string text;
    for (const Diagnostic& each : diagnostics)
      text += visible_markup(to_string(each.place) + ": " + each.message) + '\n';
    return text;
  }

  std::string timestamp() const {
    if (now_ == 0) return {};
    return fmt::format(" timestamp=\"{}\"", format_time(now_ / kNsPerSecond * kNsPerSecond));
  }

  void end_suite() {
    if (count_ == 0) return;
    const std::string skipped = skipped_ == 0 ? "" : fmt::format(" skipped=\"{}\"", skipped_);
    writer_.buffer() +=
        fmt::format("<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\"{}{}>\n",
                    visible_markup(path_), count_, count_ - skipped_, skipped, timestamp());
    writer_.buffer() += cases_ + "</testsuite>\n";
    cases_.clear();
    count_ = skipped_ = 0;
  }

  Writer& writer_;  // the caller's, see FindingSinkOptions
  TimeNs now_;
  std::string path_;   // of the suite
  std::string cases_;  // of the suite
  std::size_t count_ = 0;
  std::size_t skipped_ = 0;  // of these
};

}  // namespace

std::unique_ptr<event::FindingSink> make_finding_junit(const FindingSinkOptions& options) {
  return std::make_unique<JunitSink>(options);
}

}  // namespace vedette::output
