// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <fmt/format.h>
#include <memory>

#include "base/file.h"
#include "cmd/rule_flags.h"
#include "cmd/rules/rules_commands.h"
#include "engine/detect_run.h"
#include "output/coverage.h"

namespace vedette::cmd {
namespace {

struct CoverageFlags {
  RuleFlags rules;
  std::string format = "text";
  std::string navigator;
  std::string matrix = "attack";
};

int run_coverage(const CoverageFlags& flags) {
  const Result<engine::RuleOptions> options = rule_options(flags.rules);
  if (!options) return usage_error(options.error());
  const Result<rules::RuleSet> set = engine::load_rules(*options, Limits());
  if (!set) return usage_error(set.error());
  std::vector<const event::RuleInfo*> infos;
  for (const rules::Rule& rule : set->rules) infos.push_back(&rule.info);
  for (const rules::Correlation& correlation : set->correlations) {
    infos.push_back(&correlation.info);
  }
  const output::Coverage coverage = output::measure_coverage(infos);
  if (!flags.navigator.empty()) {
    const auto matrix = flags.matrix == "atlas" ? output::Matrix::kAtlas : output::Matrix::kAttack;
    const std::string layer = output::navigator_layer(coverage, matrix, "Vedette rules");
    const Result<void> written = write_file_whole(flags.navigator, layer);
    if (!written) return usage_error(written.error());
    fmt::print(stderr, "vedette: wrote the Navigator layer to {}\n", flags.navigator);
  }
  const output::Techniques techniques = output::Techniques::of_content(options->content);
  const std::string text = flags.format == "csv" ? output::coverage_csv(coverage, techniques)
                                                 : output::coverage_table(coverage, techniques);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return set->refused.empty() ? kExitClean : kExitPartial;
}

}  // namespace

Command rules_coverage_command() {
  const auto flags = std::make_shared<CoverageFlags>();
  Command command{"coverage", "Counts rules by ATT&CK and ATLAS technique and log source.",
                  "  vedette rules coverage\n"
                  "  vedette rules coverage --rules sigma/rules --navigator layer.json\n"
                  "  vedette rules coverage --format csv > coverage.csv\n"};
  command.flags = flags->rules.rows();
  command.flags.push_back({"-f,--format",
                           "FORMAT",
                           "How to write the table.",
                           &flags->format,
                           {"text", "csv"},
                           ValueKind::kChoice});
  command.flags.push_back({"--navigator",
                           "FILE",
                           "Writes a layer for the ATT&CK Navigator too.",
                           &flags->navigator,
                           {},
                           ValueKind::kPath});
  command.flags.push_back({"--matrix",
                           "MATRIX",
                           "Which matrix the layer is for.",
                           &flags->matrix,
                           {"attack", "atlas"},
                           ValueKind::kChoice});
  command.run = [flags] { return run_coverage(*flags); };
  return command;
}

}  // namespace vedette::cmd
