// SPDX-License-Identifier: Apache-2.0
#include "scan/vulnerabilities/reach.h"

#include <algorithm>
#include <fmt/format.h>

#include "formats/packages/installed/go_functions.h"

namespace vedette::scan::vulnerabilities {
namespace {

using formats::advisories::Import;
using formats::packages::go_symbol_key;

constexpr std::string_view kEvidence = "reachability";

std::string absent(const std::vector<Import>& imports) {
  std::size_t count = 0;
  for (const Import& one : imports) count += std::max<std::size_t>(one.symbols.size(), 1);
  const Import& first = imports.front();
  const std::string name =
      first.symbols.empty() ? first.path : first.path + "." + first.symbols.front();
  if (count == 1) return fmt::format("not reachable: {} is not in the program", name);
  return fmt::format(
      "not reachable: none of the {} functions and packages that are vulnerable is in the program "
      "({} …)",
      count, name);
}

}  // namespace

Reach reach_of(const formats::packages::PackageList& program, const std::vector<Import>& imports) {
  if (program.symbols.empty() || imports.empty()) return {};
  const auto has = [&](std::string_view package, std::string_view symbol) {
    return std::ranges::binary_search(program.symbols, go_symbol_key(package, symbol));
  };
  for (const Import& one : imports) {
    if (one.symbols.empty() && has(one.path, {}))
      return {true, fmt::format("{} is in the program", one.path)};
    for (const std::string& symbol : one.symbols) {
      if (has(one.path, symbol))
        return {true, fmt::format("{}.{} is in the program", one.path, symbol)};
    }
  }
  if (!program.symbols_complete) return {};
  return {false, absent(imports)};
}

void set_reach(const Reach& reach, event::Finding& finding) {
  std::erase_if(finding.evidence, [](const event::Evidence& one) { return one.name == kEvidence; });
  finding.vulnerability->reachable = reach.reachable;
  if (!reach.reachable) return;
  finding.evidence.push_back({std::string(kEvidence), reach.text, *reach.reachable ? 1.0 : -1.0});
}

void join_reach(const Reach& reach, event::Finding& finding) {
  const std::optional<bool> before = finding.vulnerability->reachable;
  if (before == reach.reachable || before.value_or(false)) return;
  const bool is_better = reach.reachable.value_or(false) || (before && !reach.reachable);
  if (is_better) set_reach(reach, finding);
}

}  // namespace vedette::scan::vulnerabilities
