// SPDX-License-Identifier: Apache-2.0
#include "cmd/rule_flags.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <limits>
#include <system_error>

#include "cmd/content_folder.h"

namespace vedette::cmd {

std::vector<std::string> level_names() {
  std::vector<std::string> names(event::kLevelNames.begin(), event::kLevelNames.end());
  std::reverse(names.begin(), names.end());
  return names;
}

event::Level level_by_name(const std::string& name) {
  const auto found = std::find(event::kLevelNames.begin(), event::kLevelNames.end(), name);
  return found == event::kLevelNames.end()
             ? event::Level::kInformational
             : static_cast<event::Level>(found - event::kLevelNames.begin());
}

std::vector<Flag> RuleFlags::rows() {
  return {
      {"-r,--rules",
       "PATH",
       "Rules: a file or a folder; may be repeated. Default: ours.",
       &rules,
       {},
       ValueKind::kPath},
      {"--pipeline",
       "FILE",
       "A processing pipeline (pySigma's YAML form); may be repeated.",
       &pipelines,
       {},
       ValueKind::kPath},
      {"--vars",
       "FILE",
       "Values of placeholders (|expand): YAML, name to value or list.",
       &variables,
       {},
       ValueKind::kPath},
      {"--min-level", "LEVEL", "Leaves out rules below this level.", &level_min, level_names(),
       ValueKind::kChoice},
      {"--rule", "ID", "Only this rule, by id, name or title; may be repeated.", &only},
      {"--tag", "TAG", "Only rules with this tag; attack.t1059 covers attack.t1059.001.", &tags},
      {"--exclude", "ID|TAG", "Leaves out a rule or all rules of a tag; may be repeated.",
       &exclude},
      {"--no-logsource", "", "Every rule sees every event, whatever its log source.",
       &no_log_sources},
      {"--rule-matching",
       "WHICH",
       "Falco rules: reports the first that matches an event (default), or all.",
       &rule_matching,
       {"first", "all"},
       ValueKind::kChoice},
  };
}

std::vector<std::string> shipped_rules(const std::string& content) {
  std::vector<std::string> folders = {content + "/sigma"};
  std::error_code error;
  if (std::filesystem::is_directory(content + "/falco", error)) {
    folders.push_back(content + "/falco");
  }
  return folders;
}

Result<engine::RuleOptions> rule_options(const RuleFlags& flags) {
  engine::RuleOptions options;
  const Result<std::string> content = find_content_folder();
  if (!content && (flags.rules.empty() || !flags.no_log_sources)) {
    return std::unexpected(content.error());
  }
  options.content = content.value_or("");
  options.rules = flags.rules;
  if (options.rules.empty()) options.rules = shipped_rules(options.content);
  options.pipelines = flags.pipelines;
  options.variables = flags.variables;
  options.level_min = level_by_name(flags.level_min);
  options.only = flags.only;
  options.tags = flags.tags;
  options.exclude = flags.exclude;
  options.use_log_sources = !flags.no_log_sources;
  if (flags.rule_matching == "all") options.matching = engine::RuleMatching::kAll;
  return options;
}

Result<std::int64_t> parse_duration_ns(const std::string& text) {
  if (text.empty()) return 0;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string unit(end, text.data() + text.size());
  std::int64_t unit_ns = 0;
  if (unit == "ms") unit_ns = kNsPerSecond / 1000;
  if (unit.empty() || unit == "s") unit_ns = kNsPerSecond;
  if (unit == "m") unit_ns = 60 * kNsPerSecond;
  if (unit == "h") unit_ns = 3600 * kNsPerSecond;
  if (unit == "d") unit_ns = 86400 * kNsPerSecond;
  if (error != std::errc() || count < 0 || unit_ns == 0 ||
      count > std::numeric_limits<std::int64_t>::max() / unit_ns) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected a duration such as 90s, 15m, 2h or 1d, found '{}'", text));
  }
  return count * unit_ns;
}

int usage_error(const Error& error) {
  fmt::print(stderr, "vedette: {}\n", error.message);
  return kExitUsage;
}

}  // namespace vedette::cmd
