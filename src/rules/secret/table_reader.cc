// SPDX-License-Identifier: Apache-2.0
#include "rules/secret/table_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

namespace vedette::rules::secret {
namespace {

using formats::toml::Node;
using formats::toml::NodeKind;

constexpr std::array<std::string_view, 7> kKindNames = {
    "a string", "an integer", "a number", "a boolean", "a time", "a list", "a table"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool same_key(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::optional<std::string> scalar_text(const Node& node) {
  if (node.kind == NodeKind::kString) return node.text;
  if (node.kind == NodeKind::kInteger) return std::to_string(node.integer);
  if (node.kind == NodeKind::kFloat) return fmt::format("{}", node.number);
  if (node.kind == NodeKind::kBoolean) return node.boolean ? "1" : "0";
  return std::nullopt;
}

std::optional<double> scalar_number(const Node& node) {
  if (node.kind == NodeKind::kInteger || node.kind == NodeKind::kFloat) return node.number;
  if (node.kind == NodeKind::kBoolean) return node.boolean ? 1 : 0;
  if (node.kind != NodeKind::kString) return std::nullopt;
  if (node.text.empty()) return 0;
  double number = 0;
  const char* end = node.text.data() + node.text.size();
  const auto read = std::from_chars(node.text.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

}  // namespace

void ProblemLog::error(std::uint32_t line, std::uint32_t column, std::string message,
                       std::string hint) {
  problems_.push_back(
      {DiagnosticKind::kError, {file_, line, column, 0}, std::move(message), std::move(hint)});
}

void ProblemLog::warn(std::uint32_t line, std::uint32_t column, std::string message,
                      std::string hint) {
  problems_.push_back(
      {DiagnosticKind::kWarning, {file_, line, column, 0}, std::move(message), std::move(hint)});
}

const Node* TableReader::find(std::string_view key) {
  for (const formats::toml::Member& member : table_.members) {
    if (!same_key(member.key, key)) continue;
    asked_.push_back(&member.value);
    return &member.value;
  }
  return nullptr;
}

std::vector<const formats::toml::Member*> TableReader::unknown() const {
  std::vector<const formats::toml::Member*> members;
  for (const formats::toml::Member& member : table_.members) {
    if (std::ranges::find(asked_, &member.value) == asked_.end()) members.push_back(&member);
  }
  return members;
}

void TableReader::expected(std::string_view what, std::string_view key, const Node& found) {
  ok_ = false;
  log_.error(found.line, found.column,
             fmt::format("{}: expected {}, found {}", key, what,
                         kKindNames[static_cast<std::size_t>(found.kind)]),
             fmt::format("write {} as {}", key, what));
}

std::string TableReader::text(std::string_view key) {
  const Node* node = find(key);
  if (node == nullptr) return {};
  std::optional<std::string> text = scalar_text(*node);
  if (!text) expected("a string", key, *node);
  return std::move(text).value_or("");
}

std::vector<std::string> TableReader::list(std::string_view key) {
  const Node* node = find(key);
  std::vector<std::string> list;
  if (node == nullptr) return list;
  if (node->kind == NodeKind::kString) {
    std::string_view rest = node->text;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      list.emplace_back(rest.substr(0, comma));
      if (comma + 1 == rest.size()) list.emplace_back();
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return list;
  }
  if (node->kind != NodeKind::kArray) {
    std::optional<std::string> text = scalar_text(*node);
    if (!text) expected("a list of strings", key, *node);
    list.push_back(std::move(text).value_or(""));
    return list;
  }
  for (const Node& element : node->elements) {
    std::optional<std::string> text = scalar_text(element);
    if (!text) expected("a list of strings", key, element);
    list.push_back(std::move(text).value_or(""));
  }
  return list;
}

double TableReader::number(std::string_view key) {
  const Node* node = find(key);
  if (node == nullptr) return 0;
  const std::optional<double> number = scalar_number(*node);
  if (!number) expected("a number", key, *node);
  return number.value_or(0);
}

std::optional<std::int64_t> TableReader::integer(std::string_view key) {
  constexpr double kIntegerMax = 1e15;
  const Node* node = find(key);
  if (node == nullptr) return std::nullopt;
  const std::optional<double> number = scalar_number(*node);
  // The comparison also turns away what is no number at all.
  if (!number || !(*number > -kIntegerMax && *number < kIntegerMax)) {
    expected("an integer", key, *node);
    return std::nullopt;
  }
  return static_cast<std::int64_t>(*number);
}

bool TableReader::boolean(std::string_view key) {
  static constexpr std::array<std::string_view, 6> kTrues = {"1", "t", "T", "true", "TRUE", "True"};
  static constexpr std::array<std::string_view, 7> kFalses = {"",      "0",     "f",    "F",
                                                              "false", "FALSE", "False"};
  const Node* node = find(key);
  if (node == nullptr) return false;
  if (node->kind == NodeKind::kBoolean) return node->boolean;
  if (node->kind == NodeKind::kInteger || node->kind == NodeKind::kFloat) return node->number != 0;
  if (node->kind == NodeKind::kString) {
    if (std::ranges::find(kTrues, node->text) != kTrues.end()) return true;
    if (std::ranges::find(kFalses, node->text) != kFalses.end()) return false;
  }
  expected("a boolean", key, *node);
  return false;
}

const Node* TableReader::table(std::string_view key) {
  const Node* node = find(key);
  if (node == nullptr || node->kind == NodeKind::kTable) return node;
  expected("a table", key, *node);
  return nullptr;
}

std::vector<const Node*> TableReader::tables(std::string_view key) {
  const Node* node = find(key);
  if (node == nullptr) return {};
  if (node->kind == NodeKind::kTable) return {node};
  std::vector<const Node*> tables;
  if (node->kind != NodeKind::kArray) expected("tables", key, *node);
  for (const Node& element : node->elements) {
    if (element.kind == NodeKind::kTable) {
      tables.push_back(&element);
    } else {
      expected("tables", key, element);
    }
  }
  return tables;
}

}  // namespace vedette::rules::secret
