// SPDX-License-Identifier: Apache-2.0
#include "formats/findings/finding_reader.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace vedette::formats::findings {
namespace {

using packages::Member;
using packages::Node;
using packages::NodeKind;

constexpr std::size_t kIdentityDigits = 32;

std::string text_of(const Node& node, std::string_view key) { return std::string(node[key].text); }

std::uint64_t count_of(const Node& node) {
  std::uint64_t value = 0;
  std::from_chars(node.text.data(), node.text.data() + node.text.size(), value);
  return value;
}

std::uint32_t small_count_of(const Node& node) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(count_of(node), UINT32_MAX));
}

double number_of(const Node& node, double otherwise) {
  double value = otherwise;
  if (node.kind == NodeKind::kNumber)
    std::from_chars(node.text.data(), node.text.data() + node.text.size(), value);
  return value;
}

std::vector<std::string> texts_of(const Node& list) {
  std::vector<std::string> out;
  for (const Member& one : list.members) out.emplace_back(one.value.text);
  return out;
}

template <typename Names>
std::optional<std::size_t> index_of(const Names& names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

event::FindingPlace place_of(const Node& node) {
  event::FindingPlace place;
  place.path = text_of(node, "path");
  place.line = small_count_of(node["line"]);
  place.column = small_count_of(node["column"]);
  place.end_line = small_count_of(node["end_line"]);
  place.end_column = small_count_of(node["end_column"]);
  place.offset = count_of(node["offset"]);
  place.size = count_of(node["size"]);
  place.object = text_of(node, "object");
  if (const Node& commit = node["commit"]; commit.is_table()) {
    place.commit = event::FindingCommit{
        text_of(commit, "id"), text_of(commit, "author"), text_of(commit, "email"),
        parse_time(commit["time"].text).value_or(0), text_of(commit, "subject")};
  }
  if (const Node& layer = node["layer"]; layer.is_table()) {
    place.layer = event::FindingLayer{text_of(layer, "digest"), text_of(layer, "instruction"),
                                      layer["hidden"].is_true(), layer["base"].is_true()};
  }
  return place;
}

event::FindingStatement statement_of(const Node& node) {
  event::FindingStatement one;
  const auto status = index_of(event::kVexStatusNames, node["status"].text);
  one.status = static_cast<event::VexStatus>(status.value_or(0));
  one.justification = text_of(node, "justification");
  one.impact = text_of(node, "impact");
  one.action = text_of(node, "action");
  one.author = text_of(node, "author");
  one.document = text_of(node, "document");
  one.file = text_of(node, "file");
  one.time = parse_time(node["time"].text).value_or(0);
  return one;
}

event::FindingVulnerability vulnerability_of(const Node& node) {
  event::FindingVulnerability one;
  one.ecosystem = text_of(node, "ecosystem");
  one.package = text_of(node, "package");
  one.version = text_of(node, "version");
  one.purl = text_of(node, "purl");
  one.through = text_of(node, "through");
  for (const Member& dependent : node["dependents"].members) {
    one.dependents.push_back({small_count_of(dependent.value["depth"]),
                              text_of(dependent.value, "name"), dependent.value["cut"].is_true()});
  }
  one.names = texts_of(node["names"]);
  one.advisories = texts_of(node["advisories"]);
  one.score = number_of(node["score"], -1);
  one.vector = text_of(node, "vector");
  one.exploited = node["exploited"].is_true();
  one.ransomware = node["ransomware"].is_true();
  one.exploited_since = text_of(node, "exploited_since");
  one.probability = number_of(node["probability"], -1);
  one.percentile = number_of(node["percentile"], -1);
  one.exploits = texts_of(node["exploits"]);
  one.fixed = text_of(node, "fixed");
  one.upgrade = text_of(node, "upgrade");
  one.upgrade_fixes = small_count_of(node["upgrade_fixes"]);
  one.command = text_of(node, "command");
  one.source = text_of(node, "source");
  one.source_version = text_of(node, "source_version");
  one.published = parse_time(node["published"].text).value_or(0);
  if (node.has("direct")) one.direct = node["direct"].is_true();
  one.development = node["development"].is_true();
  if (node.has("used")) one.used = node["used"].is_true();
  one.watched_seconds = number_of(node["watched_seconds"], 0);
  if (node.has("reachable")) one.reachable = node["reachable"].is_true();
  if (node["vex"].is_table()) one.statement = statement_of(node["vex"]);
  return one;
}

}  // namespace

