// SPDX-License-Identifier: Apache-2.0
// SARIF 2.1.0 (OASIS), whoever wrote it. Snippets are never taken: of a scanner of secrets they
// hold the secret.
#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <unordered_map>

#include "base/digest.h"
#include "formats/findings/others_report.h"
#include "formats/findings/sarif_package.h"
#include "formats/packages/purl_parts.h"
#include "formats/packages/text.h"

namespace vedette::formats::findings {
namespace {

using packages::Member;
using packages::Node;
using packages::NodeKind;

constexpr std::size_t kIdentityDigits = 32;
constexpr std::size_t kPlacesMax = 100;
constexpr std::size_t kTagsMax = 50;
constexpr std::size_t kBasesMax = 50;
constexpr std::size_t kLevelsMax = 8;  // of a rule's id
constexpr std::string_view kOurs = "Vedette";
constexpr std::string_view kOurPrint = "vedetteIdentity/v1";
// The kind of what is neither a secret nor a vulnerability nor a model.
constexpr std::string_view kCode = "code";
constexpr std::array<std::string_view, 5> kSecretTools = {"gitleaks", "betterleaks", "trufflehog",
                                                          "detect-secrets", "ggshield"};
constexpr std::array<std::string_view, 7> kSecretWords = {
    "secret", "secrets", "credential", "credentials", "password", "token", "cwe-798"};

bool is_identity(std::string_view text) {
  return text.size() == kIdentityDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<std::size_t> index_of(const Node& node) {
  std::size_t value = 0;
  const auto read = std::from_chars(node.text.data(), node.text.data() + node.text.size(), value);
  if (node.kind != NodeKind::kNumber || read.ec != std::errc()) return std::nullopt;
  return value;
}

std::uint32_t line_of(const Node& node) {
  return static_cast<std::uint32_t>(std::min<std::size_t>(index_of(node).value_or(0), UINT32_MAX));
}

const Node& element(const Node& list, std::optional<std::size_t> index) {
  static const Node kNothing;
  return list.is_list() && index && *index < list.members.size() ? list.members[*index].value
                                                                 : kNothing;
}

// "{0}" is the first argument (section 3.11.5).
std::string filled(std::string_view text, const Node& arguments) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_placeholder = text[at] == '{' && at + 2 < text.size() && text[at + 1] >= '0' &&
                                text[at + 1] <= '9' && text[at + 2] == '}';
    if (!is_placeholder) {
      out += text[at];
      continue;
    }
    out += element(arguments, static_cast<std::size_t>(text[at + 1] - '0')).text;
    at += 2;
  }
  return bounded(out);
}

// The words of an id or a tag: "generic-api-key", "CWE-798: Use of …".
bool speaks_of_secret(std::string_view text) {
  const std::string low = packages::lower(text);
  if (low.find("cwe-798") != std::string::npos) return true;
  for (const std::string_view word : packages::words_of(low, " \t-_./:")) {
    if (std::ranges::find(kSecretWords, word) != kSecretWords.end()) return true;
  }
  return false;
}

class RunReader {
 public:
  RunReader(const Node& run, FindingReport& report, RuleBook& book)
      : run_(run),
        driver_(run["tool"]["driver"]),
        report_(report),
        book_(book),
        tool_(driver_["name"].text),
        is_ours_(tool_ == kOurs) {
    know_rules(driver_);
    for (const Member& one : run["tool"]["extensions"].members) know_rules(one.value);
  }

  Result<void> read() {
    if (tool_.empty()) return unexpected_shape(report_.name, run_, "the name of a tool");
    if (report_.scanner.empty()) report_.scanner = tool_;
    read_invocations();
    const Node& results = run_["results"];
    // Section 3.14.23: without them nothing was looked for, or they stand in another file.
    if (!results.is_list()) {
      lose("a run without results: the tool did not finish, or they stand in another file");
      return {};
    }
    for (const Member& one : results.members) TRY_VOID(add(one.value));
    if (suppressed_ != 0)
      report_.notes.push_back(
          {DiagnosticKind::kWarning,
           {report_.name, 0, 0, 0},
           fmt::format("{} results that {} counts as suppressed are left out", suppressed_, tool_),
           "write waivers, which have an approver and an end"});
    return {};
  }

