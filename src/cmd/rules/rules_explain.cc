// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <optional>

#include "cmd/rule_flags.h"
#include "cmd/rules/rules_commands.h"
#include "cmd/terminal.h"
#include "engine/event_reader.h"
#include "engine/rules/rules_run.h"
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
  bool all = false;
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

// Writes a condition as an indented tree.
class TreeText {
 public:
  enum class Parts : std::uint8_t { kTelling, kAll };

  TreeText(bool colour, Parts parts, std::string& out)
      : colour_(colour), parts_(parts), out_(out) {}

  // Depth is bounded where the tree was built.
  void append(const engine::ExplainedNode& node, std::size_t depth) {
    const std::string indent(2 + depth * 2, ' ');
    out_ += fmt::format("{}{} {}", indent, mark(node.holds, colour_), visible(node.text));
    if (!node.selection.empty()) out_ += fmt::format("   [{}]", visible(node.selection));
    out_ += '\n';
    // A list of alternatives asks the same field over and over: its value is shown once.
    if (node.seen != seen_) {
      for (const std::string& seen : node.seen) {
        out_ += fmt::format("{}      saw {}\n", indent, visible(seen));
      }
    }
    seen_ = node.seen;
    append_children(node, depth + 1);
  }

 private:
  // Of many parts that agree with each other and do not decide, a few are enough.
  void append_children(const engine::ExplainedNode& node, std::size_t depth) {
    constexpr std::size_t kShown = 3;
    std::size_t same = 0;
    for (const engine::ExplainedNode& child : node.children) {
      const bool decides = node.text == "or" ? child.holds : !child.holds;
      if (!decides && parts_ == Parts::kTelling && child.children.empty() && ++same > kShown) {
        continue;
      }
      append(child, depth);
    }
    if (same > kShown) {
      out_ +=
          fmt::format("{}… {} more, all {} (--all shows them)\n", std::string(2 + depth * 2, ' '),
                      same - kShown, node.text == "or" ? "false" : "true");
    }
  }

  bool colour_;
  Parts parts_;
  std::string& out_;               // the caller's
  std::vector<std::string> seen_;  // what was shown last
};

std::string explanation_text(const engine::Explanation& explanation, bool colour,
                             TreeText::Parts parts) {
  std::string out;
  if (explanation.views.empty()) {
    return "  no known log source covers the rule's; --no-logsource looks at its condition alone\n";
  }
  // Where the event belongs to a log source of the rule, the others are noise.
  const bool any = std::any_of(explanation.views.begin(), explanation.views.end(),
                               [](const auto& view) { return view.belongs; });
  std::string condition_before;
  for (const engine::ExplainedView& view : explanation.views) {
    if (any && !view.belongs) continue;
    if (!view.log_source.empty()) {
      out += fmt::format("  log source {}: the event {}\n", view.log_source,
                         view.belongs ? "belongs to it" : "does not belong to it");
      if (!view.belongs || parts == TreeText::Parts::kAll) {
        TreeText(colour, parts, out).append(view.source, 1);
      }
    }
    std::string condition;
    TreeText(colour, parts, condition).append(view.condition, 1);
    out += condition == condition_before ? "  condition: as above\n" : "  condition\n" + condition;
    condition_before = std::move(condition);
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
  const auto parts = flags.all ? TreeText::Parts::kAll : TreeText::Parts::kTelling;
  Counts counts;
  const auto reports =
      engine::read_events(reading, log_sources, [&](const engine::ReadEvent& event) {
        ++counts.read;
        if (flags.record != 0 && event.record != flags.record) return event.record < flags.record;
        const engine::Explanation explanation =
            engine::explain(rule, log_sources, event.fields, options.use_log_sources);
        fmt::print("{} record {}: {}\n{}\n", visible(event.input), event.record,
                   explanation.matches ? "matches" : "does not match",
                   explanation_text(explanation, colour, parts));
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
  command.flags.push_back({"--all", "", "Every part, also where many agree.", &flags->all});
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