Result<void> FindingReader::add(const Node& node) {
  if (!node.is_table()) return wrong(node, "a finding");
  event::Finding finding;
  if (node["class"].text == "vulnerability") {
    finding.kind = event::FindingClass::kVulnerability;
  } else if (node["class"].text == "compliance") {
    finding.kind = event::FindingClass::kCompliance;
  } else if (node["class"].text != "detection") {
    return wrong(node, "\"class\" of a finding");
  }
  finding.identity = text_of(node, "identity");
  if (finding.identity.size() != kIdentityDigits) return wrong(node, "an identity of 32 digits");
  const auto severity = index_of(event::kLevelNames, node["severity"].text);
  const auto confidence = index_of(event::kConfidenceNames, node["confidence"].text);
  if (!severity || !confidence) return wrong(node, "a known severity and confidence");
  finding.severity = static_cast<event::Level>(*severity);
  finding.confidence = static_cast<event::Confidence>(*confidence);
  if (node["rule"]["id"].text.empty()) return wrong(node, "the id of a rule");
  finding.rule = rule_of(node);
  finding.probability = number_of(node["probability"], 0.5);
  finding.message = text_of(node, "message");
  finding.place = place_of(node["place"]);
  finding.redacted = text_of(node, "redacted");
  finding.excerpt.line = text_of(node, "excerpt");
  for (const Member& one : node["evidence"].members) {
    finding.evidence.push_back({text_of(one.value, "name"), text_of(one.value, "text"),
                                number_of(one.value["weight"], 0)});
  }
  for (const Member& one : node["also_at"].members) finding.also_at.push_back(place_of(one.value));
  finding.remediation = text_of(node, "remediation");
  if (node["vulnerability"].is_table()) {
    finding.vulnerability = vulnerability_of(node["vulnerability"]);
  } else if (finding.kind == event::FindingClass::kVulnerability) {
    return wrong(node, "\"vulnerability\" of such a finding");
  }
  report_.findings.push_back(std::move(finding));
  return {};
}

void FindingReader::add_summary(const Node& node) {
  report_.scanner = text_of(node, "scanner");
  report_.interrupted = node["interrupted"].is_true();
  for (const Member& one : node["skipped"].members) {
    if (!one.value["loss"].is_true()) continue;
    const Node& examples = one.value["examples"];
    const std::string first =
        examples.members.empty() ? "" : text_of(examples.members[0].value, "place");
    report_.losses.push_back(
        {DiagnosticKind::kWarning,
         {report_.name, 0, 0, 0},
         fmt::format("{} not scanned: {}{}", one.value["count"].text, one.value["reason"].text,
                     first.empty() ? "" : " (" + first + ")"),
         ""});
  }
  // An error means, to whoever ran the scanner too, that something was not looked at (exit code 3).
  for (const Member& one : node["problems"].members) {
    const bool is_note = one.value["kind"].text == "warning";
    std::string place = text_of(one.value, "place");
    (is_note ? report_.notes : report_.losses)
        .push_back({is_note ? DiagnosticKind::kWarning : DiagnosticKind::kError,
                    {place.empty() ? report_.name : std::move(place), 0, 0, 0},
                    text_of(one.value, "message"),
                    text_of(one.value, "hint")});
  }
  if (const std::string_view refused = node["rules_refused"].text;
      !refused.empty() && refused != "0")
    report_.losses.push_back({DiagnosticKind::kError,
                              {report_.name, 0, 0, 0},
                              fmt::format("{} rules were refused, and looked for nothing", refused),
                              ""});
}

std::unexpected<Error> FindingReader::wrong(const Node& node, std::string_view expected) const {
  return failure(ErrorCode::kInvalid, fmt::format("{}:{}: expected {}, found something else",
                                                  report_.name, node.line, expected));
}

const event::FindingRule* FindingReader::rule_of(const Node& node) {
  const Node& rule = node["rule"];
  std::string key = fmt::format("{}\n{}", rule["id"].text, rule["pack"].text);
  const auto [found, added] = known_.try_emplace(std::move(key), nullptr);
  if (!added) return found->second;
  event::FindingRule& one = report_.rules.emplace_back();
  one.id = text_of(rule, "id");
  one.title = text_of(rule, "title");
  one.pack = text_of(rule, "pack");
  one.tags = texts_of(rule["tags"]);
  one.description = text_of(node, "description");
  one.references = texts_of(node["references"]);
  found->second = &one;
  return &one;
}

}  // namespace vedette::formats::findings