 private:
  struct Said {
    const Node* result = nullptr;
    const Node* rule = nullptr;
    std::string id;
    bool is_secret = false;
  };

  void lose(std::string message) {
    report_.losses.push_back(
        {DiagnosticKind::kWarning, {report_.name, 0, 0, 0}, std::move(message), ""});
  }

  void know_rules(const Node& component) {
    for (const Member& one : component["rules"].members)
      rules_.try_emplace(one.value["id"].text, &one.value);
  }

  void read_invocations() {
    for (const Member& one : run_["invocations"].members) {
      const Node& good = one.value["executionSuccessful"];
      if (good.kind == NodeKind::kBoolean && !good.is_true()) report_.interrupted = true;
      for (const Member& said : one.value["toolExecutionNotifications"].members) {
        const std::string_view level = said.value["level"].text;
        // Ours warn of what was not looked at.
        if (level == "error" || (is_ours_ && level == "warning"))
          lose(tool_ + ": " + bounded(said.value["message"]["text"].text));
      }
    }
  }

  const Node& rule_of(const Node& result) const {
    static const Node kNothing;
    const Node& reference = result["rule"];
    const Node& extension =
        element(run_["tool"]["extensions"], index_of(reference["toolComponent"]["index"]));
    const Node& component = extension.is_table() ? extension : driver_;
    const Node& index = result.has("ruleIndex") ? result["ruleIndex"] : reference["index"];
    if (const Node& rule = element(component["rules"], index_of(index)); rule.is_table())
      return rule;
    std::string_view id = id_of(result);
    // Section 3.27.5: "CA1000/1" is of the rule CA1000.
    for (std::size_t level = 0; level < kLevelsMax; ++level) {
      const auto found = rules_.find(id);
      if (found != rules_.end()) return *found->second;
      const std::size_t slash = id.rfind('/');
      if (slash == std::string_view::npos) return kNothing;
      id = id.substr(0, slash);
    }
    return kNothing;
  }

  static std::string_view id_of(const Node& result) {
    return result["ruleId"].is_text() ? result["ruleId"].text : result["rule"]["id"].text;
  }

  // What is no failure any more, or never was (sections 3.27.9 and 3.27.24).
  static bool is_absent(const Node& result) {
    const std::string_view kind = result["kind"].text;
    return kind == "pass" || kind == "notApplicable" || kind == "informational" ||
           result["baselineState"].text == "absent";
  }

  // Section 3.27.23: any that was not accepted leaves it as it is.
  static bool is_suppressed(const Node& result) {
    const Node& list = result["suppressions"];
    return list.is_list() && !list.members.empty() &&
           std::ranges::all_of(list.members, [](const Member& one) {
             const std::string_view status = one.value["status"].text;
             return status.empty() || status == "accepted";
           });
  }

  Result<void> add(const Node& result) {
    if (!result.is_table()) return unexpected_shape(report_.name, result, "a result");
    if (is_absent(result)) return {};
    if (is_suppressed(result)) {
      ++suppressed_;
      return {};
    }
    Said said{&result, &rule_of(result), std::string(id_of(result)), false};
    if (said.id.empty()) said.id = (*said.rule)["id"].text;
    if (said.id.empty()) return unexpected_shape(report_.name, result, "the id of a rule");
    said.is_secret = !is_ours_ && is_secret(said);
    event::Finding finding;
    event::FindingRule* const rule = rule_for(said);
    finding.rule = rule;
    finding.severity = severity_of(said);
    finding.confidence = confidence_of(said);
    constexpr std::array<double, 3> kProbabilities = {0.3, 0.6, 0.9};
    finding.probability = kProbabilities[static_cast<std::size_t>(finding.confidence)];
    const std::string message = message_of(said);
    // A scanner of secrets may tell the secret in its message.
    finding.message = said.is_secret || message.empty() ? finding.rule->title : message;
    add_places(result, finding);
    if (auto package = package_in_message(said.id, message); package && !is_ours_) {
      finding.kind = event::FindingClass::kVulnerability;
      package->score = score_of((*said.rule)["properties"]["security-severity"]).value_or(-1);
      finding.vulnerability = std::move(*package);
    } else if (!is_ours_ && !said.is_secret) {
      mark_as_code(*rule);
    }
    finding.identity = identity_of(said, message, finding);
    report_.findings.push_back(std::move(finding));
    return {};
  }

