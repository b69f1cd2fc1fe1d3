// SPDX-License-Identifier: Apache-2.0
#include "cmd/database/database_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

#include "base/json_writer.h"
#include "output/quantity.h"
#include "output/terminal.h"
#include "vulnerabilities/age.h"

namespace vedette::cmd {
namespace {

using engine::KnownVulnerability;
using formats::advisories::Event;
using formats::advisories::EventKind;
using output::count_text;
using vulnerabilities::AdvisoryRecord;
using vulnerabilities::AffectedRecord;
using vulnerabilities::Database;
using vulnerabilities::DatabaseSummary;
using vulnerabilities::InputRecord;
using vulnerabilities::Range;
using vulnerabilities::RangeType;
using vulnerabilities::Vulnerability;

constexpr std::size_t kColumnsMax = 300;
constexpr std::size_t kEcosystemsShown = 40;
constexpr std::size_t kReferencesShown = 5;

std::string shown(std::string_view text) {
  std::string out;
  output::append_terminal(text, kColumnsMax, out);
  return out;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) (out += out.empty() ? "" : ", ") += text;
  return out;
}

std::string range_text(const Range& range) {
  if (range.type == RangeType::kGit) return "commits of " + range.repository + " (not evaluated)";
  std::string out;
  for (const Event& event : range.events) {
    const bool opens = event.kind == EventKind::kIntroduced;
    const std::string_view sign = opens                                    ? ">="
                                  : event.kind == EventKind::kLastAffected ? "<="
                                                                           : "<";
    out += opens ? (out.empty() ? "" : " or ") : ", ";
    out += opens && event.version == "0" ? "all" : fmt::format("{} {}", sign, event.version);
  }
  return out;
}

std::string affected_text(const AffectedRecord& record) {
  std::string out;
  for (const Range& range : record.ranges) (out += out.empty() ? "" : "; ") += range_text(range);
  if (record.versions.empty()) return out;
  return out + (out.empty() ? "" : "; ") + "versions " + joined(record.versions);
}

void append_use(const Vulnerability& one, std::string& out) {
  if (one.exploited) {
    out += fmt::format("  exploited since {}{}\n", shown(one.exploited_since),
                       one.ransomware ? ", also with ransomware" : "");
  }
  if (one.probability >= 0) {
    out += fmt::format(
        "  probability of exploitation in 30 days {:.2f} % (more than {:.0f} % of all)\n",
        one.probability * 100, one.percentile * 100);
  }
  for (const std::string& exploit : one.exploits)
    out += fmt::format("  exploit {}\n", shown(exploit));
}

void append_one(const KnownVulnerability& one, std::string& out) {
  const Vulnerability& known = one.vulnerability;
  out += shown(known.id);
  if (!one.package.empty()) out += "  " + shown(one.package);
  out += fmt::format("  {}", event::to_string(one.rating.level));
  if (one.rating.score >= 0)
    out += fmt::format(" {:.1f} ({})", one.rating.score, shown(one.rating.vector));
  if (!one.rating.is_known) out += " (nobody says how grave it is)";
  out += '\n';
  if (!known.summary.empty()) out += "  " + shown(known.summary) + '\n';
  if (known.names.size() > 1) out += "  names " + shown(joined(known.names)) + '\n';
  append_use(known, out);
  for (std::size_t i = 0; i < one.advisories.size(); ++i) {
    const AdvisoryRecord& advisory = one.advisories[i];
    out += fmt::format("  {} of {}", shown(advisory.id), shown(advisory.modified.substr(0, 10)));
    if (i < one.affected.size()) out += ": " + shown(affected_text(one.affected[i]));
    out += '\n';
    for (std::size_t j = 0; j < std::min(kReferencesShown, advisory.references.size()); ++j)
      out += "    " + shown(advisory.references[j].url) + '\n';
  }
  if (!one.fixed.empty()) out += "  fixed in " + shown(one.fixed) + '\n';
}

void append_input(const InputRecord& input, JsonWriter& json) {
  json.begin_object().key("name").string(input.name).key("kind").string(input.kind);
  json.key("sha256").string(input.digest).key("date").string(input.date);
  json.key("records").number(input.records).key("unreadable").number(input.unreadable);
  json.key("withdrawn").number(input.withdrawn).end_object();
}

void append_affected(const AffectedRecord& record, JsonWriter& json) {
  constexpr std::array<std::string_view, 4> kEvents = {"introduced", "fixed", "last_affected",
                                                       "limit"};
  constexpr std::array<std::string_view, 3> kTypes = {"SEMVER", "ECOSYSTEM", "GIT"};
  json.key("ranges").begin_array();
  for (const Range& range : record.ranges) {
    json.begin_object().key("type").string(kTypes[static_cast<std::size_t>(range.type)]);
    json.key("evaluated").boolean(range.type != RangeType::kGit).key("events").begin_array();
    for (const Event& event : range.events) {
      json.begin_object().key(kEvents[static_cast<std::size_t>(event.kind)]);
      json.string(event.version).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().key("versions").begin_array();
  for (const std::string& version : record.versions) json.string(version);
  json.end_array();
}

}  // namespace

std::string status_text(const Database& database, const std::string& path, TimeNs now) {
  const DatabaseSummary& summary = database.summary();
  std::string out = fmt::format("{}\n", shown(path));
  const std::optional<int> days = vulnerabilities::age_days(summary, now);
  out += fmt::format("newest advisory  {}{}\n", shown(summary.date),
                     days ? fmt::format("  ({} days ago)", *days) : "");
  out += fmt::format("advisories       {}\nvulnerabilities  {}\npackages         {}\n",
                     count_text(summary.advisories), count_text(summary.vulnerabilities),
                     count_text(summary.packages));
  out += fmt::format("exploited        {}\nwith probability {}\nwith exploits    {}\n",
                     count_text(summary.exploited), count_text(summary.with_probability),
                     count_text(summary.with_exploits));
  if (summary.git_only != 0)
    out += fmt::format("{} entries tell commits only and are not evaluated\n",
                       count_text(summary.git_only));
  if (summary.without_package != 0)
    out += fmt::format("{} entries name no package and are left out\n",
                       count_text(summary.without_package));
  out += "\nbuilt from\n";
  for (const InputRecord& input : summary.inputs) {
    out += fmt::format(
        "  {}  {}  {} records, {} withdrawn, {} unreadable, newest {}\n    sha256 {}\n",
        shown(input.name), input.kind, count_text(input.records), count_text(input.withdrawn),
        count_text(input.unreadable), shown(input.date.substr(0, 10)), input.digest);
  }
  out += "\npackages by ecosystem\n";
  const std::vector<Database::EcosystemCount> ecosystems = database.ecosystems();
  for (std::size_t i = 0; i < std::min(kEcosystemsShown, ecosystems.size()); ++i)
    out += fmt::format("  {}  {}\n", shown(ecosystems[i].name), count_text(ecosystems[i].packages));
  if (ecosystems.size() > kEcosystemsShown)
    out += fmt::format("  and {} more\n", ecosystems.size() - kEcosystemsShown);
  const std::string stale = vulnerabilities::staleness(summary, now);
  if (!stale.empty()) out += fmt::format("\nstale: {}\n", stale);
  return out;
}

std::string status_json(const Database& database, const std::string& path, TimeNs now) {
  const DatabaseSummary& summary = database.summary();
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("path").string(path).key("newest").string(summary.date);
  if (const std::optional<int> days = vulnerabilities::age_days(summary, now))
    json.key("age_days").number(*days);
  json.key("stale").boolean(!vulnerabilities::staleness(summary, now).empty());
  json.key("advisories").number(summary.advisories);
  json.key("vulnerabilities").number(summary.vulnerabilities);
  json.key("packages").number(summary.packages).key("affected").number(summary.affected);
  json.key("exploited").number(summary.exploited);
  json.key("with_probability").number(summary.with_probability);
  json.key("with_exploits").number(summary.with_exploits);
  json.key("git_only").number(summary.git_only);
  json.key("without_package").number(summary.without_package);
  json.key("inputs").begin_array();
  for (const InputRecord& input : summary.inputs) append_input(input, json);
  json.end_array().key("ecosystems").begin_object();
  for (const Database::EcosystemCount& one : database.ecosystems())
    json.key(one.name).number(one.packages);
  json.end_object().end_object();
  return out + '\n';
}

std::string lookup_text(const std::vector<KnownVulnerability>& found) {
  std::string out;
  for (const KnownVulnerability& one : found) {
    if (!out.empty()) out += '\n';
    append_one(one, out);
  }
  return out;
}

std::string lookup_json(const std::vector<KnownVulnerability>& found,
                        const DatabaseSummary& summary) {
  std::string out;
  JsonWriter json(out);
  json.begin_array();
  for (const KnownVulnerability& one : found) {
    const Vulnerability& known = one.vulnerability;
    json.begin_object().key("id").string(known.id).key("names").begin_array();
    for (const std::string& name : known.names) json.string(name);
    json.end_array();
    if (!one.package.empty()) json.key("package").string(one.package);
    json.key("summary").string(known.summary);
    json.key("severity").string(event::to_string(one.rating.level));
    if (one.rating.score >= 0)
      json.key("score").number(one.rating.score).key("vector").string(one.rating.vector);
    json.key("exploited").boolean(known.exploited).key("ransomware").boolean(known.ransomware);
    if (known.exploited) json.key("exploited_since").string(known.exploited_since);
    if (known.probability >= 0)
      json.key("probability").number(known.probability).key("percentile").number(known.percentile);
    json.key("exploits").begin_array();
    for (const std::string& exploit : known.exploits) json.string(exploit);
    json.end_array();
    if (!one.fixed.empty()) json.key("fixed").string(one.fixed);
    json.key("advisories").begin_array();
    for (std::size_t i = 0; i < one.advisories.size(); ++i) {
      const AdvisoryRecord& advisory = one.advisories[i];
      json.begin_object().key("id").string(advisory.id).key("modified").string(advisory.modified);
      json.key("published").string(advisory.published).key("details").string(advisory.details);
      if (advisory.input < summary.inputs.size())
        json.key("input").string(summary.inputs[advisory.input].name);
      json.key("place").string(advisory.place).key("references").begin_array();
      for (const vulnerabilities::Reference& reference : advisory.references)
        json.string(reference.url);
      json.end_array();
      if (i < one.affected.size()) append_affected(one.affected[i], json);
      json.end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
  return out + '\n';
}

}  // namespace vedette::cmd
