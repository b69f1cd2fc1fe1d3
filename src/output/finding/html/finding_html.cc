// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <fmt/format.h>
#include <vector>

#include "output/finding/finding_formats.h"
#include "output/finding/finding_text.h"
#include "output/finding/html/assets.h"
#include "output/html/page.h"
#include "output/quantity.h"
#include "output/sarif_text.h"

namespace vedette::output {
namespace {

// Bounds of a page, so that a browser still opens it; what is above is counted.
constexpr std::uint64_t kFindingsMax = 10'000;
constexpr std::uint64_t kBytesMax = std::uint64_t{48} << 20;
constexpr std::size_t kPlacesMax = 100;  // of one finding
constexpr std::size_t kProblemsShown = 50;

void append_excerpt(const event::Finding& finding, std::string& out) {
  const std::string_view line = finding.excerpt.line;
  if (line.empty()) return;
  const std::size_t begin = std::min<std::size_t>(finding.excerpt.mark, line.size());
  const std::size_t size = std::min<std::size_t>(finding.excerpt.mark_size, line.size() - begin);
  (out += "<pre class=\"mono\">") += visible_markup(line.substr(0, begin));
  if (size != 0) ((out += "<mark>") += visible_markup(line.substr(begin, size))) += "</mark>";
  (out += visible_markup(line.substr(begin + size))) += "</pre>\n";
}

void append_evidence(const event::Finding& finding, std::string& out) {
  if (finding.evidence.empty()) return;
  out += "<ul>";
  for (const event::Evidence& evidence : finding.evidence) {
    out += evidence.weight >= 0 ? "<li class=\"raised\">" : "<li class=\"lowered\">";
    (out += visible_markup(evidence.text)) += "</li>";
  }
  out += "</ul>\n";
}

void append_more(const event::Finding& finding, std::string& out) {
  const event::FindingRule& rule = *finding.rule;
  out += "<details><summary>What to do, and why we believe it</summary>\n";
  if (!rule.description.empty())
    ((out += "<p>") += visible_lines_markup(rule.description)) += "</p>\n";
  if (const std::string& what = remediation_of(finding); !what.empty())
    ((out += "<p>") += visible_lines_markup(what)) += "</p>\n";
  append_evidence(finding, out);
  if (!finding.also_at.empty()) {
    out += fmt::format("<p>Also at {} more places:</p><ul>", finding.also_at.size());
    for (std::size_t i = 0; i < std::min(kPlacesMax, finding.also_at.size()); ++i)
      ((out += "<li>") += visible_markup(place_text(finding.also_at[i]))) += "</li>";
    out += "</ul>\n";
  }
  for (const std::string& reference : rule.references) {
    if (!is_web_address(reference)) continue;
    const std::string text = visible_markup(reference);
    out += fmt::format("<p><a href=\"{}\" rel=\"noreferrer noopener\">{}</a></p>\n", text, text);
  }
  out += fmt::format("<p class=\"soft mono\">{}</p></details>\n", visible_markup(finding.identity));
}

void append_finding(const event::Finding& finding, std::uint64_t number, std::string& out) {
  const std::string_view severity = event::to_string(finding.severity);
  out += fmt::format(
      "<article class=\"finding is-{0}\" id=\"finding-{1}\" data-level=\"{2}\" "
      "data-confidence=\"{3}\">\n<h3><span class=\"badge\">{0}</span><span>{4}</span>"
      "<span class=\"soft mono rule\">{5}</span><span class=\"soft\">{3} confidence, {6:.0f} "
      "%</span></h3>\n",
      severity, number, static_cast<int>(finding.severity), event::to_string(finding.confidence),
      visible_markup(title_of(*finding.rule)), visible_markup(finding.rule->id),
      finding.probability * 100);
  out += fmt::format("<p class=\"place mono\">{}", visible_markup(place_text(finding.place)));
  if (finding.place.commit) {
    const event::FindingCommit& commit = *finding.place.commit;
    out += visible_markup(fmt::format(" since commit {} by {} <{}>, {}: {}",
                                      commit.id.substr(0, 12), commit.author, commit.email,
                                      format_time(commit.time), commit.subject));
  }
  out += "</p>\n";
  if (finding.excerpt.line.empty()) ((out += "<p>") += visible_markup(finding.message)) += "</p>\n";
  if (const std::string said = statement_text(finding); !said.empty())
    out += fmt::format(
        "<p><b>{}</b> {}</p>\n",
        event::is_suppressed(finding) ? "Nothing to do:" : "Known:", visible_markup(said));
  append_excerpt(finding, out);
  append_more(finding, out);
  out += "</article>\n";
}

std::vector<std::string> notes_of(const event::ScanSummary& summary, std::uint64_t left_out) {
  std::vector<std::string> notes;
  const auto note = [&](std::uint64_t count, std::string_view text) {
    if (count != 0) notes.push_back(fmt::format("{} {}", count_text(count), text));
  };
  if (summary.interrupted) notes.emplace_back("The scan was interrupted; this is a part of it.");
  note(left_out, "findings are counted but not listed: the page was full.");
  note(summary.in_baseline, "are known to the baseline.");
  note(summary.suppressed, "are not affected or fixed, as statements of producers say (VEX).");
  note(summary.allowed, "are allowed by a rule's list or a comment.");
  note(summary.below_confidence, "were taken for noise.");
  note(summary.rules_refused, "rules were refused.");
  std::size_t shown = 0;
  const auto example = [&](const Diagnostic& problem) {
    if (shown++ < kProblemsShown)
      notes.push_back(visible(to_string(problem.place) + ": " + problem.message));
  };
  for (const event::Skipped& skipped : summary.skipped) {
    note(skipped.count, "skipped: " + skipped.reason);
    if (!skipped.loss) continue;
    for (const Diagnostic& problem : skipped.examples) example(problem);
  }
  for (const Diagnostic& problem : summary.problems) example(problem);
  note(shown > kProblemsShown ? shown - kProblemsShown : 0, "further problems.");
  return notes;
}

// The list stands before the header in the file, since it is written while the scan runs; the
// style puts the header on top.
class HtmlSink : public event::FindingSink {
 public:
  explicit HtmlSink(const FindingSinkOptions& options)
      : writer_(options.writer), version_(options.version), now_(options.now) {
    append_page_head({.title = "Scan report",
                      .style = findings_style(),
                      .style_sha256 = findings_style_sha256(),
                      .script_sha256 = findings_script_sha256()},
                     writer_.buffer());
    writer_.buffer() += "<div class=\"page findings\">\n<main>\n";
  }