  bool is_secret(const Said& said) const {
    const std::string low = packages::lower(tool_);
    if (std::ranges::find(kSecretTools, low) != kSecretTools.end()) return true;
    if (speaks_of_secret(said.id)) return true;
    const auto& tags = (*said.rule)["properties"]["tags"].members;
    return std::ranges::any_of(tags,
                               [](const Member& tag) { return speaks_of_secret(tag.value.text); });
  }

  event::FindingRule* rule_for(const Said& said) {
    const auto [rule, is_new] = book_.at(tool_, said.id);
    if (!is_new) return rule;
    const Node& from = *said.rule;
    for (const std::string_view text : {from["shortDescription"]["text"].text, from["name"].text}) {
      if (rule->title.empty()) rule->title = bounded(text);
    }
    if (rule->title.empty()) rule->title = said.id;
    rule->description = bounded(from["fullDescription"]["text"].text);
    rule->remediation = bounded(from["help"]["text"].text);
    const auto tags = from["properties"]["tags"].members;
    for (const Member& tag : tags.first(std::min(tags.size(), kTagsMax))) {
      // Nobody else says what kind of finding it is for us.
      const std::string_view text = tag.value.text;
      const bool is_kind = !is_ours_ && (text == "model" || text == "waiver" || text == kCode);
      if (!is_kind) rule->tags.push_back(bounded(text));
    }
    if (from["helpUri"].is_text()) rule->references.push_back(bounded(from["helpUri"].text));
    return rule;
  }

  static void mark_as_code(event::FindingRule& rule) {
    if (std::ranges::find(rule.tags, kCode) == rule.tags.end()) rule.tags.emplace_back(kCode);
  }

  static event::Level severity_of(const Said& said) {
    const Node& rule = *said.rule;
    for (const Node* from : {said.result, &rule}) {
      const Node& score = (*from)["properties"]["security-severity"];
      if (const auto value = score_of(score)) return level_of_score(*value);
      if (const auto level = level_of_word(score.text)) return *level;
    }
    for (const std::string_view level :
         {(*said.result)["level"].text, rule["defaultConfiguration"]["level"].text}) {
      if (level == "error") return event::Level::kHigh;
      if (level == "warning") return event::Level::kMedium;
      if (level == "note") return event::Level::kLow;
      if (level == "none") return event::Level::kInformational;
    }
    // "warning" is the standard's default, but scanners of secrets mostly tell no level at all.
    return said.is_secret ? event::Level::kHigh : event::Level::kMedium;
  }

  event::Confidence confidence_of(const Said& said) const {
    std::string_view word = (*said.rule)["properties"]["precision"].text;
    if (is_ours_) word = (*said.result)["properties"]["confidence"].text;
    if (word == "high" || word == "very-high") return event::Confidence::kHigh;
    return word == "low" ? event::Confidence::kLow : event::Confidence::kMedium;
  }

  std::string message_of(const Said& said) const {
    const Node& message = (*said.result)["message"];
    if (message["text"].is_text()) return filled(message["text"].text, message["arguments"]);
    const std::string_view id = message["id"].text;
    for (const Node* strings :
         {&(*said.rule)["messageStrings"], &driver_["globalMessageStrings"]}) {
      const Node& text = (*strings)[id]["text"];
      if (text.is_text()) return filled(text.text, message["arguments"]);
    }
    return {};
  }

