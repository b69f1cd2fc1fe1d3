// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <map>
#include <vector>

#include "output/finding/finding_text.h"
#include "output/gate/gate_formats.h"

namespace vedette::output {
namespace {

using event::Judgement;
using event::Verdict;

// A comment of GitHub's holds 65,536 characters.
constexpr std::size_t kBytesMax = 60'000;
constexpr std::size_t kRowsMax = 20;
constexpr std::size_t kCellBytesMax = 300;

// Text of others that must not become a link, a mention, a tag or a cell of its own.
std::string escaped(std::string_view text) {
  constexpr std::string_view kMeaning = "\\`*_{}[]()#+!|~$";
  std::string out;
  for (const char c : visible(text)) {
    if (kMeaning.find(c) != std::string_view::npos) {
      out += '\\';
      out += c;
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '@') {
      out += "&#64;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string cell(std::string_view text) {
  if (text.size() <= kCellBytesMax) return escaped(text);
  std::size_t end = kCellBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return escaped(text.substr(0, end)) + "…";
}

// Findings that one thing mends.
struct Group {
  std::string what;  // to do
  Verdict verdict = Verdict::kAllow;
  std::vector<const Judgement*> judgements;
};

std::string what_of(const event::Finding& finding) {
  if (!finding.vulnerability) return remediation_of(finding);
  const event::FindingVulnerability& one = *finding.vulnerability;
  if (one.upgrade.empty())
    return fmt::format("No fix is known for {} {}", one.package, one.version);
  std::string text = fmt::format("Update {} from {} to {}", one.package, one.version, one.upgrade);
  if (!one.command.empty()) text += ": " + one.command;
  return text;
}

// In the order of the report: the gravest first.
std::vector<Group> groups_of(const event::GateReport& report) {
  std::vector<Group> groups;
  std::map<std::string, std::size_t> index;
  for (const Judgement& one : report.judgements) {
    if (one.verdict < Verdict::kWarn) continue;
    std::string what = what_of(*one.finding);
    const auto [entry, added] = index.try_emplace(what, groups.size());
    if (added) groups.push_back({std::move(what), one.verdict, {}});
    groups[entry->second].judgements.push_back(&one);
  }
  return groups;
}

std::string known_of(const event::Finding& finding) {
  if (!finding.vulnerability) return escaped(title_of(*finding.rule));
  const event::FindingVulnerability& one = *finding.vulnerability;
  std::string text = escaped(finding.rule->id);
  if (one.score >= 0) text += fmt::format(", CVSS {:.1f}", one.score);
  if (one.probability >= 0) text += fmt::format(", EPSS {:.1f} %", one.probability * 100);
  if (one.exploited) text += ", **exploited**";
  if (!one.fixed.empty()) text += ", fixed in " + escaped(one.fixed);
  return text;
}

void append_group(const Group& group, std::string& out) {
  out += fmt::format("\n**{}** {}\n\n| verdict | severity | where | what |\n|---|---|---|---|\n",
                     group.verdict == Verdict::kBlock ? "To do:" : "Better:", cell(group.what));
  std::size_t rows = 0;
  for (const Judgement* one : group.judgements) {
    if (++rows > kRowsMax) {
      out += fmt::format("| | | and {} more | |\n", group.judgements.size() - kRowsMax);
      break;
    }
    const event::Finding& finding = *one->finding;
    out += fmt::format("| {} by {} | {} | {} | {} |\n", event::to_string(one->verdict),
                       one->steps.empty() ? "" : escaped(one->steps.back().clause),
                       event::to_string(finding.severity), cell(place_text(finding.place)),
                       known_of(finding));
  }
}

void append_rest(const event::GateReport& report, std::string& out) {
  for (const event::BudgetCount& one : report.budgets) {
    if (one.found > one.allowed)
      out += fmt::format("\nBudget {}: {} new where {} are allowed.\n", escaped(one.name),
                         one.found, one.allowed);
  }
  if (!report.problems.empty()) {
    out += "\n<details><summary>Not scanned, or doubtful</summary>\n\n";
    for (const Diagnostic& one : report.problems)
      out += fmt::format("- {}: {}\n", cell(to_string(one.place)), cell(one.message));
    out += "\n</details>\n";
  }
}

}  // namespace

std::string gate_markdown(const event::GateReport& report, const GateTextOptions& options) {
  std::string out(kCommentMark);
  constexpr std::string_view kHeads[] = {"nothing found", "nothing to act on now",
                                         "may be merged, with warnings", "must not be merged yet"};
  out +=
      fmt::format("\n### Vedette: {}\n\n{}{}.\n", kHeads[static_cast<std::size_t>(report.verdict)],
                  counts_text(report), report.has_base ? ", compared with the base" : "");
  if (report.incomplete)
    out += "\n**Something could not be scanned, so that findings may be missing.**\n";
  const std::vector<Group> groups = groups_of(report);
  std::size_t written = 0;
  for (const Group& group : groups) {
    std::string text;
    append_group(group, text);
    if (out.size() + text.size() > kBytesMax) break;
    out += text;
    ++written;
  }
  if (written < groups.size())
    out += fmt::format("\n{} more to do; the whole report has them.\n", groups.size() - written);
  std::string rest;
  append_rest(report, rest);
  if (out.size() + rest.size() <= kBytesMax) out += rest;
  out +=
      fmt::format("\n<sub>Vedette {}, policy {}</sub>\n", options.version, escaped(report.policy));
  return out;
}

}  // namespace vedette::output
