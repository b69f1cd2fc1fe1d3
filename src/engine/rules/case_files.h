// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/limits.h"
#include "base/result.h"
#include "formats/yaml/yaml.h"

// Case files: what a rule must find and must not find, as text beside the rule. The format is
// described in docs/rules-commands.md.
namespace vedette::engine {

// One record as it would stand in a log: a line of JSON made from the case's YAML, or its raw text.
struct CaseEvent {
  bool match = false;  // single events only
  std::string name;    // what it shows; may be empty
  std::string text;    // ends with a newline
  std::uint32_t line = 0;
};

// Events that are read together, for correlations.
struct CaseSequence {
  std::string name;
  std::string text;  // all records
  std::uint64_t alerts = 0;
  std::uint32_t line = 0;
};

struct CaseFile {
  std::string path;
  std::string rule_file;  // "NAME.yml" for "NAME.case.yml"
  std::string rule;       // id, name or title; empty: the only rule of rule_file
  std::vector<CaseEvent> events;
  std::vector<CaseSequence> sequences;
};

constexpr std::string_view kCaseSuffix = ".case.yml";

// A file holds one case, or several as YAML documents.
Result<std::vector<CaseFile>> read_case_file(const std::string& path, const Limits& limits);
// The same from text that was read already.
Result<std::vector<CaseFile>> parse_case_file(std::string_view text, const std::string& path,
                                              const Limits& limits);

// A YAML node as one JSON value. Numbers, booleans and null keep their type; timestamps are
// strings. ErrorCode::kLimit when it is deeper or longer than `limits` allow (aliases multiply).
Result<std::string> json_of(const formats::yaml::Node& node, const Limits& limits);

}  // namespace vedette::engine
