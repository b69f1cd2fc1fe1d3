// SPDX-License-Identifier: Apache-2.0
#include "formats/vex/vex.h"

#include <utility>

#include "formats/packages/text.h"
#include "formats/vex/readers.h"

namespace vedette::formats::vex {

Result<VexDocument> read_vex(std::string_view path, std::string_view bytes, const Limits& limits) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  const packages::Tree tree = packages::read_json(path, bytes, limits);
  const packages::Node& root = tree.root;
  const bool is_csaf = root["document"]["csaf_version"].is_text();
  const bool is_openvex = root["@context"].text.find("openvex") != std::string_view::npos ||
                          (root.has("statements") && root.has("author"));
  const bool is_cyclonedx = root["bomFormat"].text == "CycloneDX" && root.has("vulnerabilities");
  // Half a document could leave out the statement that takes back an earlier one.
  if (!tree.problems.empty())
    return failure(ErrorCode::kInvalid,
                   to_string(tree.problems.front().place) + ": " + tree.problems.front().message);
  if (is_csaf) return read_csaf(path, tree);
  if (is_openvex) return read_openvex(path, tree);
  if (is_cyclonedx) return read_cyclonedx(path, tree);
  return failure(ErrorCode::kInvalid, std::string(path) +
                                          ": expected statements about vulnerabilities (OpenVEX, "
                                          "CSAF 2.0, CycloneDX with vulnerabilities), found "
                                          "something else");
}

void add_problem(std::string_view path, std::uint32_t line, std::string message,
                 VexDocument& document) {
  if (document.problems.size() >= kProblemsMax) return;
  document.problems.push_back(
      {DiagnosticKind::kWarning, {std::string(path), line, 0, 0}, std::move(message), ""});
}

TimeNs time_of(std::string_view text) { return parse_time(text).value_or(0); }

std::string hash_text(std::string_view algorithm, std::string_view digits) {
  std::string out;
  for (const char c : packages::lower(algorithm)) {
    if (c != '-' && c != '_') out += c;
  }
  return out + ':' + packages::lower(digits);
}

void append_sentence(std::string_view text, std::string& out) {
  if (text.empty()) return;
  if (!out.empty()) out += ' ';
  out += text;
}

}  // namespace vedette::formats::vex
