// SPDX-License-Identifier: Apache-2.0
#include "output/finding/finding_sarif.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <unordered_map>
#include <vector>

#include "base/json_writer.h"
#include "output/finding/finding_text.h"
#include "output/quantity.h"
#include "output/sarif_text.h"
#include "output/terminal.h"

namespace vedette::output {
namespace {

// What GitHub takes: 25,000 results a run, of which the 5,000 gravest are shown; 20 tags a rule;
// 1,000 locations a result, of which 100 are shown.
constexpr std::size_t kResultsMax = 25'000;
constexpr std::size_t kResultsShown = 5'000;
constexpr std::size_t kTagsMax = 20;
constexpr std::size_t kPlacesMax = 100;
constexpr std::string_view kRoot = "%SRCROOT%";

void append_text(std::string_view key, std::string_view text, JsonWriter& json) {
  json.key(key).begin_object().key("text").string(sarif_message(text)).end_object();
}

// Characters that begin markup in Markdown or HTML stand for themselves.
std::string markdown(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\`*_[]<>#!|~&$").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::uint64_t utf16_excess(std::string_view text) {
  std::uint64_t excess = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const std::uint32_t code_point = next_code_point(text, at);
    if (code_point == 0x2026) continue;  // of our mask, not of the content
    excess += (at - begin) - (code_point > 0xFFFF && code_point != kInvalid ? 2 : 1);
  }
  return excess;
}

// Bytes of the line before the mark that are no UTF-16 units of their own, as far as the excerpt
// shows the line.
std::uint64_t column_excess(const event::Finding& finding) {
  const std::string_view line = finding.excerpt.line;
  return utf16_excess(line.substr(0, std::min<std::size_t>(finding.excerpt.mark, line.size())));
}

void append_physical(const event::FindingPlace& place, std::uint64_t excess, JsonWriter& json) {
  json.key("physicalLocation").begin_object().key("artifactLocation").begin_object();
  const bool absolute = place.path.starts_with('/');
  json.key("uri").string((absolute ? "file://" : "") + sarif_uri(place.path));
  if (!absolute) json.key("uriBaseId").string(kRoot);
  json.end_object();
  if (place.line != 0) {
    const std::uint64_t column = std::max<std::uint32_t>(place.column, 1);
    const std::uint64_t end_line = std::max(place.line, place.end_line);
    std::uint64_t end_column = std::max<std::uint32_t>(place.end_column, 1);
    const std::uint64_t moved = excess < column ? excess : 0;
    if (end_line == place.line) end_column = std::max(end_column, column + 1) - moved;
    json.key("region").begin_object().key("startLine").number(place.line);
    json.key("startColumn").number(column - moved);
    json.key("endLine").number(end_line).key("endColumn").number(end_column);
    json.key("byteOffset").number(place.offset).key("byteLength").number(place.size).end_object();
  }
  json.end_object();
}

void append_properties(const event::Finding& finding, const SarifVerdict* judged,
                       JsonWriter& json) {
  json.key("properties").begin_object();
  if (judged != nullptr) {
    json.key("verdict").string(event::to_string(judged->verdict));
    json.key("clause").string(judged->clause).key("reason").string(judged->reason);
  }
  json.key("confidence").string(event::to_string(finding.confidence));
  json.key("probability").number(finding.probability);
  if (!finding.place.object.empty()) json.key("object").string(finding.place.object);
  if (finding.place.commit) {
    const event::FindingCommit& commit = *finding.place.commit;
    json.key("commit").string(commit.id).key("commitAuthor").string(commit.author);
    json.key("commitTime").string(format_time(commit.time));
  }
  if (finding.place.layer) {
    json.key("layer").string(finding.place.layer->digest);
    json.key("layerInstruction").string(finding.place.layer->instruction);
    json.key("layerHidden").boolean(finding.place.layer->hidden);
  }
  json.key("evidence").begin_array();
  for (const event::Evidence& evidence : finding.evidence) json.string(evidence.text);
  json.end_array().end_object();
}

// A rule and what its findings say of its precision.
struct RuleUse {
  const event::FindingRule* rule = nullptr;
  double probability = 0;  // the sum over its findings
  std::uint64_t findings = 0;
};

std::string_view precision_of(const RuleUse& use) {
  const double mean = use.findings == 0 ? 0 : use.probability / static_cast<double>(use.findings);
  return mean >= 0.95 ? "very-high" : mean >= 0.8 ? "high" : mean >= 0.5 ? "medium" : "low";
}

void append_help(const event::FindingRule& rule, JsonWriter& json) {
  std::string text = rule.remediation;
  std::string marked = markdown(rule.remediation);
  for (const std::string& reference : rule.references) {
    if (!is_web_address(reference)) continue;
    (text += text.empty() ? "" : "\n") += reference;
    marked += fmt::format("{}- <{}>",
                          marked.empty()          ? ""
                          : marked.ends_with('>') ? "\n"
                                                  : "\n\n",
                          reference);
  }
  if (text.empty()) text = marked = title_of(rule);
  json.key("help").begin_object().key("text").string(sarif_message(text));
  json.key("markdown").string(marked).end_object();
}

void append_rule(const RuleUse& use, JsonWriter& json) {
  const event::FindingRule& rule = *use.rule;
  const SarifLevel& row = kSarifLevels[static_cast<std::size_t>(rule.severity)];
  json.begin_object().key("id").string(rule.id);
  append_text("shortDescription", title_of(rule), json);
  append_text("fullDescription", rule.description.empty() ? title_of(rule) : rule.description,
              json);
  append_help(rule, json);
  const auto reference = std::ranges::find_if(rule.references, is_web_address);
  if (reference != rule.references.end()) json.key("helpUri").string(*reference);
  json.key("defaultConfiguration").begin_object().key("level").string(row.level).end_object();
  json.key("properties").begin_object().key("security-severity").string(row.severity);
  json.key("precision").string(precision_of(use)).key("tags").begin_array().string("security");
  std::vector<std::string_view> seen = {"security"};
  for (const std::string& tag : rule.tags) {
    if (seen.size() == kTagsMax || std::ranges::find(seen, tag) != seen.end()) continue;
    seen.push_back(tag);
    json.string(tag);
  }
  json.end_array().end_object().end_object();
}

// How much a result matters: the verdict, then the severity.
constexpr std::size_t kWeights = event::kVerdictNames.size() * event::kLevelNames.size();
std::size_t weight_of(const event::Finding& finding, const SarifVerdict* judged) {
  const std::size_t verdict = judged == nullptr ? 0 : static_cast<std::size_t>(judged->verdict);
  return verdict * event::kLevelNames.size() + static_cast<std::size_t>(finding.severity);
}

std::string_view level_of(const event::Finding& finding, const SarifVerdict* judged) {
  // Of event::Verdict: what is allowed is suppressed besides.
  constexpr std::array<std::string_view, event::kVerdictNames.size()> kLevels = {
      "note", "note", "warning", "error"};
  return judged == nullptr ? kSarifLevels[static_cast<std::size_t>(finding.severity)].level
                           : kLevels[static_cast<std::size_t>(judged->verdict)];
}

// Why nobody need act on one that is suppressed.
std::string suppression_of(const event::Finding& finding, const SarifVerdict* judged) {
  return judged == nullptr ? statement_text(finding) : judged->clause + ": " + judged->reason;
}

// Results as text, the kResultsMax of the greatest weight: of the least that is held the last ones
// go first.
class Results {
 public:
  struct Result {
    std::uint64_t number;  // its place among all
    std::string json;
  };

  // Whether a result of this weight would be kept.
  bool has_room(std::size_t weight) const { return size_ < kResultsMax || lowest() < weight; }
  void add(std::size_t weight, std::string json) {
    if (size_ == kResultsMax) {
      by_weight_[lowest()].pop_back();
    } else {
      ++size_;
    }
    by_weight_[weight].push_back({seen_, std::move(json)});
  }
  void count() { ++seen_; }

  std::uint64_t left_out() const { return seen_ - size_; }
  std::size_t size() const { return size_; }

  // In the order in which they were found.
  std::vector<const std::string*> in_order() const {
    std::vector<const Result*> all;
    for (const std::vector<Result>& same : by_weight_) {
      for (const Result& result : same) all.push_back(&result);
    }
    std::ranges::sort(all, {}, [](const Result* result) { return result->number; });
    std::vector<const std::string*> texts;
    for (const Result* result : all) texts.push_back(&result->json);
    return texts;
  }

 private:
  std::size_t lowest() const {
    std::size_t weight = 0;
    while (weight + 1 < by_weight_.size() && by_weight_[weight].empty()) ++weight;
    return weight;
  }

  std::array<std::vector<Result>, kWeights> by_weight_;
  std::size_t size_ = 0;
  std::uint64_t seen_ = 0;
};

class SarifWriter : public SarifSink {
 public:
  explicit SarifWriter(const FindingSinkOptions& options)
      : writer_(options.writer),
        version_(options.version),
        base_uri_(options.base_uri),
        now_(options.now) {}

  Result<void> write(const event::Finding& finding) override { return add(finding, nullptr); }

  Result<void> write_judged(const event::Finding& finding, const SarifVerdict& verdict) override {
    return add(finding, &verdict);
  }

  Result<void> finish(const event::ScanSummary& summary) override {
    std::string& out = writer_.buffer();
    out +=
        "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\","
        "\"runs\":[{\"columnKind\":\"utf16CodeUnits\",";
    if (!base_uri_.empty()) {
      out += "\"originalUriBaseIds\":";
      JsonWriter json(out);
      json.begin_object().key(kRoot).begin_object().key("uri").string(base_uri_);
      json.end_object().end_object();
      out += ',';
    }
    out += "\"results\":[";
    bool first = true;
    for (const std::string* result : results_.in_order()) {
      (out += first ? "\n" : ",\n") += *result;
      first = false;
      TRY_VOID(writer_.settle());
    }
    out += "\n],\"tool\":{\"driver\":";
    JsonWriter driver(out);
    driver.begin_object().key("name").string("Vedette");
    if (!version_.empty())
      driver.key("version").string(version_).key("semanticVersion").string(version_);
    driver.key("rules").begin_array();
    for (const RuleUse& use : rules_) append_rule(use, driver);
    driver.end_array().end_object();
    out += "},\"invocations\":[";
    write_invocation(summary);
    out += "]}]}\n";
    return writer_.finish();
  }

 private:
  // `judged` may be null.
  Result<void> add(const event::Finding& finding, const SarifVerdict* judged) {
    const std::string hash = line_hash(finding);
    const std::size_t weight = weight_of(finding, judged);
    if (results_.has_room(weight)) {
      const auto [entry, added] = index_.try_emplace(finding.rule->id, rules_.size());
      if (added) rules_.push_back({finding.rule, 0, 0});
      RuleUse& use = rules_[entry->second];
      use.probability += finding.probability;
      ++use.findings;
      results_.add(weight, result_of(finding, judged, entry->second, hash));
    }
    results_.count();
    return {};
  }

  // GitHub tells the same line of a file in two analyses by this: a hash, and a number where
  // several results of the file have it.
  std::string line_hash(const event::Finding& finding) {
    if (finding.place.path != path_ || seen_.size() == kResultsMax) seen_.clear();
    path_ = finding.place.path;
    const std::string hash = finding.identity.substr(0, 16);
    return fmt::format("{}:{}", hash, ++seen_[hash + finding.rule->id]);
  }

  static std::string result_of(const event::Finding& finding, const SarifVerdict* judged,
                               std::size_t rule, std::string_view hash) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("ruleId").string(finding.rule->id);
    json.key("ruleIndex").number(static_cast<std::uint64_t>(rule));
    json.key("level").string(level_of(finding, judged));
    if (judged != nullptr && !judged->baseline_state.empty())
      json.key("baselineState").string(judged->baseline_state);
    json.key("rank").number(std::clamp(finding.probability, 0.0, 1.0) * 100);
    std::string message = finding.message;
    if (!finding.also_at.empty())
      message += fmt::format(" (also at {} more places)", finding.also_at.size());
    if (judged != nullptr)
      message += fmt::format(" ({} by {})", event::to_string(judged->verdict), judged->clause);
    append_text("message", message, json);
    json.key("locations").begin_array().begin_object();
    append_physical(finding.place, column_excess(finding), json);
    json.end_object().end_array();
    if (!finding.also_at.empty()) {
      json.key("relatedLocations").begin_array();
      for (std::size_t i = 0; i < std::min(kPlacesMax, finding.also_at.size()); ++i) {
        json.begin_object().key("id").number(static_cast<std::uint64_t>(i + 1));
        append_physical(finding.also_at[i], 0, json);
        json.end_object();
      }
      json.end_array();
    }
    json.key("partialFingerprints").begin_object();
    json.key("primaryLocationLineHash").string(hash);
    json.key("vedetteIdentity/v1").string(finding.identity).end_object();
    const bool is_suppressed = judged == nullptr ? event::is_suppressed(finding)
                                                 : judged->verdict == event::Verdict::kAllow;
    if (is_suppressed) {
      json.key("suppressions").begin_array().begin_object().key("kind").string("external");
      json.key("status").string("accepted");
      json.key("justification").string(sarif_message(suppression_of(finding, judged)));
      json.end_object().end_array();
    }
    append_properties(finding, judged, json);
    json.end_object();
    return out;
  }

  void write_invocation(const event::ScanSummary& summary) {
    JsonWriter json(writer_.buffer());
    json.begin_object().key("executionSuccessful").boolean(!summary.interrupted);
    if (now_ != 0) json.key("startTimeUtc").string(format_time(now_));
    json.key("toolExecutionNotifications").begin_array();
    const auto notify = [&json](std::string_view level, std::string_view text) {
      json.begin_object().key("level").string(level);
      append_text("message", text, json);
      json.end_object();
    };
    if (results_.left_out() != 0) {
      notify(
          "warning",
          fmt::format("{} findings of the lowest severities are left out: code scanning services "
                      "take {} results of a run; the other formats hold all of them",
                      count_text(results_.left_out()), count_text(kResultsMax)));
    }
    if (results_.size() > kResultsShown) {
      notify("note", fmt::format("GitHub shows the {} gravest of {} results",
                                 count_text(kResultsShown), count_text(results_.size())));
    }
    for (const event::Skipped& skipped : summary.skipped) {
      notify(skipped.loss ? "warning" : "note",
             fmt::format("{} skipped: {}", count_text(skipped.count), skipped.reason));
      if (!skipped.loss) continue;
      for (const Diagnostic& example : skipped.examples)
        notify("warning", to_string(example.place) + ": " + example.message);
    }
    for (const Diagnostic& problem : summary.problems)
      notify("warning", to_string(problem.place) + ": " + problem.message);
    json.end_array().end_object();
  }

  Writer& writer_;  // the caller's, see FindingSinkOptions
  std::string version_;
  std::string base_uri_;
  TimeNs now_;
  std::unordered_map<std::string, std::size_t> index_;  // by id, which is one rule's
  std::vector<RuleUse> rules_;
  Results results_;
  std::string path_;                                     // of the finding before
  std::unordered_map<std::string, std::uint64_t> seen_;  // in path_
};

}  // namespace

std::unique_ptr<SarifSink> make_sarif(const FindingSinkOptions& options) {
  return std::make_unique<SarifWriter>(options);
}

std::unique_ptr<event::FindingSink> make_finding_sarif(const FindingSinkOptions& options) {
  return make_sarif(options);
}

}  // namespace vedette::output
