// SPDX-License-Identifier: Apache-2.0
#include "formats/findings/sarif_package.h"

#include <algorithm>
#include <array>

#include "formats/packages/text.h"

namespace vedette::formats::findings {
namespace {

using packages::cut_first;
using packages::Halves;

// What stands behind a label, up to the end of the line.
std::string_view labelled(std::string_view text, std::string_view label) {
  packages::Lines lines(text);
  std::string_view line;
  while (lines.next(line)) {
    if (line.starts_with(label)) return packages::trimmed(line.substr(label.size()));
  }
  return {};
}

bool by_trivy(std::string_view message, event::FindingVulnerability& one) {
  one.package = labelled(message, "Package: ");
  one.version = labelled(message, "Installed Version: ");
  one.fixed = labelled(message, "Fixed Version: ");
  // Several branches: "1.2.6, 2.0.1".
  one.fixed = cut_first(one.fixed, ",").before;
  return !one.package.empty() && !one.version.empty();
}

// "A high vulnerability in deb package: curl, version 7.88.1 was found at: /image"
bool by_grype(std::string_view message, event::FindingVulnerability& one) {
  const Halves name = cut_first(message, " package: ");
  const Halves version = cut_first(name.behind, ", version ");
  const Halves end = cut_first(version.behind, " was found");
  if (!name.found || !version.found || !end.found) return false;
  one.package = version.before;
  one.version = end.before;
  return !one.package.empty() && !one.version.empty();
}

// "Package 'lodash@4.17.20' is vulnerable to 'CVE-2021-23337' (also known as …)."
bool by_osv_scanner(std::string_view message, event::FindingVulnerability& one) {
  const Halves begin = cut_first(message, "Package '");
  const Halves end = cut_first(begin.behind, "' is vulnerable to '");
  const Halves parts = packages::cut_last(end.before, "@");
  if (!begin.found || !end.found || !parts.found) return false;
  one.package = parts.before;
  one.version = parts.behind;
  return !one.package.empty() && !one.version.empty();
}

using Words = bool (*)(std::string_view message, event::FindingVulnerability& one);
constexpr std::array<Words, 3> kWords = {by_trivy, by_grype, by_osv_scanner};

}  // namespace

std::string_view vulnerability_id(std::string_view text) {
  constexpr std::array<std::string_view, 2> kBeginnings = {"CVE-", "GHSA-"};
  constexpr std::size_t kParts = 3;          // CVE, year, number
  constexpr std::size_t kPartsOfGithub = 4;  // GHSA and three groups
  for (const std::string_view beginning : kBeginnings) {
    const std::size_t at = text.find(beginning);
    if (at == std::string_view::npos) continue;
    const std::size_t parts = beginning == "CVE-" ? kParts : kPartsOfGithub;
    std::size_t end = at;
    for (std::size_t part = 0; part < parts && end < text.size(); ++part) {
      const std::size_t dash = text.find_first_not_of(
          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", end);
      end = std::min(dash, text.size());
      if (part + 1 == parts) return text.substr(at, end - at);
      if (end == text.size() || text[end] != '-') break;
      ++end;
    }
  }
  return {};
}

std::optional<event::FindingVulnerability> package_in_message(std::string_view rule,
                                                              std::string_view message) {
  const std::string_view id = vulnerability_id(rule);
  if (id.empty()) return std::nullopt;
  for (const Words words : kWords) {
    event::FindingVulnerability one;
    if (!words(message, one)) continue;
    one.names = {std::string(id)};
    one.advisories = {std::string(id)};
    one.upgrade = one.fixed;
    one.upgrade_fixes = one.fixed.empty() ? 0 : 1;
    return one;
  }
  return std::nullopt;
}

}  // namespace vedette::formats::findings
