// SPDX-License-Identifier: Apache-2.0
#include "output/coverage.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <set>

#include "base/json_writer.h"
#include "output/csv.h"
#include "output/terminal.h"

namespace vedette::output {
namespace {

constexpr std::size_t kTitlesShown = 10;
constexpr std::size_t kNameColumns = 56;

bool belongs(std::string_view technique, Matrix matrix) {
  return technique.starts_with("AML.") == (matrix == Matrix::kAtlas);
}

std::string comment_of(const Coverage::Row& row) {
  std::string text;
  for (std::size_t i = 0; i < std::min(row.rules.size(), kTitlesShown); ++i) {
    if (i != 0) text += "\n";
    text += row.rules[i]->title;
  }
  if (row.rules.size() > kTitlesShown) {
    text += fmt::format("\nand {} more", row.rules.size() - kTitlesShown);
  }
  return text;
}

std::string_view name_of(std::string_view id, const Techniques& techniques) {
  const Technique* known = techniques.find(id);
  return known == nullptr ? std::string_view() : std::string_view(known->name);
}

std::string_view shown(std::string_view log_source) {
  return log_source.empty() ? std::string_view("any") : log_source;
}

}  // namespace

Coverage measure_coverage(std::span<const event::RuleInfo* const> rules) {
  Coverage coverage;
  std::map<std::string, Coverage::Row> rows;
  std::set<std::string> log_sources;
  for (const event::RuleInfo* rule : rules) {
    ++coverage.rules;
    const AttackTags tags = parse_attack_tags(rule->tags);
    if (tags.techniques.empty()) ++coverage.without_technique;
    for (const std::string& technique : tags.techniques) {
      Coverage::Row& row = rows[technique];
      row.technique = technique;
      row.rules.push_back(rule);
      ++row.by_log_source[rule->logsource];
      log_sources.insert(rule->logsource);
    }
  }
  for (auto& [id, row] : rows) coverage.rows.push_back(std::move(row));
  coverage.log_sources.assign(log_sources.begin(), log_sources.end());
  return coverage;
}

std::string navigator_layer(const Coverage& coverage, Matrix matrix, std::string_view name) {
  const bool atlas = matrix == Matrix::kAtlas;
  std::size_t most = 1;
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("name").string(name);
  json.key("versions").begin_object().key("layer").string("4.5");
  json.key("navigator").string("5.1.0");
  if (!atlas) json.key("attack").string("19");
  json.end_object();
  json.key("domain").string(atlas ? "atlas-atlas" : "enterprise-attack");
  json.key("description")
      .string(fmt::format("Detection rules by technique; {} rules in all", coverage.rules));
  json.key("sorting").number(3);  // by score, highest first
  json.key("techniques").begin_array();
  for (const Coverage::Row& row : coverage.rows) {
    if (!belongs(row.technique, matrix)) continue;
    most = std::max(most, row.rules.size());
    json.begin_object().key("techniqueID").string(row.technique);
    json.key("score").number(static_cast<std::uint64_t>(row.rules.size()));
    json.key("comment").string(comment_of(row)).key("enabled").boolean(true);
    json.key("showSubtechniques").boolean(row.technique.find('.', 4) == std::string::npos);
    json.end_object();
  }
  json.end_array();
  json.key("gradient").begin_object().key("colors").begin_array();
  json.string("#dceaf7").string("#2f6fb0").string("#12355b").end_array();
  json.key("minValue").number(0).key("maxValue").number(static_cast<std::uint64_t>(most));
  json.end_object().end_object();
  out += '\n';
  return out;
}

std::string coverage_table(const Coverage& coverage, const Techniques& techniques) {
  std::string out;
  append_column("TECHNIQUE", 15, out);
  append_column("NAME", kNameColumns + 2, out);
  out += " RULES  LOG SOURCES\n";
  for (const Coverage::Row& row : coverage.rows) {
    append_column(row.technique, 15, out);
    append_column(name_of(row.technique, techniques), kNameColumns, out);
    fmt::format_to(std::back_inserter(out), "  {:>6}  ", row.rules.size());
    bool first = true;
    for (const auto& [source, count] : row.by_log_source) {
      if (!first) out += ", ";
      first = false;
      append_terminal(shown(source), kNameColumns, out);
      if (count > 1) fmt::format_to(std::back_inserter(out), " {}", count);
    }
    out += '\n';
  }
  fmt::format_to(std::back_inserter(out), "{} techniques, {} rules, {} of them name none\n",
                 coverage.rows.size(), coverage.rules, coverage.without_technique);
  return out;
}

std::string coverage_csv(const Coverage& coverage, const Techniques& techniques) {
  std::string out = "technique,name,rules";
  for (const std::string& source : coverage.log_sources) append_csv_cell(shown(source), out += ',');
  out += "\r\n";
  for (const Coverage::Row& row : coverage.rows) {
    append_csv_cell(row.technique, out);
    append_csv_cell(name_of(row.technique, techniques), out += ',');
    fmt::format_to(std::back_inserter(out), ",{}", row.rules.size());
    for (const std::string& source : coverage.log_sources) {
      const auto count = row.by_log_source.find(source);
      out += ',';
      if (count != row.by_log_source.end()) out += std::to_string(count->second);
    }
    out += "\r\n";
  }
  return out;
}

}  // namespace vedette::output
