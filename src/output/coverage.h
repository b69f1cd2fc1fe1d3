// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "event/alert.h"
#include "output/attack.h"

// What a set of rules covers of ATT&CK and ATLAS: for `vedette rules coverage`.
namespace vedette::output {

enum class Matrix : std::uint8_t { kAttack, kAtlas };

// Rules by technique and log source.
struct Coverage {
  struct Row {
    std::string technique;  // "T1059.001"
    std::vector<const event::RuleInfo*> rules;
    std::map<std::string, std::uint64_t> by_log_source;  // "windows/process_creation/" -> rules
  };
  std::vector<Row> rows;                 // by technique id
  std::vector<std::string> log_sources;  // all that occur, sorted
  std::uint64_t rules = 0;
  std::uint64_t without_technique = 0;  // rules that name none
};

// The rules outlive the result.
Coverage measure_coverage(std::span<const event::RuleInfo* const> rules);

// A layer (format 4.5) for the ATT&CK Navigator: the score of a technique is its number of rules.
std::string navigator_layer(const Coverage& coverage, Matrix matrix, std::string_view name);

// One aligned line a technique: id, name, number of rules, log sources with their numbers.
std::string coverage_table(const Coverage& coverage, const Techniques& techniques);

// The whole table technique x log source as CSV, zeros left empty.
std::string coverage_csv(const Coverage& coverage, const Techniques& techniques);

}  // namespace vedette::output
