// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "formats/findings/finding_report.h"
#include "formats/packages/tree.h"

namespace vedette::formats::findings {

// Findings as our own JSON has them, one after the other.
class FindingReader {
 public:
  explicit FindingReader(const std::string& name) { report_.name = name; }

  Result<void> add(const packages::Node& node);
  void add_summary(const packages::Node& node);
  std::unexpected<Error> wrong(const packages::Node& node, std::string_view expected) const;
  FindingReport take() { return std::move(report_); }

 private:
  const event::FindingRule* rule_of(const packages::Node& node);

  FindingReport report_;
  std::map<std::string, const event::FindingRule*> known_;
};

}  // namespace vedette::formats::findings
