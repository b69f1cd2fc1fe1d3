// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cmd/command_line.h"
#include "engine/detect_run.h"

namespace vedette::cmd {

// The flags that choose rules, shared by `detect` and `rules`.
struct RuleFlags {
  std::vector<std::string> rules;
  std::vector<std::string> pipelines;
  std::string variables;
  std::string level_min;
  std::vector<std::string> only;
  std::vector<std::string> tags;
  std::vector<std::string> exclude;
  bool no_log_sources = false;
  std::string rule_matching;

  // Rows that fill this object, which must stay where it is.
  std::vector<Flag> rows();
};

// The rules of a content folder: sigma, and falco where it has that.
std::vector<std::string> shipped_rules(const std::string& content);

// Without --rules: shipped_rules() of the content folder. Fails when that is needed and not there.
Result<engine::RuleOptions> rule_options(const RuleFlags& flags);

// "critical" … "informational".
std::vector<std::string> level_names();
event::Level level_by_name(const std::string& name);

// "90", "90s", "15m", "2h", "1d", "500ms"; empty is 0.
Result<std::int64_t> parse_duration_ns(const std::string& text);

// Prints "vedette: MESSAGE" on stderr; returns kExitUsage.
int usage_error(const Error& error);

}  // namespace vedette::cmd