  std::string path_of(const Node& location) const {
    std::string_view uri = location["uri"].text;
    std::string_view base = location["uriBaseId"].text;
    if (uri.empty()) {
      const Node& artifact = element(run_["artifacts"], index_of(location["index"]))["location"];
      uri = artifact["uri"].text;
      base = artifact["uriBaseId"].text;
    }
    const auto bases = run_["originalUriBaseIds"].members;
    for (const Member& one : bases.first(std::min(bases.size(), kBasesMax))) {
      const std::string_view root = one.value["uri"].text;
      const bool is_inside = !root.empty() && root.ends_with('/') && uri.starts_with(root);
      if (is_inside && (base.empty() || base == one.key)) uri.remove_prefix(root.size());
    }
    if (uri.starts_with("file://")) uri.remove_prefix(std::string_view("file://").size());
    while (uri.starts_with("./")) uri.remove_prefix(2);
    return bounded(packages::percent_decoded(uri));
  }

  event::FindingPlace place_of(const Node& location) const {
    const Node& physical = location["physicalLocation"];
    const Node& region = physical["region"];
    event::FindingPlace place;
    place.path = path_of(physical["artifactLocation"]);
    place.line = line_of(region["startLine"]);
    place.column = line_of(region["startColumn"]);
    place.end_line = std::max(place.line, line_of(region["endLine"]));
    place.end_column = line_of(region["endColumn"]);
    return place;
  }

  void add_places(const Node& result, event::Finding& finding) const {
    const auto add_all = [&](const Node& list) {
      for (const Member& one : list.members.first(std::min(list.members.size(), kPlacesMax)))
        finding.also_at.push_back(place_of(one.value));
    };
    add_all(result["locations"]);
    if (is_ours_) add_all(result["relatedLocations"]);
    if (finding.also_at.empty()) return;
    finding.place = std::move(finding.also_at.front());
    finding.also_at.erase(finding.also_at.begin());
  }

  std::string identity_of(const Said& said, std::string_view message,
                          const event::Finding& finding) {
    const Node& result = *said.result;
    const std::string_view ours = result["partialFingerprints"][kOurPrint].text;
    if (is_identity(ours)) return std::string(ours);
    if (finding.vulnerability)
      return vulnerability_identity("", "", finding.vulnerability->package,
                                    finding.vulnerability->names.front());
    std::string key = fmt::format("sarif\n{}\n{}\n", tool_, said.id);
    // `fingerprints` tell a result from all others, partial ones do with what stands around
    // (sections 3.27.16 and 3.27.17).
    const Node& whole = result["fingerprints"];
    const Node& partial = result["partialFingerprints"];
    if (!whole.members.empty()) {
      add_prints(whole, key);
    } else {
      key += finding.place.path + '\n';
      if (partial.members.empty()) key += message;
      add_prints(partial, key);
    }
    const std::uint64_t number = ++seen_[to_hexadecimal(sha256(key), kIdentityDigits)];
    return to_hexadecimal(sha256(fmt::format("{}\n{}", key, number)), kIdentityDigits);
  }

  static void add_prints(const Node& prints, std::string& key) {
    std::vector<std::string> sorted;
    for (const Member& one : prints.members)
      sorted.push_back(fmt::format("{}={}\n", one.key, one.value.text));
    std::ranges::sort(sorted);
    for (const std::string& one : sorted) key += one;
  }

  const Node& run_;     // the caller's, outlives this
  const Node& driver_;  // of run_
  FindingReport& report_;
  RuleBook& book_;
  std::string tool_;
  bool is_ours_;
  std::unordered_map<std::string_view, const Node*> rules_;  // of run_, by id
  std::unordered_map<std::string, std::uint64_t> seen_;      // results with the same identity
  std::uint64_t suppressed_ = 0;
};

}  // namespace

Result<FindingReport> read_sarif(const Node& root, const std::string& name) {
  FindingReport report;
  report.name = name;
  report.is_foreign = true;
  if (root["version"].text != "2.1.0")
    return unexpected_shape(name, root["version"], "SARIF in its version 2.1.0");
  if (root["runs"].members.empty())
    return unexpected_shape(name, root["runs"], "a run in \"runs\"");
  RuleBook book(report);
  for (const Member& run : root["runs"].members)
    TRY_VOID(RunReader(run.value, report, book).read());
  return report;
}

}  // namespace vedette::formats::findings
