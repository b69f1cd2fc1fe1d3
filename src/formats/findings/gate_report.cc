// SPDX-License-Identifier: Apache-2.0
#include "formats/findings/gate_report.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <optional>

#include "formats/findings/finding_reader.h"
#include "formats/packages/tree.h"

namespace vedette::formats::findings {
namespace {

using packages::Member;
using packages::Node;
using packages::NodeKind;

constexpr double kSecondsMax = 1e8;  // three years: a stage that took longer is a mistake

template <typename Enum, typename Names>
std::optional<Enum> word_of(const Node& node, const Names& names) {
  const auto found = std::ranges::find(names, node.text);
  if (!node.is_text() || found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

std::unexpected<Error> wrong(const std::string& name, const Node& node, std::string_view expected) {
  return failure(ErrorCode::kInvalid, fmt::format("{}:{}: expected {}, found something else", name,
                                                  node.line, expected));
}

Result<packages::Tree> tree_of(std::string_view text, const std::string& name,
                               const Limits& limits) {
  if (text.size() > limits.file_bytes_max)
    return failure(ErrorCode::kLimit, fmt::format("{}: expected at most {} bytes, found {}", name,
                                                  limits.file_bytes_max, text.size()));
  packages::Tree tree = packages::read_json(name, text, limits);
  if (!tree.problems.empty())
    return failure(ErrorCode::kInvalid,
                   to_string(tree.problems.front().place) + ": " + tree.problems.front().message);
  return tree;
}

class GateReader {
 public:
  GateReader(const Node& root, const std::string& name) : root_(root), name_(name), reader_(name) {}

  Result<GateDocument> read() {
    const auto verdict = word_of<event::Verdict>(root_["verdict"], event::kVerdictNames);
    if (!root_.is_table() || !verdict || !root_["judgements"].is_list())
      return wrong(name_, root_,
                   "a verdict and its judgements, as `vedette gate --format json` writes them");
    event::GateReport& report = document_.report;
    report.verdict = *verdict;
    report.incomplete = root_["incomplete"].is_true();
    report.policy = root_["policy"].text;
    report.environment = root_["environment"].text;
    report.has_base = root_["compared_with_base"].is_true();
    const auto now = parse_time(root_["time"].text);
    if (!now) return wrong(name_, root_["time"], "the time of the verdict");
    report.now = *now;
    for (const Member& one : root_["judgements"].members) TRY_VOID(add_judgement(one.value));
    document_.findings = reader_.take();
    for (std::size_t i = 0; i < report.judgements.size(); ++i)
      report.judgements[i].finding = &document_.findings.findings[i];
    TRY_VOID(add_scanners());
    return std::move(document_);
  }

 private:
  Result<void> add_judgement(const Node& node) {
    event::Judgement& one = document_.report.judgements.emplace_back();
    const auto verdict = word_of<event::Verdict>(node["verdict"], event::kVerdictNames);
    if (!verdict) return wrong(name_, node, "a judgement with a known verdict");
    one.verdict = *verdict;
    one.is_new = node["new"].is_true();
    one.scanner = node["scanner"].text;
    if (one.scanner.empty()) return wrong(name_, node, "the scanner of a judgement");
    if (node.has("exception")) {
      const auto exception = word_of<event::Exception>(node["exception"], event::kExceptionNames);
      if (!exception) return wrong(name_, node["exception"], "a known exception");
      one.exception = *exception;
    }
    return reader_.add(node["finding"]);
  }

  // Every scanner that told of something looked, though maybe not at everything.
  Result<void> add_scanners() {
    std::map<std::string, bool, std::less<>> known;
    for (const Member& one : root_["scanners"].members) {
      if (one.value["name"].text.empty()) return wrong(name_, one.value, "the name of a scanner");
      known.emplace(one.value["name"].text, one.value["complete"].is_true());
    }
    for (const event::Judgement& one : document_.report.judgements)
      known.try_emplace(one.scanner, false);
    for (const auto& [scanner, complete] : known)
      document_.report.scanners.push_back({scanner, complete});
    return {};
  }

  const Node& root_;         // the caller's
  const std::string& name_;  // the caller's
  FindingReader reader_;
  GateDocument document_;
};

std::optional<TimeNs> duration_of(const Node& node) {
  double seconds = -1;
  if (node.kind == NodeKind::kNumber)
    std::from_chars(node.text.data(), node.text.data() + node.text.size(), seconds);
  if (!(seconds >= 0 && seconds <= kSecondsMax)) return std::nullopt;
  return std::llround(seconds * static_cast<double>(kNsPerSecond));
}

}  // namespace

Result<GateDocument> read_gate_report(std::string_view text, const std::string& name,
                                      const Limits& limits) {
  TRY(const packages::Tree tree, tree_of(text, name, limits));
  return GateReader(tree.root, name).read();
}

Result<std::vector<event::ScannerRun>> read_stages(std::string_view text, const std::string& name,
                                                   const Limits& limits) {
  TRY(const packages::Tree tree, tree_of(text, name, limits));
  if (!tree.root["stages"].is_list()) return wrong(name, tree.root, "a list of \"stages\"");
  std::map<std::string, event::ScannerRun, std::less<>> scanners;
  for (const Member& member : tree.root["stages"].members) {
    const Node& node = member.value;
    if (node.has("ran") && !node["ran"].is_true()) continue;
    std::string scanner(node["scanner"].text);
    if (scanner.empty()) return wrong(name, node, "the scanner of a stage");
    event::ScannerRun& one = scanners[scanner];
    one.name = std::move(scanner);
    one.complete = one.complete && (!node.has("complete") || node["complete"].is_true());
    if (!node.has("seconds")) continue;
    const auto duration = duration_of(node["seconds"]);
    if (!duration) return wrong(name, node["seconds"], "a number of seconds");
    one.duration = std::min(one.duration.value_or(0) + *duration, TimeNs{INT64_MAX / 4});
  }
  std::vector<event::ScannerRun> out;
  for (auto& [scanner, one] : scanners) out.push_back(std::move(one));
  return out;
}

}  // namespace vedette::formats::findings
