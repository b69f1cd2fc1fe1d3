// SPDX-License-Identifier: Apache-2.0
// `rules list` and `rules show`: a rule set's contents, and one rule.
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <memory>

#include "base/json_writer.h"
#include "cmd/rule_flags.h"
#include "cmd/rules/rules_commands.h"
#include "engine/rules/rules_run.h"

namespace vedette::cmd {
namespace {

struct ListFlags {
  RuleFlags rules;
  std::string format = "text";
};

struct ShowFlags {
  RuleFlags rules;
  std::string name;
};

std::vector<const event::RuleInfo*> infos_of(const rules::RuleSet& set) {
  std::vector<const event::RuleInfo*> infos;
  for (const rules::Rule& rule : set.rules) infos.push_back(&rule.info);
  for (const rules::Correlation& correlation : set.correlations) infos.push_back(&correlation.info);
  for (const event::RuleInfo& info : set.disabled) infos.push_back(&info);
  return infos;
}

bool is_disabled(const rules::RuleSet& set, const event::RuleInfo* info) {
  return std::any_of(set.disabled.begin(), set.disabled.end(),
                     [info](const event::RuleInfo& one) { return &one == info; });
}

void write_strings(JsonWriter& json, std::string_view key, const std::vector<std::string>& values) {
  json.key(key).begin_array();
  for (const std::string& value : values) json.string(value);
  json.end_array();
}

std::string list_json(const rules::RuleSet& set) {
  std::string out;
  JsonWriter json(out);
  json.begin_array();
  for (const event::RuleInfo* info : infos_of(set)) {
    json.begin_object().key("id").string(info->id).key("title").string(info->title);
    json.key("level").string(event::to_string(info->level)).key("status").string(info->status);
    json.key("logsource").string(info->logsource);
    json.key("correlation").boolean(info->correlation);
    json.key("disabled").boolean(is_disabled(set, info));
    write_strings(json, "tags", info->tags);
    json.key("file").string(info->file).key("line").number(info->line).end_object();
  }
  json.end_array();
  out += '\n';
  return out;
}

std::string list_text(const rules::RuleSet& set) {
  std::vector<const event::RuleInfo*> infos = infos_of(set);
  std::stable_sort(infos.begin(), infos.end(), [](const auto* a, const auto* b) {
    return a->level != b->level ? a->level > b->level : a->title < b->title;
  });
  std::string out;
  for (const event::RuleInfo* info : infos) {
    out += fmt::format("{:<13}  {:<36}  {}  ({}{})\n", event::to_string(info->level), info->id,
                       info->title, info->correlation ? "correlation" : info->logsource,
                       is_disabled(set, info) ? ", disabled" : "");
  }
  out += fmt::format("{} rules, {} correlations, {} refused", set.rules.size(),
                     set.correlations.size(), set.refused.size());
  if (!set.disabled.empty()) out += fmt::format(", {} disabled", set.disabled.size());
  out += '\n';
  return out;
}

int run_list(const ListFlags& flags) {
  const Result<engine::RuleOptions> options = rule_options(flags.rules);
  if (!options) return usage_error(options.error());
  const Result<rules::RuleSet> set = engine::load_rules(*options, Limits());
  if (!set) return usage_error(set.error());
  const std::string text = flags.format == "json" ? list_json(*set) : list_text(*set);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return set->refused.empty() ? kExitClean : kExitPartial;
}

void print_line(std::string_view label, const std::string& value) {
  if (!value.empty()) fmt::print("{:<16}{}\n", label, value);
}

int run_show(const ShowFlags& flags) {
  const Result<engine::RuleOptions> options = rule_options(flags.rules);
  if (!options) return usage_error(options.error());
  const Result<rules::RuleSet> set = engine::load_rules(*options, Limits());
  if (!set) return usage_error(set.error());
  const Result<engine::FoundRule> found = engine::find_rule(*set, flags.name);
  if (!found) return usage_error(found.error());
  const event::RuleInfo& info = *found->info;
  const Result<std::string> text = engine::rule_text(info, Limits());
  if (!text) return usage_error(text.error());
  print_line("title", info.title);
  print_line("id", info.id);
  print_line("level", std::string(event::to_string(info.level)));
  print_line("status", info.status);
  print_line("log source", info.correlation ? "correlation" : info.logsource);
  print_line("tags", fmt::format("{}", fmt::join(info.tags, ", ")));
  print_line("author", info.author);
  print_line("stands in", fmt::format("{}:{}", info.file, info.line));
  fmt::print("\n{}", *text);
  return kExitClean;
}

}  // namespace

Command rules_list_command() {
  const auto flags = std::make_shared<ListFlags>();
  Command command{"list", "Lists rules by severity.",
                  "  vedette rules list\n"
                  "  vedette rules list --tag attack.t1059 --min-level high\n"
                  "  vedette rules list --rules sigma/rules --format json\n"};
  command.flags = flags->rules.rows();
  command.flags.push_back({"-f,--format",
                           "FORMAT",
                           "How to write it.",
                           &flags->format,
                           {"text", "json"},
                           ValueKind::kChoice});
  command.run = [flags] { return run_list(*flags); };
  return command;
}

Command rules_show_command() {
  const auto flags = std::make_shared<ShowFlags>();
  Command command{"show", "Shows one rule: what it is, and its text.",
                  "  vedette rules show 6d8aa5f0-2f1d-4d4f-9f6c-5a0b8c1f7e21\n"
                  "  vedette rules show --rules sigma/rules 'Mimikatz Use'\n"};
  command.flags = flags->rules.rows();
  command.arguments = {
      {"RULE", "The rule's id, name or title.", &flags->name, true, ValueKind::kText}};
  command.run = [flags] { return run_show(*flags); };
  return command;
}

}  // namespace vedette::cmd
