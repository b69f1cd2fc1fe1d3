// SPDX-License-Identifier: Apache-2.0
#include "formats/findings/finding_report.h"

#include <algorithm>
#include <fmt/format.h>

#include "formats/findings/finding_reader.h"
#include "formats/findings/others_report.h"
#include "formats/packages/tree.h"

namespace vedette::formats::findings {
namespace {

using packages::Member;

Result<FindingReport> read_lines(std::string_view text, const std::string& name,
                                 const Limits& limits) {
  FindingReader reader(name);
  std::uint32_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const packages::Tree tree = packages::read_json(name, line, limits);
    const Result<void> added = tree.problems.empty()
                                   ? reader.add(tree.root)
                                   : failure(ErrorCode::kInvalid, tree.problems.front().message);
    if (!added)
      return failure(added.error().code,
                     fmt::format("{}: line {}: {}", name, number, added.error().message));
  }
  return reader.take();
}

// Our own lines begin with the class of a finding; what else names these keys is one whole text.
bool is_of_others(std::string_view text) {
  if (text.starts_with("{\"class\"") || !text.starts_with('{')) return false;
  return text.find("\"runs\"") != std::string_view::npos ||
         text.find("\"bomFormat\"") != std::string_view::npos;
}

Result<FindingReport> read_others(const packages::Tree& tree, const std::string& name) {
  if (tree.root["bomFormat"].text == "CycloneDX") return read_cyclonedx(tree.root, name);
  if (tree.root["runs"].is_list()) return read_sarif(tree.root, name);
  return unexpected_shape(name, tree.root, "findings, SARIF or CycloneDX");
}

}  // namespace

Limits finding_report_limits() {
  Limits limits;
  limits.file_bytes_max = std::size_t{1} << 30;
  limits.values_max = 100'000'000;
  return limits;
}

Result<FindingReport> read_finding_report(std::string_view text, const std::string& name,
                                          const Limits& limits) {
  if (text.size() > limits.file_bytes_max)
    return failure(ErrorCode::kLimit, fmt::format("{}: expected at most {} bytes, found {}", name,
                                                  limits.file_bytes_max, text.size()));
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos)
    return failure(ErrorCode::kInvalid, name +
                                            ": expected findings as JSON, found nothing; write "
                                            "them with `vedette scan … --format json`");
  constexpr std::string_view kWhole = "{\"findings\"";
  constexpr std::string_view kImage = "{\"image\"";
  const bool of_others = is_of_others(text.substr(begin));
  // `vedette scan image` puts what it found beside what is installed.
  const bool of_image = text.substr(begin).starts_with(kImage);
  // `vedette scan packages` lists packages, with or without files first.
  const std::string_view start = text.substr(begin);
  if (start.starts_with("{\"files\"") || start.starts_with("{\"packages\""))
    return failure(ErrorCode::kInvalid,
                   name +
                       ": expected findings, found a list of packages; look for what is known "
                       "of them with `vedette scan packages --db FILE`");
  if (!of_others && !of_image && !text.substr(begin).starts_with(kWhole))
    return read_lines(text, name, limits);
  const packages::Tree tree = packages::read_json(name, text, limits);
  if (!tree.problems.empty())
    return failure(ErrorCode::kInvalid,
                   to_string(tree.problems.front().place) + ": " + tree.problems.front().message);
  if (of_others && !tree.root.has("findings")) return read_others(tree, name);
  FindingReader reader(name);
  const packages::Node& root = of_image ? tree.root["secrets"] : tree.root;
  if (!root["findings"].is_list() || !root["summary"].is_table())
    return reader.wrong(tree.root, "\"findings\" and \"summary\"");
  for (const Member& one : root["findings"].members) TRY_VOID(reader.add(one.value));
  reader.add_summary(root["summary"]);
  return reader.take();
}

}  // namespace vedette::formats::findings