  Result<void> write(const event::Finding& finding) override {
    ++counts_[static_cast<std::size_t>(finding.severity)];
    if (number_ == kFindingsMax || writer_.bytes_written() > kBytesMax) {
      ++left_out_;
      return {};
    }
    std::string& out = writer_.buffer();
    if (number_ == 0 || finding.place.path != path_) {
      if (number_ != 0) out += "</details>\n";
      path_ = finding.place.path;
      out += fmt::format(
          "<details class=\"card group\" open><summary><span class=\"name\">{}</span></summary>\n",
          visible_markup(path_));
    }
    append_finding(finding, ++number_, out);
    return writer_.settle();
  }

  Result<void> finish(const event::ScanSummary& summary) override {
    std::string& out = writer_.buffer();
    out += number_ == 0 ? "<p class=\"none card\">Nothing was found.</p>\n" : "</details>\n";
    out += "</main>\n<div class=\"top-part\">\n";
    append_header(summary, out);
    append_page_notes(notes_of(summary, left_out_), out);
    out += findings_body();
    out += "</div>\n";
    fmt::format_to(std::back_inserter(out), "<footer>Vedette {}</footer>\n</div>\n",
                   visible_markup(version_));
    fmt::format_to(std::back_inserter(out), "<script>{}</script>\n</body>\n</html>\n",
                   findings_script());
    return writer_.finish();
  }

 private:
  void append_header(const event::ScanSummary& summary, std::string& out) const {
    out += "<h1>Scan report</h1>\n<p class=\"facts\">";
    append_page_time(now_, out);
    fmt::format_to(
        std::back_inserter(out), "{} findings in {} files, {} \xC2\xB7 {} rules \xC2\xB7 {}</p>\n",
        count_text(summary.findings), count_text(summary.files), size_text(summary.bytes),
        count_text(summary.rules_loaded), duration_text(summary.seconds));
    append_page_tiles(counts_, out);
  }

  Writer& writer_;  // the caller's, see FindingSinkOptions
  std::string version_;
  TimeNs now_;
  std::array<std::uint64_t, event::kLevelNames.size()> counts_{};
  std::uint64_t number_ = 0;  // of the last finding that is listed
  std::uint64_t left_out_ = 0;
  std::string path_;
};

}  // namespace

std::unique_ptr<event::FindingSink> make_finding_html(const FindingSinkOptions& options) {
  return std::make_unique<HtmlSink>(options);
}

}  // namespace vedette::output
