// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <fmt/format.h>
#include <memory>

#include "base/json_writer.h"
#include "cmd/rule_flags.h"
#include "cmd/rules/rules_commands.h"
#include "cmd/terminal.h"
#include "engine/rules/rules_run.h"

namespace vedette::cmd {
namespace {

struct LintFlags {
  RuleFlags rules;
  std::string format = "text";
  bool strict = false;
};

std::uint64_t loaded_count(const rules::RuleSet& set) {
  return set.rules.size() + set.correlations.size();
}

std::string lint_json(const rules::RuleSet& set) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("loaded").number(loaded_count(set));
  json.key("refused").begin_array();
  for (const rules::Refusal& refusal : set.refused) {
    json.begin_object().key("file").string(refusal.file).key("line").number(refusal.line);
    json.key("rule").string(refusal.rule).key("reason").string(refusal.reason).end_object();
  }
  json.end_array().key("warnings").begin_array();
  for (const Diagnostic& warning : set.warnings) {
    json.begin_object().key("file").string(warning.place.file);
    json.key("line").number(warning.place.line).key("column").number(warning.place.column);
    json.key("message").string(warning.message).key("hint").string(warning.hint).end_object();
  }
  json.end_array().end_object();
  out += '\n';
  return out;
}

std::string lint_text(const rules::RuleSet& set) {
  std::string out;
  for (const Diagnostic& warning : set.warnings) {
    out += fmt::format("{}: warning: {}{}{}\n", to_string(warning.place), warning.message,
                       warning.hint.empty() ? "" : "; ", warning.hint);
  }
  for (const rules::Refusal& refusal : set.refused) {
    out += fmt::format("{}: refused: {}{}{}\n",
                       to_string(Place{refusal.file, refusal.line, refusal.column, 0}),
                       refusal.rule, refusal.rule.empty() ? "" : ": ", refusal.reason);
  }
  out += fmt::format("{} loaded, {} refused, {} warnings\n", grouped(loaded_count(set)),
                     grouped(set.refused.size()), grouped(set.warnings.size()));
  return out;
}

int run_lint(const LintFlags& flags) {
  const Result<engine::RuleOptions> options = rule_options(flags.rules);
  if (!options) return usage_error(options.error());
  const Result<rules::RuleSet> set = engine::lint_rules(*options, Limits());
  if (!set) return usage_error(set.error());
  const std::string text = flags.format == "json" ? lint_json(*set) : lint_text(*set);
  std::fwrite(text.data(), 1, text.size(), stdout);
  const bool bad = !set->refused.empty() || (flags.strict && !set->warnings.empty());
  return bad ? kExitBlocked : kExitClean;
}

}  // namespace

Command rules_lint_command() {
  const auto flags = std::make_shared<LintFlags>();
  Command command{
      "lint", "Loads rules and says which are refused or doubtful, and why.",
      "  vedette rules lint --rules sigma/rules\n"
      "  vedette rules lint --rules sigma/rules --format json | jq '.refused[].reason'\n"
      "  vedette rules lint --rules my-rules --strict    # warnings fail too\n"};
  command.flags = flags->rules.rows();
  command.flags.push_back({"-f,--format",
                           "FORMAT",
                           "How to write it.",
                           &flags->format,
                           {"text", "json"},
                           ValueKind::kChoice});
  command.flags.push_back({"--strict", "", "Exit code 1 for warnings too.", &flags->strict});
  command.run = [flags] { return run_lint(*flags); };
  return command;
}

}  // namespace vedette::cmd
