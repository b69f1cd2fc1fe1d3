// SPDX-License-Identifier: Apache-2.0
// CycloneDX 1.4 to 1.6 as JSON: one finding for each component that a vulnerability affects.
#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>

#include "formats/advisories/cvss.h"
#include "formats/findings/others_report.h"
#include "formats/packages/purl_parts.h"
#include "formats/packages/purl_reader.h"
#include "formats/packages/text.h"
#include "formats/vex/vex.h"

namespace vedette::formats::findings {
namespace {

using packages::Member;
using packages::Node;

constexpr std::size_t kNamesMax = 100;
constexpr std::string_view kOurs = "vedette:";

class BillReader {
 public:
  BillReader(const Node& root, FindingReport& report)
      : root_(root), report_(report), book_(report), tool_(tool_name()) {}

  Result<void> read() {
    report_.scanner = tool_;
    if (!root_["vulnerabilities"].is_list())
      return failure(
          ErrorCode::kInvalid,
          report_.name +
              ": expected \"vulnerabilities\", found a bill of materials without; look "
              "for them with `vedette scan packages`, or have the tool that wrote it do so");
    know(root_["metadata"]["component"]);
    std::vector<const Node*> open = {&root_["components"],
                                     &root_["metadata"]["component"]["components"]};
    for (std::size_t i = 0; i < open.size(); ++i) {
      for (const Member& one : open[i]->members) {
        know(one.value);
        if (one.value["components"].is_list()) open.push_back(&one.value["components"]);
      }
    }
    for (const Member& one : root_["vulnerabilities"].members) TRY_VOID(add(one.value));
    return {};
  }

 private:
  // A list of names, or of components of tools (1.5).
  std::string tool_name() const {
    const Node& tools = root_["metadata"]["tools"];
    const Node& list = tools.is_list() ? tools : tools["components"];
    if (list.members.empty()) return "CycloneDX";
    const std::string_view name = list.members.front().value["name"].text;
    return name.empty() ? "CycloneDX" : bounded(name);
  }

  void know(const Node& component) {
    for (const std::string_view key : {component["bom-ref"].text, component["purl"].text}) {
      if (!key.empty()) components_.try_emplace(std::string(key), &component);
    }
  }

  Result<void> add(const Node& node) {
    if (!node["id"].is_text() || node["id"].text.empty())
      return unexpected_shape(report_.name, node, "a vulnerability with its \"id\"");
    event::Finding finding;
    finding.kind = event::FindingClass::kVulnerability;
    finding.confidence = event::Confidence::kHigh;
    finding.probability = 0.9;
    finding.vulnerability = facts_of(node);
    finding.severity = rate(node, *finding.vulnerability);
    finding.rule = rule_for(node, finding.severity);
    finding.remediation = bounded(node["recommendation"].text);
    const Node& affected = node["affects"];
    // Nobody tells of what: it is there all the same.
    if (affected.members.empty()) add_finding(node, {}, finding);
    for (const Member& one : affected.members) add_affected(node, one.value, finding);
    return {};
  }

  void add_affected(const Node& node, const Node& one, const event::Finding& finding) {
    const std::string reference = reference_of(one["ref"].text);
    std::vector<std::string_view> versions;
    std::string_view unaffected;
    for (const Member& version : one["versions"].members) {
      const bool is_free = version.value["status"].text == "unaffected";
      // Ours say so of what a statement of the producer took out: as the analysis does.
      if (is_free && !version.value["version"].text.empty())
        unaffected = version.value["version"].text;
      if (!is_free && version.value["version"].is_text())
        versions.push_back(version.value["version"].text);
    }
    event::Finding made = finding;
    event::FindingVulnerability& facts = *made.vulnerability;
    if (versions.size() == 1) facts.version = bounded(versions.front());
    if (facts.fixed.empty() && !versions.empty()) facts.fixed = bounded(unaffected);
    add_finding(node, reference, std::move(made));
  }

  // A component of here or, by BOM-Link, of another bill; its fragment is escaped as a whole.
  std::string reference_of(std::string_view reference) const {
    if (components_.contains(std::string(reference)) || !reference.starts_with("urn:cdx:"))
      return std::string(reference);
    const packages::Halves halves = packages::cut_last(reference, "#");
    if (components_.contains(std::string(halves.behind))) return std::string(halves.behind);
    return packages::percent_decoded(halves.behind);
  }

  void add_finding(const Node& node, const std::string& reference, event::Finding finding) {
    event::FindingVulnerability& facts = *finding.vulnerability;
    const auto found = components_.find(reference);
    static const Node kNothing;
    const Node& component = found == components_.end() ? kNothing : *found->second;
    std::string_view purl = component["purl"].text;
    if (purl.empty() && reference.starts_with("pkg:")) purl = reference;
    const auto package = packages::package_of_purl(purl);
    std::string type;
    std::string distribution;
    if (package) {
      facts.purl = bounded(purl);
      facts.package = bounded(package->name);
      if (facts.version.empty()) facts.version = bounded(package->version);
      const packages::EcosystemNames& names = packages::names_of(package->ecosystem);
      facts.ecosystem = names.osv.empty() ? names.purl : names.osv;
      type = names.purl;
      distribution = package->distribution;
      facts.source = bounded(package->source_name);
      facts.source_version = bounded(package->source_version);
    }
    if (facts.package.empty()) facts.package = bounded(component["name"].text);
    if (facts.package.empty()) facts.package = reference.empty() ? "unknown" : bounded(reference);
    if (facts.version.empty()) facts.version = bounded(component["version"].text);
    finding.place.path = path_of(component);
    finding.identity =
        vulnerability_identity(type, distribution, facts.package, facts.names.front());
    finding.message = fmt::format("{} {} has {}", facts.package, facts.version, node["id"].text);
    report_.findings.push_back(std::move(finding));
  }

