// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

#include "base/digest.h"
#include "base/json_writer.h"
#include "output/finding/finding_text.h"
#include "output/gate/gate_formats.h"

namespace vedette::output {
namespace {

constexpr std::size_t kFingerprintDigits = 32;
constexpr std::array<std::string_view, event::kLevelNames.size()> kSeverities = {
    "info", "minor", "major", "critical", "blocker"};

// GitLab shows of equal fingerprints the first alone, and takes one that it has not seen for new:
// no lines in it, for they move.
std::string fingerprint_of(const event::Finding& finding, std::set<std::string>& seen) {
  const std::string key = finding.identity + '\n' + finding.place.path;
  std::string fingerprint = to_hexadecimal(sha256(key), kFingerprintDigits);
  for (std::size_t number = 2; !seen.insert(fingerprint).second; ++number)
    fingerprint = to_hexadecimal(sha256(fmt::format("{}\n{}", key, number)), kFingerprintDigits);
  return fingerprint;
}

std::string description_of(const event::Judgement& one) {
  std::string text =
      fmt::format("{}: {}", event::to_string(one.verdict), visible(one.finding->message));
  if (const std::string& what = remediation_of(*one.finding); !what.empty())
    text += " " + visible(what);
  if (!one.steps.empty()) text += fmt::format(" ({})", visible(one.steps.back().clause));
  return text;
}

}  // namespace

std::string gate_gitlab(const event::GateReport& report, const GateTextOptions& /*options*/) {
  std::string out;
  std::set<std::string> seen;
  JsonWriter json(out);
  json.begin_array();
  for (const event::Judgement& one : report.judgements) {
    if (one.verdict < event::Verdict::kWarn) continue;
    const event::Finding& finding = *one.finding;
    std::string_view path = finding.place.path;
    if (path.starts_with("./")) path.remove_prefix(2);
    json.begin_object().key("description").string(description_of(one));
    json.key("check_name").string(visible(finding.rule->id));
    json.key("fingerprint").string(fingerprint_of(finding, seen));
    // What blocks is what the request must not be merged with, however grave it is elsewhere.
    json.key("severity")
        .string(one.verdict == event::Verdict::kBlock
                    ? kSeverities.back()
                    : kSeverities[static_cast<std::size_t>(finding.severity)]);
    json.key("location").begin_object().key("path").string(visible(path));
    json.key("lines").begin_object().key("begin").number(std::max(finding.place.line, 1U));
    if (finding.place.end_line > finding.place.line) json.key("end").number(finding.place.end_line);
    json.end_object().end_object().end_object();
  }
  json.end_array();
  out += '\n';
  return out;
}

}  // namespace vedette::output
