// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "event/verdict.h"
#include "formats/yaml/yaml.h"
#include "policy/clause.h"

namespace vedette::policy {

// Reads values of a YAML file strictly: every mistake is a problem with its place and a hint, and
// none is passed over. A value that is wrong gives nothing.
class YamlReader {
 public:
  static constexpr std::size_t kElementsMax = 100'000;

  explicit YamlReader(std::string file) : file_(std::move(file)) {}

  // Null where there is no mapping at all; syntax errors are problems.
  const formats::yaml::Node* parse(std::string_view text);

  void problem(const formats::yaml::Node& node, std::string message, std::string hint = {},
               DiagnosticKind kind = DiagnosticKind::kError);
  // "expected WHAT, found …"
  void wrong(const formats::yaml::Node& node, std::string_view expected, std::string hint = {});

  // Whether it is a mapping; keys that are not in `known`, or stand twice, are problems.
  bool check_keys(const formats::yaml::Node& node, std::string_view what,
                  std::span<const std::string> known);

  std::string text(const formats::yaml::Node& node, std::string_view what);
  // A scalar, or a list of them.
  std::vector<const formats::yaml::Node*> values(const formats::yaml::Node& node,
                                                 std::string_view what);
  std::optional<bool> boolean(const formats::yaml::Node& node);
  std::optional<std::uint64_t> count(const formats::yaml::Node& node, std::string_view what);
  // "14" or "14d".
  std::optional<std::uint64_t> days(const formats::yaml::Node& node);
  // "2027-01-01", or with a time of day.
  std::optional<TimeNs> date(const formats::yaml::Node& node);
  std::optional<event::Verdict> verdict(const formats::yaml::Node& node);
  // Conditions by keys(). `only`: names that are allowed; empty: all.
  Clause clause(const formats::yaml::Node& node, std::span<const std::string> only = {});
  std::optional<Condition> condition(const formats::yaml::Node& key,
                                     const formats::yaml::Node& value);

  Place place(const formats::yaml::Node& node) const { return {file_, node.line, node.column, 0}; }
  std::vector<Diagnostic> take_problems() { return std::move(problems_); }
  bool has_errors() const { return error_count() != 0; }
  std::size_t error_count() const;

 private:
  bool read_patterns(const formats::yaml::Node& value, Condition& into);
  bool read_answers(const formats::yaml::Node& value, Condition& into);
  bool read_ranks(const formats::yaml::Node& value, std::span<const std::string_view> names,
                  Condition& into);
  bool read_number(const formats::yaml::Node& value, KeyType type, Condition& into);

  std::string file_;
  std::optional<formats::yaml::Document> document_;
  std::vector<Diagnostic> problems_;
};

}  // namespace vedette::policy
