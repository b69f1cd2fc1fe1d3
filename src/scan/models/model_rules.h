// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "event/finding.h"

namespace vedette::scan::models {

enum class ModelRule : std::uint8_t {
  kRunsCode,
  kLoadsCode,
  kUsesNetwork,
  kChangesFiles,
  kReadsFiles,
  kChangesModule,
  kIndirectCall,
  kUnknownCall,
  kUnknownClass,
  kEmbeddedFunction,
  kArchiveLies,
  kBroken,
  kPathEscapes,
  kCodeBeside,
  kUntrustedSource,
  kIndexMisleads,
  kIncomplete,
  kLoaderChoice,
  kCustomOperation,
  kOpaque,
  kEmbeddedProgram,
  kDigestDiffers,
  kHiddenText,
};

// What is said about each kind of finding. Lives as long as the program.
class ModelRules {
 public:
  ModelRules();
  const event::FindingRule& operator[](ModelRule rule) const {
    return rules_[static_cast<std::size_t>(rule)];
  }
  std::size_t size() const { return rules_.size(); }

 private:
  std::vector<event::FindingRule> rules_;
};

// A finding at `offset` of `path`. `call` is Python-like text, `message` a sentence.
event::Finding make_finding(const event::FindingRule& rule, std::string_view path,
                            std::uint64_t offset, const std::string& call, std::string message);

// Adds such a finding at the begin of `path`: each call once, at most kFindingsOfRuleMax of one
// rule, so that many of one kind never hide one of another.
inline constexpr std::ptrdiff_t kFindingsOfRuleMax = 50;
void add_finding(const event::FindingRule& rule, std::string_view path, const std::string& call,
                 std::string message, std::vector<event::Finding>& findings);

}  // namespace vedette::scan::models
