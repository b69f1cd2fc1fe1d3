// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "formats/toml/toml.h"

namespace vedette::rules::secret {

// Where the reader of one file says what is wrong.
class ProblemLog {
 public:
  // `problems` outlives this.
  ProblemLog(std::string file, std::vector<Diagnostic>& problems)
      : file_(std::move(file)), problems_(problems) {}

  void error(std::uint32_t line, std::uint32_t column, std::string message, std::string hint);
  void warn(std::uint32_t line, std::uint32_t column, std::string message, std::string hint);
  const std::string& file() const { return file_; }

 private:
  std::string file_;
  std::vector<Diagnostic>& problems_;
};

// Reads a table's keys, whose letters' case does not matter, into what the caller expects. Types
// are as lenient as gitleaks' reader: a number may be written as a string, a list as one string
// with commas, a list of tables as one table. What is not even that is a problem, and ok() is
// false.
class TableReader {
 public:
  // The node and the log outlive this.
  TableReader(const formats::toml::Node& table, ProblemLog& log) : table_(table), log_(log) {}

  std::string text(std::string_view key);
  std::vector<std::string> list(std::string_view key);
  double number(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key);
  bool boolean(std::string_view key);
  // Null when the key is absent.
  const formats::toml::Node* table(std::string_view key);
  std::vector<const formats::toml::Node*> tables(std::string_view key);

  bool ok() const { return ok_; }
  std::uint32_t line() const { return table_.line; }
  std::uint32_t column() const { return table_.column; }
  // The key's value; null when absent. Counts as asked for.
  const formats::toml::Node* find(std::string_view key);
  // Keys that nobody asked for.
  std::vector<const formats::toml::Member*> unknown() const;

 private:
  void expected(std::string_view what, std::string_view key, const formats::toml::Node& found);

  const formats::toml::Node& table_;
  ProblemLog& log_;
  std::vector<const formats::toml::Node*> asked_;
  bool ok_ = true;
};

}  // namespace vedette::rules::secret
