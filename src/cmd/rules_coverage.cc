// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <memory>

#include "base/file.h"
#include "base/json_writer.h"
#include "cmd/rule_flags.h"
#include "cmd/rules_commands.h"
#include "engine/rules_run.h"

namespace vedette::cmd {
namespace {

struct CoverageFlags {
  RuleFlags rules;
  std::string format = "text";
  std::string navigator;
};

std::string coverage_json(const engine::CoverageTable& table) {
  std::string out;
  JsonWriter json(out);
  json.begin_array();
  for (const auto& [technique, sources] : table) {
    for (const auto& [source, count] : sources) {
      json.begin_object().key("technique").string(technique).key("logsource").string(source);
      json.key("rules").number(count).end_object();
    }
  }
  json.end_array();
  out += '\n';
  return out;
}

// One line per technique, its log sources with most rules first.
std::string coverage_text(const engine::CoverageTable& table) {
  std::string out = fmt::format("{:<16}{:>6}  log sources\n", "technique", "rules");
  for (const auto& [technique, sources] : table) {
    std::vector<std::pair<std::string, std::uint64_t>> sorted(sources.begin(), sources.end());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    std::uint64_t total = 0;
    std::string list;
    for (const auto& [source, count] : sorted) {
      total += count;
      list += fmt::format("{}{} {}", list.empty() ? "" : ", ", source, count);
    }
    out += fmt::format("{:<16}{:>6}  {}\n", technique, total, list);
  }
  return out;
}

int run_coverage(const CoverageFlags& flags) {
  const Result<engine::RuleOptions> options = rule_options(flags.rules);
  if (!options) return usage_error(options.error());
  const Result<rules::RuleSet> set = engine::load_rules(*options, Limits());
  if (!set) return usage_error(set.error());
  if (!flags.navigator.empty()) {
    const std::string layer = engine::navigator_layer(*set, "Vedette rules");
    const Result<void> written = write_file_whole(flags.navigator, layer);
    if (!written) return usage_error(written.error());
    fmt::print(stderr, "wrote the ATT&CK Navigator layer to {}\n", flags.navigator);
  }
  const engine::CoverageTable table = engine::coverage_table(*set);
  const std::string text = flags.format == "json" ? coverage_json(table) : coverage_text(table);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return set->refused.empty() ? kExitClean : kExitPartial;
}

}  // namespace

Command rules_coverage_command() {
  const auto flags = std::make_shared<CoverageFlags>();
  Command command{"coverage", "Counts rules by ATT&CK technique and log source.",
                  "  vedette rules coverage\n"
                  "  vedette rules coverage --rules sigma/rules --navigator layer.json\n"};
  command.flags = flags->rules.rows();
  command.flags.push_back({"--navigator",
                           "FILE",
                           "Writes a layer for the ATT&CK Navigator too.",
                           &flags->navigator,
                           {},
                           ValueKind::kPath});
  command.flags.push_back({"-f,--format",
                           "FORMAT",
                           "How to write the table.",
                           &flags->format,
                           {"text", "json"},
                           ValueKind::kChoice});
  command.run = [flags] { return run_coverage(*flags); };
  return command;
}

}  // namespace vedette::cmd
