// SPDX-License-Identifier: Apache-2.0
#include "output/package/diff_formats.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "output/finding/finding_json.h"
#include "output/finding/finding_text.h"
#include "output/quantity.h"
#include "output/table/summary_text.h"
#include "output/terminal.h"

namespace vedette::output {
namespace {

using formats::packages::ChangeKind;
using formats::packages::PackageChange;

constexpr std::size_t kLineMax = 400;

std::string_view name_of(ChangeKind kind) {
  return formats::packages::kChangeNames[static_cast<std::size_t>(kind)];
}

// In the order in which reports have them.
struct Section {
  std::string_view name;
  std::vector<const event::Finding*> event::FindingChanges::* findings;
};
constexpr std::array<Section, 3> kSections = {{{"new", &event::FindingChanges::appeared},
                                               {"fixed", &event::FindingChanges::fixed},
                                               {"unchanged", &event::FindingChanges::unchanged}}};

void append_change(const PackageChange& change, JsonWriter& json) {
  json.begin_object().key("type").string("package").key("change").string(name_of(change.kind));
  json.key("ecosystem").string(names_of(change.ecosystem).purl).key("name").string(change.name);
  if (!change.before.empty()) json.key("before").string(change.before);
  if (!change.after.empty()) json.key("after").string(change.after);
  if (!change.purl.empty()) json.key("purl").string(change.purl);
  json.end_object();
}

std::array<std::uint64_t, 4> count_changes(const DiffReport& report) {
  std::array<std::uint64_t, 4> counts{};
  for (const PackageChange& change : report.packages.changes)
    ++counts[static_cast<std::size_t>(change.kind)];
  return counts;
}

void append_summary(const DiffReport& report, JsonWriter& json) {
  json.begin_object().key("type").string("summary");
  json.key("before").string(report.before).key("after").string(report.after);
  json.key("packages").begin_object();
  const auto counts = count_changes(report);
  for (std::size_t i = 0; i < counts.size(); ++i)
    json.key(formats::packages::kChangeNames[i]).number(counts[i]);
  json.key("unchanged").number(report.packages.unchanged).end_object();
  if (report.findings != nullptr) {
    json.key("vulnerabilities").begin_object();
    for (const Section& section : kSections)
      json.key(section.name).number(std::uint64_t{(report.findings->*section.findings).size()});
    json.end_object();
  }
  json.end_object();
}

Result<void> write_json(const DiffReport& report, const DiffReportOptions& options) {
  JsonWriter json(options.writer.buffer());
  json.begin_object().key("packages").begin_array();
  for (const PackageChange& change : report.packages.changes) {
    append_change(change, json);
    TRY_VOID(options.writer.settle());
  }
  json.end_array();
  if (report.findings != nullptr) {
    json.key("vulnerabilities").begin_object();
    for (const Section& section : kSections) {
      json.key(section.name).begin_array();
      for (const event::Finding* finding : report.findings->*section.findings) {
        append_finding(*finding, json);
        TRY_VOID(options.writer.settle());
      }
      json.end_array();
    }
    json.end_object();
  }
  json.key("summary");
  append_summary(report, json);
  json.end_object();
  options.writer.buffer() += '\n';
  return options.writer.finish();
}

Result<void> write_ndjson(const DiffReport& report, const DiffReportOptions& options) {
  std::string& out = options.writer.buffer();
  for (const PackageChange& change : report.packages.changes) {
    JsonWriter json(out);
    append_change(change, json);
    out += '\n';
    TRY_VOID(options.writer.settle());
  }
  for (const Section& section : kSections) {
    if (report.findings == nullptr) break;
    for (const event::Finding* finding : report.findings->*section.findings) {
      JsonWriter json(out);
      json.begin_object().key("type").string("vulnerability").key("change").string(section.name);
      json.key("finding");
      append_finding(*finding, json);
      json.end_object();
      out += '\n';
      TRY_VOID(options.writer.settle());
    }
  }
  JsonWriter json(out);
  append_summary(report, json);
  out += '\n';
  return options.writer.finish();
}

std::string text_of(const PackageChange& change) {
  switch (change.kind) {
    case ChangeKind::kAdded:
      return change.name + ' ' + change.after;
    case ChangeKind::kRemoved:
      return change.name + ' ' + change.before;
    case ChangeKind::kUpgraded:
    case ChangeKind::kDowngraded:
      break;
  }
  return fmt::format("{} {} to {}", change.name, change.before, change.after);
}

std::string summary_text(const DiffReport& report) {
  const auto counts = count_changes(report);
  std::string text =
      fmt::format("packages: {} added, {} removed, {} upgraded, {} downgraded, {} unchanged",
                  count_text(counts[0]), count_text(counts[1]), count_text(counts[2]),
                  count_text(counts[3]), count_text(report.packages.unchanged));
  if (report.findings == nullptr) return text;
  const event::FindingChanges& findings = *report.findings;
  return text + fmt::format("; vulnerabilities: {} new, {} fixed, {} unchanged",
                            count_text(findings.appeared.size()), count_text(findings.fixed.size()),
                            count_text(findings.unchanged.size()));
}

std::string text_of(const event::Finding& finding) {
  const event::FindingVulnerability& one = *finding.vulnerability;
  std::string text = fmt::format("{} {} {}", one.package, one.version, finding.rule->id);
  if (one.score >= 0) text += fmt::format(" {:.1f}", one.score);
  if (one.exploited) text += " exploited";
  if (const std::string& title = title_of(*finding.rule); title != finding.rule->id)
    text += ": " + title;
  return text;
}

Result<void> write_table(const DiffReport& report, const DiffReportOptions& options) {
  std::string& out = options.writer.buffer();
  const std::size_t width =
      options.width == 0 ? kLineMax : std::max<std::size_t>(options.width, 40);
  const Palette palette = options.colour ? Palette::with_colour() : Palette();
  const auto line = [&](std::string_view before, std::string_view text) {
    out += before;
    append_terminal(text, width - before.size(), out);
    out += '\n';
  };
  line("", fmt::format("{} to {}", report.before, report.after));
  constexpr std::array<std::string_view, 4> kMarks = {"  + ", "  - ", "  ^ ", "  v "};
  for (const PackageChange& change : report.packages.changes) {
    line(kMarks[static_cast<std::size_t>(change.kind)], text_of(change));
    TRY_VOID(options.writer.settle());
  }
  if (report.findings != nullptr) {
    for (const Section& section : kSections) {
      const auto& findings = report.findings->*section.findings;
      // What stays is only counted.
      if (findings.empty() || section.name == "unchanged") continue;
      out += fmt::format("\n{}{} vulnerabilities{}\n", palette.bold, section.name, palette.reset);
      for (const event::Finding* finding : findings) {
        out += fmt::format("  {}{:<13}{} ",
                           palette.levels[static_cast<std::size_t>(finding->severity)],
                           event::to_string(finding->severity), palette.reset);
        append_terminal(text_of(*finding), width - 16, out);
        out += '\n';
        TRY_VOID(options.writer.settle());
      }
    }
  }
  out += '\n';
  line("", summary_text(report));
  return options.writer.finish();
}

// Text of others stays text: no markup, no link, no new cell.
std::string markdown(std::string_view text) {
  std::string out;
  for (const char c : visible(text)) {
    if (std::string_view("\\`*_[]<>#!|~&$@").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

Result<void> write_markdown(const DiffReport& report, const DiffReportOptions& options) {
  std::string& out = options.writer.buffer();
  out += fmt::format("### {} to {}\n\n{}\n", markdown(report.before), markdown(report.after),
                     summary_text(report));
  if (report.findings != nullptr) {
    for (const Section& section : kSections) {
      const auto& findings = report.findings->*section.findings;
      if (findings.empty() || section.name == "unchanged") continue;
      out += fmt::format(
          "\n**{} vulnerabilities**\n\n| severity | vulnerability | package | fixed in | |\n"
          "|---|---|---|---|---|\n",
          section.name);
      for (const event::Finding* finding : findings) {
        const event::FindingVulnerability& one = *finding->vulnerability;
        const std::string& title = title_of(*finding->rule);
        out += fmt::format("| {}{} | {} | {} {} | {} | {} |\n", event::to_string(finding->severity),
                           one.exploited ? ", exploited" : "", markdown(finding->rule->id),
                           markdown(one.package), markdown(one.version), markdown(one.fixed),
                           title == finding->rule->id ? "" : markdown(title));
        TRY_VOID(options.writer.settle());
      }
    }
  }
  if (!report.packages.changes.empty())
    out += "\n| change | package | before | after |\n|---|---|---|---|\n";
  for (const PackageChange& change : report.packages.changes) {
    out += fmt::format("| {} | {} | {} | {} |\n", name_of(change.kind), markdown(change.name),
                       markdown(change.before), markdown(change.after));
    TRY_VOID(options.writer.settle());
  }
  return options.writer.finish();
}

constexpr std::array<DiffFormat, 4> kFormats = {{{"json", write_json},
                                                 {"markdown", write_markdown},
                                                 {"ndjson", write_ndjson},
                                                 {"table", write_table}}};

}  // namespace

std::span<const DiffFormat> diff_formats() { return kFormats; }

const DiffFormat* diff_format(std::string_view name) {
  const auto* const found = std::ranges::find(kFormats, name, &DiffFormat::name);
  return found == kFormats.end() ? nullptr : &*found;
}

}  // namespace vedette::output