  // Where the component was seen: as evidence (1.5), or as some write it into a property.
  std::string path_of(const Node& component) const {
    const Node& seen = component["evidence"]["occurrences"];
    if (!seen.members.empty()) return bounded(seen.members.front().value["location"].text);
    for (const Member& one : component["properties"].members) {
      const std::string_view name = one.value["name"].text;
      if (name == "aquasecurity:trivy:FilePath" || name == "syft:location:0:path")
        return bounded(one.value["value"].text);
    }
    return report_.name;
  }

  event::FindingVulnerability facts_of(const Node& node) const {
    event::FindingVulnerability one;
    one.names.emplace_back(bounded(node["id"].text));
    one.advisories = one.names;
    for (const Member& reference : node["references"].members) {
      std::string name = bounded(reference.value["id"].text);
      const bool is_known = std::ranges::find(one.names, name) != one.names.end();
      if (!name.empty() && !is_known && one.names.size() < kNamesMax)
        one.names.push_back(std::move(name));
    }
    one.published = parse_time(node["published"].text).value_or(0);
    for (const Member& property : node["properties"].members) {
      std::string_view name = property.value["name"].text;
      if (!name.starts_with(kOurs)) continue;
      name.remove_prefix(kOurs.size());
      const std::string_view value = property.value["value"].text;
      if (name == "fixed") one.fixed = bounded(value);
      if (name == "upgrade") one.upgrade = bounded(value);
      if (name == "epss") one.probability = score_of(property.value["value"]).value_or(-1);
      if (name == "exploited_since") {
        one.exploited = true;
        one.exploited_since = bounded(value);
      }
    }
    if (one.fixed.empty()) one.fixed = recommended(node["recommendation"].text);
    if (one.upgrade.empty()) one.upgrade = one.fixed;
    one.upgrade_fixes = one.upgrade.empty() ? 0 : 1;
    if (const Node& analysis = node["analysis"]; analysis.is_table())
      one.statement = statement_of(analysis);
    return one;
  }

  // "Upgrade lodash to version 4.17.21; …"
  static std::string recommended(std::string_view text) {
    const packages::Halves halves = packages::cut_first(text, " to version ");
    const std::size_t end = std::min(halves.behind.find_first_of(" ;,\n"), halves.behind.size());
    return halves.found ? bounded(halves.behind.substr(0, end)) : "";
  }

  std::optional<event::FindingStatement> statement_of(const Node& analysis) const {
    const std::optional<event::VexStatus> status = vex::cyclonedx_status(analysis["state"].text);
    if (!status) return std::nullopt;
    event::FindingStatement one;
    one.status = *status;
    one.justification = bounded(analysis["justification"].text);
    one.impact = bounded(analysis["detail"].text);
    one.author = tool_;
    one.document = bounded(root_["serialNumber"].text);
    one.file = report_.name;
    one.time = parse_time(analysis["lastUpdated"].text).value_or(0);
    return one;
  }

  // The gravest of what is told. A vector is reckoned again; a score without one is believed.
  static event::Level rate(const Node& node, event::FindingVulnerability& facts) {
    std::optional<event::Level> word;
    for (const Member& rating : node["ratings"].members) {
      const Node& one = rating.value;
      const auto computed = advisories::cvss_score(one["vector"].text);
      const bool is_cvss = computed || one["method"].text.starts_with("CVSS");
      const double score = computed ? *computed : score_of(one["score"]).value_or(-1);
      if (is_cvss && score <= 10 && score > facts.score) {
        facts.score = score;
        facts.vector = computed ? bounded(one["vector"].text) : "";
      }
      const auto level = level_of_word(one["severity"].text);
      if (level && (!word || *level > *word)) word = level;
    }
    if (facts.score < 0) return word.value_or(event::Level::kMedium);
    return std::max(level_of_score(facts.score), word.value_or(event::Level::kInformational));
  }

  const event::FindingRule* rule_for(const Node& node, event::Level severity) {
    const auto [rule, is_new] = book_.at(tool_, node["id"].text);
    if (!is_new) return rule;
    rule->title = bounded(node["description"].text);
    rule->description = bounded(node["detail"].text);
    rule->severity = severity;
    rule->tags = {"vulnerability"};
    if (node["source"]["url"].is_text())
      rule->references.push_back(bounded(node["source"]["url"].text));
    for (const Member& one : node["advisories"].members) {
      if (rule->references.size() < kNamesMax)
        rule->references.push_back(bounded(one.value["url"].text));
    }
    return rule;
  }

  const Node& root_;  // the caller's, outlives this
  FindingReport& report_;
  RuleBook book_;
  std::string tool_;
  std::unordered_map<std::string, const Node*> components_;  // of root_
};

}  // namespace

Result<FindingReport> read_cyclonedx(const Node& root, const std::string& name) {
  FindingReport report;
  report.name = name;
  report.is_foreign = true;
  TRY_VOID(BillReader(root, report).read());
  return report;
}

}  // namespace vedette::formats::findings
