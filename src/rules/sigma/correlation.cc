// SPDX-License-Identifier: Apache-2.0
#include "rules/sigma/correlation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <optional>

#include "rules/sigma/condition.h"
#include "rules/sigma/detection.h"
#include "rules/sigma/rule.h"

namespace vedette::rules::sigma {
namespace {

using formats::yaml::Member;
using formats::yaml::Node;
using formats::yaml::NodeKind;
using formats::yaml::ScalarType;

template <typename T>
struct Row {
  std::string_view name;
  T meaning;
};

constexpr std::array<Row<CorrelationType>, 8> kTypes = {{
    {"event_count", CorrelationType::kEventCount},
    {"value_count", CorrelationType::kValueCount},
    {"value_sum", CorrelationType::kValueSum},
    {"value_avg", CorrelationType::kValueAverage},
    {"value_percentile", CorrelationType::kValuePercentile},
    {"value_median", CorrelationType::kValueMedian},
    {"temporal", CorrelationType::kTemporal},
    {"temporal_ordered", CorrelationType::kTemporalOrdered},
}};

constexpr std::array<Row<Comparison>, 6> kComparisons = {{
    {"eq", Comparison::kEquals},
    {"neq", Comparison::kNotEquals},
    {"lt", Comparison::kLess},
    {"lte", Comparison::kLessEquals},
    {"gt", Comparison::kGreater},
    {"gte", Comparison::kGreaterEquals},
}};

// Seconds; a month and a year as pySigma counts them (averages of the Gregorian calendar).
constexpr std::array<Row<std::int64_t>, 7> kUnits = {{
    {"s", 1},
    {"m", 60},
    {"h", 3600},
    {"d", 86400},
    {"w", 604800},
    {"M", 2629746},
    {"y", 31556952},
}};

constexpr std::array<std::string_view, 7> kKeys = {"type",    "rules",    "group-by", "timespan",
                                                   "aliases", "generate", "condition"};

template <typename T, std::size_t N>
const T* find_row(const std::array<Row<T>, N>& rows, std::string_view name) {
  const auto found = std::ranges::find(rows, name, &Row<T>::name);
  return found == rows.end() ? nullptr : &found->meaning;
}

template <typename T, std::size_t N>
std::string names_of(const std::array<Row<T>, N>& rows) {
  std::string names;
  for (const Row<T>& row : rows) names += (names.empty() ? "" : ", ") + std::string(row.name);
  return names;
}

bool is_temporal(CorrelationType type) {
  return type == CorrelationType::kTemporal || type == CorrelationType::kTemporalOrdered;
}

bool has_text(const Node& node) {
  return node.kind == NodeKind::kScalar && scalar_type(node) != ScalarType::kNull;
}

std::string shown(const Node& node) {
  if (node.kind == NodeKind::kMapping) return "a map";
  if (node.kind == NodeKind::kSequence) return "a list";
  return has_text(node) ? fmt::format("'{}'", node.text) : "nothing";
}

std::optional<double> number_of(std::string_view text) {
  double number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size() || !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

// Reads one document; its methods fill result_ part by part.
class CorrelationReader {
 public:
  CorrelationReader(const Node& root, std::string_view file) : root_(root), file_(file) {}

  Parsed<ParsedCorrelation> run();

 private:
  Parsed<void> read_type();
  Parsed<void> read_rules();
  Parsed<void> read_group_by();
  Parsed<void> read_timespan();
  Parsed<void> read_aliases();
  Parsed<void> read_generate(const Node& parent);
  Parsed<void> read_condition();
  Parsed<void> read_bounds(const Node& condition);
  Parsed<void> read_fields(const Node& node);
  Parsed<void> read_percentile(const Node& node);
  Parsed<void> read_expression(const Node& condition);
  Parsed<void> check_references();

  // The texts of a scalar or of a list of scalars.
  Parsed<std::vector<ParsedCorrelation::Named>> read_names(const Node& node,
                                                           std::string_view key) const;
  void warn(const Node& at, std::string message, std::string hint) {
    result_.warnings.push_back({DiagnosticKind::kWarning,
                                {std::string(file_), at.line, at.column, 0},
                                std::move(message),
                                std::move(hint)});
  }

  const Node& root_;
  const std::string_view file_;
  const Node* section_ = nullptr;
  ParsedCorrelation result_;
};

Parsed<ParsedCorrelation> CorrelationReader::run() {
  result_.position = position_of(root_);
  result_.condition_position = result_.position;
  result_.label = label_of(root_);
  if (const Node* twice = repeated_key(root_); twice != nullptr) {
    return refuse(position_of(*twice), fmt::format("the key '{}' stands twice", twice->text));
  }
  section_ = root_.find("correlation");
  if (section_ == nullptr || section_->kind != NodeKind::kMapping) {
    return refuse(section_ == nullptr ? result_.position : position_of(*section_),
                  "`correlation` must be a map with type, rules and timespan");
  }
  if (const Node* twice = repeated_key(*section_); twice != nullptr) {
    return refuse(position_of(*twice), fmt::format("the key '{}' stands twice", twice->text));
  }
  for (const Member& member : section_->members) {
    if (member.key->kind != NodeKind::kScalar ||
        std::ranges::find(kKeys, member.key->text) == kKeys.end()) {
      warn(*member.key,
           fmt::format("correlations have no key {}; it is ignored", shown(*member.key)),
           "remove it or correct its spelling");
    }
  }
  result_.correlation.info = parse_info(root_, std::string(file_));
  result_.correlation.info.correlation = true;
  TRY_VOID(read_type());
  TRY_VOID(read_rules());
  TRY_VOID(read_group_by());
  TRY_VOID(read_timespan());
  TRY_VOID(read_aliases());
  // pySigma reads it inside the section, the specification lists it beside `level`.
  TRY_VOID(read_generate(root_));
  TRY_VOID(read_generate(*section_));
  TRY_VOID(read_condition());
  TRY_VOID(check_references());
  return std::move(result_);
}

Parsed<void> CorrelationReader::read_type() {
  const Node* node = section_->find("type");
  if (node == nullptr) {
    return refuse(position_of(*section_),
                  "the correlation has no `type`; it can be " + names_of(kTypes));
  }
  std::string name(node->text);
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const CorrelationType* type = find_row(kTypes, name);
  if (type == nullptr) {
    return refuse(position_of(*node),
                  fmt::format("`type` can be {}, not {}", names_of(kTypes), shown(*node)));
  }
  result_.correlation.type = *type;
  return {};
}

Parsed<std::vector<ParsedCorrelation::Named>> CorrelationReader::read_names(
    const Node& node, std::string_view key) const {
  std::vector<ParsedCorrelation::Named> names;
  const std::span<const Node* const> elements = node.elements;
  if (has_text(node)) names.push_back({std::string(node.text), position_of(node)});
  for (const Node* element : elements) {
    if (!has_text(*element)) {
      return refuse(position_of(*element),
                    fmt::format("`{}` holds {} where a name is expected", key, shown(*element)));
    }
    names.push_back({std::string(element->text), position_of(*element)});
  }
  if (node.kind == NodeKind::kMapping) {
    return refuse(position_of(node),
                  fmt::format("`{}` must be a name or a list of names, not a map", key));
  }
  return names;
}

Parsed<void> CorrelationReader::read_rules() {
  const Node* node = section_->find("rules");
  if (node == nullptr) return {};
  TRY(result_.references, read_names(*node, "rules"));
  return {};
}

Parsed<void> CorrelationReader::read_group_by() {
  const Node* node = section_->find("group-by");
  if (node == nullptr) return {};
  TRY(const std::vector<ParsedCorrelation::Named> names, read_names(*node, "group-by"));
  std::vector<std::string>& group_by = result_.correlation.group_by;
  for (const ParsedCorrelation::Named& name : names) {
    if (std::ranges::find(group_by, name.name) == group_by.end()) group_by.push_back(name.name);
  }
  return {};
}

Parsed<void> CorrelationReader::read_timespan() {
  const Node* node = section_->find("timespan");
  if (node == nullptr) {
    return refuse(position_of(*section_), "the correlation has no `timespan` (for example 5m)");
  }
  constexpr std::int64_t kSecondsMax =
      std::numeric_limits<TimeNs>::max() / 4 / kNsPerSecond;  // windows stay within the range
  const std::string_view text = node->text;
  std::int64_t count = 0;
  const std::size_t digits = text.empty() ? 0 : text.size() - 1;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + digits, count);
  const std::int64_t* unit = text.empty() ? nullptr : find_row(kUnits, text.substr(digits));
  if (node->kind != NodeKind::kScalar || unit == nullptr || error != std::errc() ||
      stop != text.data() + digits || count <= 0 || count > kSecondsMax / *unit) {
    return refuse(position_of(*node),
                  fmt::format("`timespan` must be a number above 0 with one of the units s, m, h, "
                              "d, w, M, y, at most 73 years; found {}",
                              shown(*node)));
  }
  result_.correlation.timespan = count * *unit * kNsPerSecond;
  return {};
}

Parsed<void> CorrelationReader::read_aliases() {
  const Node* node = section_->find("aliases");
  if (node == nullptr || (node->kind == NodeKind::kScalar && !has_text(*node))) return {};
  if (node->kind != NodeKind::kMapping) {
    return refuse(position_of(*node), "`aliases` must be a map: alias -> map of rule -> field");
  }
  for (const Member& alias : node->members) {
    if (!has_text(*alias.key) || alias.value->kind != NodeKind::kMapping) {
      return refuse(position_of(*alias.key),
                    fmt::format("the alias {} must be a map of rule -> field", shown(*alias.key)));
    }
    for (const Member& member : alias.value->members) {
      if (!has_text(*member.key) || !has_text(*member.value)) {
        return refuse(
            position_of(*member.key),
            fmt::format("the alias {} must give each rule the name of a field; found {}: {}",
                        shown(*alias.key), shown(*member.key), shown(*member.value)));
      }
      result_.aliases.push_back({std::string(alias.key->text),
                                 {std::string(member.key->text), position_of(*member.key)},
                                 std::string(member.value->text)});
    }
  }
  return {};
}

Parsed<void> CorrelationReader::read_generate(const Node& parent) {
  const Node* node = parent.find("generate");
  if (node == nullptr) return {};
  if (node->kind != NodeKind::kScalar || scalar_type(*node) != ScalarType::kBoolean) {
    return refuse(position_of(*node),
                  fmt::format("`generate` must be true or false, not {}", shown(*node)));
  }
  result_.generate = boolean_of(*node);
  return {};
}

Parsed<void> CorrelationReader::read_condition() {
  const Node* node = section_->find("condition");
  const bool temporal = is_temporal(result_.correlation.type);
  if (node == nullptr) {
    if (temporal) return {};
    return refuse(position_of(*section_),
                  "only temporal correlations can do without a `condition`");
  }
  result_.condition_position = position_of(*node);
  if (node->kind == NodeKind::kMapping) return read_bounds(*node);
  if (!has_text(*node)) {
    return refuse(
        position_of(*node),
        fmt::format("`condition` must be a map like {{gte: 10}} or text over rule names, not {}",
                    shown(*node)));
  }
  if (!temporal) {
    return refuse(position_of(*node),
                  "only temporal and temporal_ordered correlations can have text as `condition`");
  }
  return read_expression(*node);
}

Parsed<void> CorrelationReader::read_bounds(const Node& condition) {
  if (const Node* twice = repeated_key(condition); twice != nullptr) {
    return refuse(position_of(*twice), fmt::format("the key '{}' stands twice", twice->text));
  }
  Correlation& correlation = result_.correlation;
  for (const Member& member : condition.members) {
    const Node& key = *member.key;
    const Node& value = *member.value;
    const Comparison* comparison =
        key.kind == NodeKind::kScalar ? find_row(kComparisons, key.text) : nullptr;
    if (comparison != nullptr) {
      const std::optional<double> number =
          value.kind == NodeKind::kScalar ? number_of(value.text) : std::nullopt;
      if (!number) {
        return refuse(position_of(value),
                      fmt::format("`{}` must be a number, not {}", key.text, shown(value)));
      }
      correlation.bounds.push_back({*comparison, *number});
    } else if (key.kind == NodeKind::kScalar && key.text == "field") {
      TRY_VOID(read_fields(value));
    } else if (key.kind == NodeKind::kScalar && key.text == "percentile") {
      TRY_VOID(read_percentile(value));
    } else {
      return refuse(position_of(key),
                    fmt::format("`condition` can hold {}, field and percentile, not {}",
                                names_of(kComparisons), shown(key)));
    }
  }
  if (correlation.bounds.empty()) {
    return refuse(position_of(condition),
                  "`condition` needs at least one of " + names_of(kComparisons));
  }
  const bool counts =
      is_temporal(correlation.type) || correlation.type == CorrelationType::kEventCount;
  if (!counts && correlation.fields.empty()) {
    return refuse(position_of(condition),
                  "`condition` needs the `field` whose values are looked at");
  }
  if (counts && !correlation.fields.empty()) {
    warn(condition, "`field` plays no part in correlations of this type",
         "remove it or use a value_… type");
    correlation.fields.clear();
  }
  if (correlation.type == CorrelationType::kValuePercentile &&
      condition.find("percentile") == nullptr) {
    warn(condition, "`percentile` is missing; 50 is taken, the median", "add percentile: 0 to 100");
  }
  return {};
}

Parsed<void> CorrelationReader::read_fields(const Node& node) {
  TRY(const std::vector<ParsedCorrelation::Named> names, read_names(node, "field"));
  if (names.size() > 1 && result_.correlation.type != CorrelationType::kValueCount) {
    return refuse(position_of(node), "only value_count can look at several fields at once");
  }
  for (const ParsedCorrelation::Named& name : names)
    result_.correlation.fields.push_back(name.name);
  return {};
}

Parsed<void> CorrelationReader::read_percentile(const Node& node) {
  const std::optional<double> number =
      node.kind == NodeKind::kScalar ? number_of(node.text) : std::nullopt;
  if (!number || *number < 0 || *number > 100) {
    return refuse(position_of(node),
                  fmt::format("`percentile` must be a number from 0 to 100, not {}", shown(node)));
  }
  if (result_.correlation.type != CorrelationType::kValuePercentile) {
    warn(node, "`percentile` plays no part in correlations of this type",
         "remove it or use value_percentile");
  }
  result_.correlation.percentile = *number;
  return {};
}

// parse_condition() has bounded the depth.
Parsed<Expression> to_expression(const Condition& condition) {
  using Kind = Condition::Kind;
  Expression result;
  result.line = condition.position.line;
  switch (condition.kind) {
    case Kind::kName:
      result.kind = Expression::Kind::kLeaf;
      result.field = condition.name;
      return result;
    case Kind::kSelector:
      return refuse(condition.position,
                    "the condition of a correlation names its rules one by one; `1 of` and `all "
                    "of` are for detections");
    case Kind::kAnd:
      result.kind = Expression::Kind::kAnd;
      break;
    case Kind::kOr:
      result.kind = Expression::Kind::kOr;
      break;
    case Kind::kNot:
      result.kind = Expression::Kind::kNot;
      break;
  }
  for (const Condition& part : condition.parts) {
    TRY(Expression child, to_expression(part));
    result.children.push_back(std::move(child));
  }
  return result;
}

void collect_names(const Expression& expression, std::vector<std::string>& names) {
  for (const Expression& child : expression.children) collect_names(child, names);
  if (expression.kind == Expression::Kind::kLeaf &&
      std::ranges::find(names, expression.field) == names.end()) {
    names.push_back(expression.field);
  }
}

Parsed<void> CorrelationReader::read_expression(const Node& condition) {
  TRY(const Condition parsed, parse_condition(condition.text, position_of(condition)));
  TRY(Expression expression, to_expression(parsed));
  // As in pySigma, the condition can stand for the list of rules.
  if (result_.references.empty()) {
    std::vector<std::string> names;
    collect_names(expression, names);
    for (std::string& name : names) {
      result_.references.push_back({std::move(name), position_of(condition)});
    }
  }
  result_.correlation.condition = std::move(expression);
  return {};
}

Parsed<void> CorrelationReader::check_references() {
  if (result_.references.empty()) {
    return refuse(position_of(*section_),
                  "the correlation has no `rules`; list the ids or names of the rules it counts");
  }
  const bool ordered = result_.correlation.type == CorrelationType::kTemporalOrdered;
  const std::size_t most = ordered ? kOrderedReferencesMax : kCorrelationReferencesMax;
  if (result_.references.size() > most) {
    return refuse(result_.references[most].position,
                  fmt::format("`rules` lists {} rules; {} are the most here",
                              result_.references.size(), most));
  }
  return {};
}

}  // namespace

Parsed<ParsedCorrelation> parse_correlation(const Node& root, std::string_view file) {
  return CorrelationReader(root, file).run();
}

}  // namespace vedette::rules::sigma
