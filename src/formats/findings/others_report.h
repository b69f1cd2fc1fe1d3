// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "formats/findings/finding_report.h"
#include "formats/packages/tree.h"

// What the readers of other tools' reports share.
namespace vedette::formats::findings {

Result<FindingReport> read_sarif(const packages::Node& root, const std::string& name);
Result<FindingReport> read_cyclonedx(const packages::Node& root, const std::string& name);

// Of a CVSS score, by the bounds of CVSS 3.1 section 5.
event::Level level_of_score(double score);
// "HIGH", "moderate", "info" …; nothing where the word is none.
std::optional<event::Level> level_of_word(std::string_view word);
// Not below 0, else nothing; of a number, or of a text that holds one.
std::optional<double> score_of(const packages::Node& node);

// As scan/vulnerabilities makes it, so that two tools that mean the same say the same.
std::string vulnerability_identity(std::string_view purl_type, std::string_view distribution,
                                   std::string_view package, std::string_view id);

// Text of others in bounds, on whole characters.
std::string bounded(std::string_view text);

std::unexpected<Error> unexpected_shape(const std::string& name, const packages::Node& node,
                                        std::string_view expected);

// One rule for each id of a tool; they live in the report.
class RuleBook {
 public:
  explicit RuleBook(FindingReport& report) : report_(report) {}

  // The rule, and whether it is new and the caller's to fill.
  std::pair<event::FindingRule*, bool> at(std::string_view pack, std::string_view id);

 private:
  FindingReport& report_;  // the caller's, outlives this
  std::map<std::string, event::FindingRule*, std::less<>> known_;
};

}  // namespace vedette::formats::findings
