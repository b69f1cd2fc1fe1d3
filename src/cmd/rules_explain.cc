// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <optional>

#include "cmd/rule_flags.h"
#include "cmd/rules_commands.h"
#include "cmd/terminal.h"
#include "engine/event_reader.h"
#include "engine/rules_run.h"
#include "formats/logs/format.h"
#include "output/terminal.h"

namespace vedette::cmd {
namespace {

struct ExplainFlags {
  RuleFlags rules;
  std::string name;
  std::vector<std::string> inputs;
  std::string input_format;
  std::uint64_t record = 0;
  std::uint64_t count_max = 10;
};

constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kPlain = "\x1b[0m";

std::string mark(bool holds, bool colour) {
  if (!colour) return holds ? "true " : "false";
  return fmt::format("{}{}{}", holds ? kGreen : kRed, holds ? "true " : "false", kPlain);
}

// What came from an event or a rule is not ours to trust with a terminal.
std::string visible(std::string_view text) {
  constexpr std::size_t kColumnsMax = 2000;
  std::string out;
  output::append_terminal(text, kColumnsMax, out);
  return out;
}

// Depth is bounded where the tree was built.
void append_node(const engine::ExplainedNode& node, std::size_t depth, bool colour,
                 std::string& out) {
  const std::string indent(depth * 2, ' ');
  out += fmt::format("  {}{} {}", indent, mark(node.holds, colour), visible(node.text));
  if (!node.selection.empty()) out += fmt::format("   [{}]", visible(node.selection));
  out += '\n';
  for (const std::string& seen : node.seen) {
    out += fmt::format("  {}        saw {}\n", indent, visible(seen));
  }
  for (const engine::ExplainedNode& child : node.children) {
    append_node(child, depth + 1, colour, out);
  }
}

std::string explanation_text(const engine::Explanation& explanation, bool colour) {
  std::string out;
  if (explanation.views.empty()) {
    return "  no known log source covers the rule's; --no-logsource looks at its condition alone\n";
  }
  // Where the event belongs to a log source of the rule, the others are noise.
  const bool any = std::any_of(explanation.views.begin(), explanation.views.end(),
                               [](const auto& view) { return view.belongs; });
  for (const engine::ExplainedView& view : explanation.views) {
    if (any && !view.belongs) continue;
    if (!view.log_source.empty()) {
      out += fmt::format("  log source {}: the event {}\n", view.log_source,
                         view.belongs ? "belongs to it" : "does not belong to it");
      append_node(view.source, 1, colour, out);
    }
    out += "  condition\n";
    append_node(view.condition, 1, colour, out);
  }
  return out;
}

struct Counts {
  std::uint64_t read = 0;
  std::uint64_t shown = 0;
};

int explain_events(const ExplainFlags& flags, const engine::RuleOptions& options,
                   const rules::Rule& rule, bool colour) {
  std::vector<Diagnostic> warnings;
  rules::LogSources log_sources;
  if (!options.content.empty()) {
    auto loaded = rules::load_log_sources(options.content + "/logsources", warnings);
    if (!loaded) return usage_error(loaded.error());
    log_sources = std::move(*loaded);
  }
  engine::DetectOptions reading;
  reading.rules = options;
  reading.inputs = flags.inputs;
  reading.format =
      formats::logs::format_by_name(flags.input_format).value_or(event::RecordFormat::kUnknown);
  Counts counts;
  const auto reports =
      engine::read_events(reading, log_sources, [&](const engine::ReadEvent& event) {
        ++counts.read;
        if (flags.record != 0 && event.record != flags.record) return event.record < flags.record;
        const engine::Explanation explanation =
            engine::explain(rule, log_sources, event.fields, options.use_log_sources);
        fmt::print("{} record {}: {}\n{}\n", visible(event.input), event.record,
                   explanation.matches ? "matches" : "does not match",
                   explanation_text(explanation, colour));
        return ++counts.shown < flags.count_max;
      });
  if (!reports) return usage_error(reports.error());
  for (const event::InputReport& report : *reports) {
    for (const Diagnostic& problem : report.problems) {
      fmt::print(stderr, "vedette: {}: {}\n", to_string(problem.place), problem.message);
    }
  }
  if (counts.shown > 0) return kExitClean;
  return usage_error({ErrorCode::kNotFound,
                      flags.record == 0 ? "expected an event to explain, found none in the input"
                                        : fmt::format("expected record {}, found {} records",
                                                      flags.record, counts.read)});
}

int run_explain(const ExplainFlags& flags) {
  const Result<engine::RuleOptions> options = rule_options(flags.rules);
  if (!options) return usage_error(options.error());
  const Result<rules::RuleSet> set = engine::load_rules(*options, Limits());
  if (!set) return usage_error(set.error());
  const Result<engine::FoundRule> found = engine::find_rule(*set, flags.name);
  if (!found) return usage_error(found.error());
  if (found->rule == nullptr) {
    return usage_error({ErrorCode::kUnsupported,
                        fmt::format("expected a rule over single events, found the correlation "
                                    "'{}'; explain the rules that it counts",
                                    found->info->title)});
  }
  fmt::print("{} ({})\n{}:{}\n\n", found->info->title, event::to_string(found->info->level),
             found->info->file, found->info->line);
  return explain_events(flags, *options, *found->rule, look_at_terminal().colour);
}

}  // namespace

Command rules_explain_command() {
  const auto flags = std::make_shared<ExplainFlags>();
  Command command{
      "explain", "Shows why a rule matches an event or not: its condition, part by part.",
      "  vedette rules explain 'Shell in a container' --event event.json\n"
      "  vedette rules explain --rules sigma/rules 8a2f4b1c-3d5e-4f7a-9b2c-1e4f6d8a9c2b "
      "--event Sysmon.evtx --record 12\n"};
  command.flags = flags->rules.rows();
  std::vector<std::string> formats;
  for (const auto& row : formats::logs::formats()) formats.emplace_back(row.name);
  command.flags.push_back({"-e,--event",
                           "FILE",
                           "The event, in any format; - for standard input.",
                           &flags->inputs,
                           {},
                           ValueKind::kPath});
  command.flags.push_back(
      {"--record", "NUMBER", "Only this record, from 1; default: the first ten.", &flags->record});
  command.flags.push_back(
      {"--count", "NUMBER", "How many records are shown at most.", &flags->count_max});
  command.flags.push_back({"--input-format", "FORMAT", "Takes the input for this format.",
                           &flags->input_format, formats, ValueKind::kChoice});
  command.arguments = {
      {"RULE", "The rule's id, name or title.", &flags->name, true, ValueKind::kText}};
  command.run = [flags]() -> int {
    if (!flags->inputs.empty()) return run_explain(*flags);
    return usage_error({ErrorCode::kInvalid, "expected --event FILE, found none"});
  };
  return command;
}

}  // namespace vedette::cmd
