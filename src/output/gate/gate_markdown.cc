// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <tuple>
#include <vector>

#include "output/finding/finding_text.h"
#include "output/gate/finding_task.h"
#include "output/gate/gate_formats.h"
#include "output/gate/markdown_text.h"

namespace vedette::output {
namespace {

using event::Judgement;
using event::Verdict;

constexpr std::size_t kRowsMax = 300;    // nobody reads more
constexpr std::size_t kNamesMax = 4;     // of vulnerabilities in one row
constexpr std::size_t kDetailsMax = 10;  // lines of each kind below the tables
constexpr std::size_t kRestPart = 3;     // of all bytes at most a third is below the tables

struct Section {
  std::string_view title;
  std::string_view columns;  // after those that all have: verdict, severity
};
// In the order of Task.
constexpr std::array<Section, kTaskCount> kSections = {{
    {"Upgrade", "dependency | from | to | mends | known | command"},
    {"Without a fix", "dependency | version | vulnerability | known | where"},
    {"Take back and replace", "where | secret | what to do"},
    {"Do not load", "model | what loading it does | what to do"},
    {"Mend in the code", "where | what | what to do"},
    {"Waivers", "where | what | what to do"},
}};

// One line of a table: all findings that one step mends.
struct Row {
  Task task = Task::kCode;
  std::vector<const Judgement*> judgements;  // the gravest first, never empty
  const Judgement& first() const { return *judgements.front(); }
};

std::vector<Row> rows_of(const event::GateReport& report) {
  std::vector<Row> rows;
  std::map<std::string, std::size_t> index;
  for (const Judgement& one : report.judgements) {
    if (one.verdict < Verdict::kWarn) continue;
    const Task task = task_of(*one.finding);
    std::size_t at = rows.size();
    if (task == Task::kUpgrade) {
      const event::FindingVulnerability& what = *one.finding->vulnerability;
      const std::string key =
          what.ecosystem + '\n' + what.package + '\n' + what.version + '\n' + upgrade_of(what);
      at = index.try_emplace(key, rows.size()).first->second;
    }
    if (at == rows.size()) rows.push_back({task, {}});
    rows[at].judgements.push_back(&one);
  }
  return rows;
}

std::string more(std::size_t count, std::size_t shown) {
  return count > shown ? fmt::format(" and {} more", count - shown) : "";
}

std::string shown_place(const event::Finding& finding) {
  event::FindingPlace place = finding.place;
  place.path = path_from_root(finding.place);
  return markdown_text(place_text(place));
}

std::string place_of(const event::Finding& finding) {
  return shown_place(finding) + more(finding.also_at.size() + 1, 1);
}

// What says how pressing it is: the gravest of each over all that the row mends.
std::string known_of(const Row& row) {
  double score = -1;
  double probability = -1;
  bool exploited = false;
  bool ransomware = false;
  for (const Judgement* one : row.judgements) {
    const event::FindingVulnerability& what = *one->finding->vulnerability;
    score = std::max(score, what.score);
    probability = std::max(probability, what.probability);
    exploited = exploited || what.exploited;
    ransomware = ransomware || what.ransomware;
  }
  std::string text;
  const auto add = [&text](const std::string& part) { (text += text.empty() ? "" : ", ") += part; };
  if (exploited) add(ransomware ? "**exploited**, by ransomware" : "**exploited**");
  if (score >= 0) add(fmt::format("CVSS {:.1f}", score));
  if (probability >= 0) add(fmt::format("EPSS {:.1f} %", probability * 100));
  return text;
}

// One vulnerability may be in several places.
std::string names_of(const Row& row) {
  std::vector<std::string_view> names;
  for (const Judgement* one : row.judgements) {
    const std::string_view name = one->finding->rule->id;
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  std::string text;
  for (std::size_t i = 0; i < std::min(kNamesMax, names.size()); ++i)
    (text += text.empty() ? "" : ", ") += markdown_text(names[i]);
  return text + more(names.size(), kNamesMax);
}

std::string cells_of(const Row& row) {
  const event::Finding& finding = *row.first().finding;
  const std::string what = markdown_text(
      finding.message.empty() ? title_of(*finding.rule) : std::string_view(finding.message));
  std::string remedy = markdown_text(remediation_of(finding));
  if (finding.vulnerability) {
    const event::FindingVulnerability& one = *finding.vulnerability;
    const std::string package =
        fmt::format("{} ({})", markdown_text(one.package), markdown_text(one.ecosystem));
    if (row.task == Task::kUpgrade)
      return fmt::format("{} in {} | {} | {} | {} | {} | {}", package, place_of(finding),
                         markdown_text(one.version), markdown_text(upgrade_of(one)), names_of(row),
                         known_of(row), one.command.empty() ? "" : markdown_code(one.command));
    return fmt::format("{} | {} | {} | {} | {}", package, markdown_text(one.version), names_of(row),
                       known_of(row), place_of(finding));
  }
  if (row.task == Task::kRevoke) {
    const auto link = std::ranges::find_if(finding.rule->references, [](const std::string& url) {
      return !markdown_link(url).empty();
    });
    if (link != finding.rule->references.end()) remedy += " " + markdown_link(*link);
    return fmt::format("{} | {} | {}", place_of(finding), markdown_text(title_of(*finding.rule)),
                       remedy);
  }
  return fmt::format("{} | {} | {}", place_of(finding), what, remedy);
}

std::string line_of(const Row& row, bool has_base) {
  const Judgement& first = row.first();
  const bool is_new = std::ranges::any_of(row.judgements, &Judgement::is_new);
  std::string verdict = first.verdict == Verdict::kBlock ? "**block**" : "warn";
  if (has_base) verdict += is_new ? ", new" : ", known";
  return fmt::format("| {} | {} | {} |\n", verdict, event::to_string(first.finding->severity),
                     cells_of(row));
}

std::string head_of(const Section& section) {
  const auto columns = static_cast<std::size_t>(std::ranges::count(section.columns, '|')) + 3;
  std::string text =
      fmt::format("\n#### {}\n\n| verdict | severity | {} |\n|", section.title, section.columns);
  for (std::size_t i = 0; i < columns; ++i) text += "---|";
  return text + "\n";
}

// Why: each clause that decided about something that is shown, once.
std::vector<std::string> reasons_of(const event::GateReport& report) {
  struct Clause {
    const Judgement* first;
    std::size_t count;
  };
  std::vector<Clause> clauses;
  std::map<std::string, std::size_t> index;
  for (const Judgement& one : report.judgements) {
    if (one.verdict < Verdict::kWarn || one.steps.empty()) continue;
    const event::VerdictStep& step = one.steps.back();
    const auto [entry, added] =
        index.try_emplace(step.clause + '\n' + to_string(step.place), clauses.size());
    if (added) clauses.push_back({&one, 0});
    ++clauses[entry->second].count;
  }
  std::vector<std::string> lines;
  for (const Clause& clause : clauses) {
    const event::VerdictStep& step = clause.first->steps.back();
    const std::string where = step.place.file.empty() ? "built in" : to_string(step.place);
    lines.push_back(fmt::format(
        "{} by **{}** ({}): {}; {}", event::to_string(step.after), markdown_text(step.clause),
        markdown_text(where), markdown_text(step.reason),
        clause.count == 1 ? std::string("1 finding") : fmt::format("{} findings", clause.count)));
  }
  return lines;
}

// What else would change the verdict: time, evidence, a waiver.
std::vector<std::string> changes_of(const event::GateReport& report) {
  std::vector<std::string> lines;
  for (const Judgement& one : report.judgements) {
    if (one.verdict != Verdict::kBlock || lines.size() >= kDetailsMax) break;
    for (const event::VerdictChange& change : one.changes) {
      if (change.condition == remediation_of(*one.finding)) continue;
      lines.push_back(fmt::format("{} at {}: {}, {}", markdown_text(one.finding->rule->id),
                                  shown_place(*one.finding), event::to_string(change.verdict),
                                  markdown_text(change.condition)));
    }
  }
  return lines;
}

// Folded text below the tables; of all of it together no more than `left` bytes.
void append_details(std::string_view title, const std::vector<std::string>& lines,
                    std::size_t& left, std::string& out) {
  constexpr std::size_t kFrameBytes = 150;  // title, marks and how many are not shown
  if (lines.empty() || left < title.size() + kFrameBytes) return;
  left -= title.size() + kFrameBytes;
  out += fmt::format("\n<details><summary>{}</summary>\n\n", title);
  std::size_t shown = 0;
  for (const std::string& line : lines) {
    const std::size_t bytes = line.size() + 3;
    if (shown == kDetailsMax || bytes > left) break;
    out += "- " + line + "\n";
    left -= bytes;
    ++shown;
  }
  if (shown < lines.size()) out += fmt::format("- and {} more\n", lines.size() - shown);
  out += "\n</details>\n";
}

std::string rest_of(const event::GateReport& report, std::size_t bytes_max) {
  std::size_t left = bytes_max;
  std::vector<std::string> over;
  for (const event::BudgetCount& one : report.budgets) {
    if (one.found > one.allowed)
      over.push_back(fmt::format("{}: {} new where {} are allowed", markdown_text(one.name),
                                 one.found, one.allowed));
  }
  std::vector<std::string> problems;
  for (const Diagnostic& one : report.problems)
    problems.push_back(markdown_text(to_string(one.place)) + ": " + markdown_text(one.message));
  std::vector<std::string> fixed;
  for (const event::FixedFinding& one : report.fixed)
    fixed.push_back(markdown_text(one.title) + " in " + markdown_text(one.path));
  std::string text;
  append_details("Not scanned, or doubtful", problems, left, text);
  append_details("Budgets that are used up", over, left, text);
  append_details("Why", reasons_of(report), left, text);
  append_details("What else would change it", changes_of(report), left, text);
  append_details("Fixed", fixed, left, text);
  return text;
}

std::string top_of(const event::GateReport& report) {
  constexpr std::array<std::string_view, event::kVerdictNames.size()> kHeads = {
      "nothing to act on", "nothing to act on now", "may be merged, with warnings",
      "must not be merged yet"};
  std::string text =
      fmt::format("### Vedette: {}\n\n{}.\n", kHeads[static_cast<std::size_t>(report.verdict)],
                  counts_text(report));
  if (report.has_base) {
    std::uint64_t known = 0;
    for (const Judgement& one : report.judgements) known += one.is_new ? 0 : 1;
    text += fmt::format("Against the base: {} new, {} known, {} fixed.\n",
                        report.judgements.size() - known, known, report.fixed.size());
  }
  if (report.incomplete)
    text += "\n**Something could not be scanned, so that findings may be missing.**\n";
  return text;
}

// The tables, as far as they fit: what matters least is left out first, and that is said.
std::string tables_of(const event::GateReport& report, std::size_t bytes_max) {
  constexpr std::size_t kSentenceBytes = 200;  // for what is said at the end
  std::vector<Row> rows = rows_of(report);
  const auto key = [](const Row& row) {
    const event::Finding& finding = *row.first().finding;
    const bool exploited = finding.vulnerability && finding.vulnerability->exploited;
    return std::tuple(-static_cast<int>(row.first().verdict), -static_cast<int>(finding.severity),
                      exploited ? 0 : 1, row.task);
  };
  std::ranges::stable_sort(rows, [&](const Row& a, const Row& b) { return key(a) < key(b); });
  std::array<std::string, kTaskCount> tables;
  std::size_t written = 0;
  std::size_t bytes = 0;
  for (const Row& row : rows) {
    std::string& table = tables[static_cast<std::size_t>(row.task)];
    std::string text = table.empty() ? head_of(kSections[static_cast<std::size_t>(row.task)]) : "";
    text += line_of(row, report.has_base);
    if (written == kRowsMax || bytes + text.size() + kSentenceBytes > bytes_max) break;
    bytes += text.size();
    table += text;
    ++written;
  }
  std::string out;
  for (const std::string& table : tables) out += table;
  std::size_t blocking = 0;
  for (std::size_t i = written; i < rows.size(); ++i)
    blocking += rows[i].first().verdict == Verdict::kBlock ? 1 : 0;
  if (written < rows.size())
    out += fmt::format(
        "\n{} more to do, of which {} block, are left out here; the whole report has "
        "them.\n",
        rows.size() - written, blocking);
  return out;
}

std::string text_of(const event::GateReport& report, const GateTextOptions& options,
                    std::string out) {
  out += top_of(report);
  const std::string end = fmt::format(
      "\n<sub>Vedette {}, policy {}{}</sub>\n", options.version, markdown_text(report.policy),
      report.environment.empty() ? "" : ", " + markdown_text(report.environment));
  const std::string rest = rest_of(report, options.bytes_max / kRestPart);
  const std::size_t taken = out.size() + rest.size() + end.size();
  out += tables_of(report, options.bytes_max - std::min(options.bytes_max, taken));
  return out + rest + end;
}

}  // namespace

std::string comment_mark(std::string_view name) {
  return fmt::format("<!-- vedette:gate:{} -->", name);
}

std::string gate_markdown(const event::GateReport& report, const GateTextOptions& options) {
  return text_of(report, options, comment_mark(options.name) + "\n");
}

std::string gate_summary(const event::GateReport& report, const GateTextOptions& options) {
  GateTextOptions whole = options;
  whole.bytes_max = kSummaryBytesMax;
  return text_of(report, whole, "");
}

}  // namespace vedette::output
