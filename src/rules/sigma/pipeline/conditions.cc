// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <memory>

#include "match/decimal.h"
#include "match/regex.h"
#include "rules/sigma/pipeline/step.h"

namespace vedette::rules::sigma {
namespace {

using Pattern = std::shared_ptr<const match::Regex>;

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

Parsed<Pattern> compile(const std::string& pattern, Position position) {
  auto compiled = match::Regex::compile(pattern);
  if (!compiled.has_value()) return refuse(position, compiled.error().message);
  return std::make_shared<const match::Regex>(std::move(*compiled));
}

// Python's re.match: from the start, not necessarily to the end.
bool matches_start(const match::Regex& pattern, std::string_view text) {
  std::vector<std::string_view> groups;
  return pattern.find(text, 0, match::Regex::Anchor::kStart, groups);
}

bool is_known_operator(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kNames = {"eq", "ne", "gte", "gt", "lte", "lt"};
  return std::ranges::find(kNames, name) != kNames.end();
}

bool compare(std::string_view name, std::strong_ordering order) {
  if (name == "eq") return order == 0;
  if (name == "ne") return order != 0;
  if (name == "gte") return order >= 0;
  if (name == "gt") return order > 0;
  if (name == "lte") return order <= 0;
  return order < 0;
}

// Numbers by value, everything else by its text.
std::strong_ordering compare_texts(std::string_view left, std::string_view right) {
  const auto left_number = match::Decimal::parse(left);
  const auto right_number = match::Decimal::parse(right);
  if (left_number.has_value() && right_number.has_value()) return *left_number <=> *right_number;
  return left <=> right;
}

std::string text_of_value(const Value& value) {
  if (value.kind == ValueKind::kBoolean) return value.truth ? "true" : "false";
  return value.kind == ValueKind::kString ? plain_text(value.text) : value.text;
}

// Equality of values as pySigma's types have it: of one kind and content.
bool same_value(const Value& left, const Value& right) {
  return left.kind == right.kind && left.text == right.text && left.truth == right.truth;
}

// Rule conditions.

Parsed<RuleTest> logsource(const Parameters& parameters) {
  const LogSource wanted{parameters.text("category"), parameters.text("product"),
                         parameters.text("service")};
  return [wanted](const SigmaRule& rule, const PipelineState&) {
    const auto part = [](const std::string& want, const std::string& have) {
      return want.empty() || want == have;
    };
    return part(wanted.category, rule.logsource.category) &&
           part(wanted.product, rule.logsource.product) &&
           part(wanted.service, rule.logsource.service);
  };
}

bool any_test(const Detection& detection, const auto& passes) {
  return std::ranges::any_of(detection.tests, passes) ||
         std::ranges::any_of(detection.groups,
                             [&](const Detection& group) { return any_test(group, passes); });
}
bool any_test(const SigmaRule& rule, const auto& passes) {
  return std::ranges::any_of(rule.detections, [&](const NamedDetection& named) {
    return any_test(named.detection, passes);
  });
}

Parsed<RuleTest> contains_field(const Parameters& parameters) {
  TRY(const std::string field, parameters.required("field"));
  return [field](const SigmaRule& rule, const PipelineState&) {
    return any_test(rule, [&](const FieldTest& test) { return test.field == field; });
  };
}

Parsed<RuleTest> contains_detection(const Parameters& parameters) {
  TRY(const std::string field, parameters.required("field"));
  TRY(const Value value, parameters.value("value"));
  return [field, value](const SigmaRule& rule, const PipelineState&) {
    return any_test(rule, [&](const FieldTest& test) {
      return test.field == field && std::ranges::any_of(test.values, [&](const Value& other) {
               return same_value(value, other);
             });
    });
  };
}

Parsed<RuleTest> rule_applied(const Parameters& parameters) {
  TRY(const std::string id, parameters.required("processing_item_id"));
  return [id](const SigmaRule& rule, const PipelineState&) { return contains(rule.applied, id); };
}

// The three places of processing_state ask the same.
Parsed<std::function<bool(const PipelineState&)>> state_test(const Parameters& parameters) {
  TRY(const std::string key, parameters.required("key"));
  TRY(const Value value, parameters.value("val"));
  const std::string name = parameters.text("op", "eq");
  if (!is_known_operator(name)) {
    return refuse(parameters.position(), fmt::format("the operator '{}' is unknown", name));
  }
  return [key, wanted = text_of_value(value), name](const PipelineState& state) {
    const auto found = state.values.find(key);
    return found != state.values.end() &&
           compare(name, compare_texts(text_of_value(found->second), wanted));
  };
}
Parsed<RuleTest> rule_state(const Parameters& parameters) {
  TRY(auto test, state_test(parameters));
  return [test](const SigmaRule&, const PipelineState& state) { return test(state); };
}

Parsed<RuleTest> is_rule(const Parameters&) {
  return [](const SigmaRule&, const PipelineState&) { return true; };
}
Parsed<RuleTest> is_correlation(const Parameters&) {
  return [](const SigmaRule&, const PipelineState&) { return false; };
}

Parsed<RuleTest> tag(const Parameters& parameters) {
  TRY(const std::string name, parameters.required("tag"));
  return [name](const SigmaRule& rule, const PipelineState&) {
    return contains(rule.info.tags, name);
  };
}

// Levels and statuses have an order; theirs is the position here.
std::string rank_of(std::string_view attribute, std::string_view text) {
  static constexpr std::array<std::string_view, 5> kStatuses = {"unsupported", "deprecated",
                                                                "experimental", "test", "stable"};
  const std::span<const std::string_view> order =
      attribute == "level" ? std::span<const std::string_view>(event::kLevelNames)
                           : std::span<const std::string_view>(kStatuses);
  const auto found = std::ranges::find(order, text);
  return found == order.end() ? std::string(text) : std::to_string(found - order.begin());
}

const std::vector<std::string>* list_attribute(const SigmaRule& rule, std::string_view name) {
  if (name == "tags") return &rule.info.tags;
  if (name == "references") return &rule.info.references;
  if (name == "falsepositives") return &rule.info.false_positives;
  if (name == "fields") return &rule.fields;
  return nullptr;
}

std::optional<std::string> text_attribute(const SigmaRule& rule, std::string_view name) {
  const event::RuleInfo& info = rule.info;
  if (name == "title") return info.title;
  if (name == "id") return info.id;
  if (name == "name") return info.name;
  if (name == "description") return info.description;
  if (name == "author") return info.author;
  if (name == "date") return info.date;
  if (name == "status") return info.status;
  if (name == "level") return std::string(to_string(info.level));
  if (name == "taxonomy") return rule.taxonomy;
  const auto found = rule.attributes.find(name);
  if (found == rule.attributes.end()) return std::nullopt;
  return found->second;
}

Parsed<RuleTest> rule_attribute(const Parameters& parameters) {
  TRY(const std::string attribute, parameters.required("attribute"));
  TRY(const std::string value, parameters.required("value"));
  const std::string name = parameters.text("op", "eq");
  if (name != "in" && name != "not_in" && !is_known_operator(name)) {
    return refuse(parameters.position(), fmt::format("the operator '{}' is unknown", name));
  }
  return [attribute, value, name](const SigmaRule& rule, const PipelineState&) {
    if (const auto* list = list_attribute(rule, attribute); list != nullptr) {
      if (name == "in") return contains(*list, value);
      return name == "ne" || (name == "not_in" && !contains(*list, value));
    }
    const auto text = text_attribute(rule, attribute);
    if (!text.has_value() || name == "in" || name == "not_in") return false;
    const bool ranked = attribute == "level" || attribute == "status";
    return ranked
               ? compare(name, compare_texts(rank_of(attribute, *text), rank_of(attribute, value)))
               : compare(name, compare_texts(*text, value));
  };
}

// Conditions on field tests.

using ValueTest = std::function<bool(const Value&)>;

Parsed<DetectionTest> over_values(const Parameters& parameters, ValueTest test) {
  TRY(const std::string link, parameters.required("cond"));
  if (link != "any" && link != "all") {
    return refuse(parameters.position(), fmt::format("`cond` must be any or all, not '{}'", link));
  }
  return [all = link == "all", test = std::move(test)](const FieldTest& field_test,
                                                       const PipelineState&) {
    return all ? std::ranges::all_of(field_test.values, test)
               : std::ranges::any_of(field_test.values, test);
  };
}

Parsed<DetectionTest> match_string(const Parameters& parameters) {
  TRY(const std::string pattern, parameters.required("pattern"));
  TRY(const Pattern compiled, compile(pattern, parameters.position()));
  return over_values(
      parameters, [compiled, negated = parameters.flag("negate")](const Value& value) {
        const bool found =
            value.kind == ValueKind::kString && matches_start(*compiled, plain_text(value.text));
        return found != negated;
      });
}

Parsed<DetectionTest> match_value(const Parameters& parameters) {
  TRY(const Value wanted, parameters.value("value"));
  return over_values(parameters,
                     [wanted](const Value& value) { return same_value(wanted, value); });
}

Parsed<DetectionTest> contains_wildcard(const Parameters& parameters) {
  return over_values(parameters, [](const Value& value) {
    return value.kind == ValueKind::kString && has_wildcard(value.text);
  });
}

Parsed<DetectionTest> is_null(const Parameters& parameters) {
  return over_values(parameters, [](const Value& value) { return value.kind == ValueKind::kNull; });
}

Parsed<DetectionTest> test_applied(const Parameters& parameters) {
  TRY(const std::string id, parameters.required("processing_item_id"));
  return [id](const FieldTest& test, const PipelineState&) { return contains(test.applied, id); };
}

Parsed<DetectionTest> test_state(const Parameters& parameters) {
  TRY(auto test, state_test(parameters));
  return [test](const FieldTest&, const PipelineState& state) { return test(state); };
}

// Conditions on field names.

Parsed<FieldNameTest> fields_test(const Parameters& parameters, bool wanted) {
  const std::vector<std::string> fields = parameters.texts("fields");
  const std::string mode = parameters.text("mode", "plain");
  if (mode == "plain") {
    return FieldNameTest{[fields, wanted](std::string_view field, const PipelineState&) {
                           return (field != kAnyField && contains(fields, field)) == wanted;
                         },
                         {}};
  }
  if (mode != "re") {
    return refuse(parameters.position(), fmt::format("`mode` must be plain or re, not '{}'", mode));
  }
  std::vector<Pattern> patterns;
  for (const std::string& field : fields) {
    TRY(Pattern pattern, compile(field, parameters.position()));
    patterns.push_back(std::move(pattern));
  }
  return FieldNameTest{[patterns, wanted](std::string_view field, const PipelineState&) {
                         const bool found =
                             field != kAnyField &&
                             std::ranges::any_of(patterns, [&](const Pattern& pattern) {
                               return matches_start(*pattern, field);
                             });
                         return found == wanted;
                       },
                       {}};
}
Parsed<FieldNameTest> include_fields(const Parameters& parameters) {
  return fields_test(parameters, true);
}
Parsed<FieldNameTest> exclude_fields(const Parameters& parameters) {
  return fields_test(parameters, false);
}

Parsed<FieldNameTest> field_applied(const Parameters& parameters) {
  TRY(const std::string id, parameters.required("processing_item_id"));
  return FieldNameTest{
      [id](std::string_view field, const PipelineState& state) {
        const auto found = state.steps_of_fields.find(field);
        return found != state.steps_of_fields.end() && found->second.contains(id);
      },
      [id](const FieldTest& test, const PipelineState&) { return contains(test.applied, id); }};
}

Parsed<FieldNameTest> field_state(const Parameters& parameters) {
  TRY(auto test, state_test(parameters));
  return FieldNameTest{[test](std::string_view, const PipelineState& state) { return test(state); },
                       {}};
}

constexpr std::array<Maker<RuleTest>, 9> kRuleTests = {{
    {"contains_detection_item", contains_detection},
    {"contains_field", contains_field},
    {"is_sigma_correlation_rule", is_correlation},
    {"is_sigma_rule", is_rule},
    {"logsource", logsource},
    {"processing_item_applied", rule_applied},
    {"processing_state", rule_state},
    {"rule_attribute", rule_attribute},
    {"tag", tag},
}};
constexpr std::array<Maker<DetectionTest>, 6> kDetectionTests = {{
    {"contains_wildcard", contains_wildcard},
    {"is_null", is_null},
    {"match_string", match_string},
    {"match_value", match_value},
    {"processing_item_applied", test_applied},
    {"processing_state", test_state},
}};
constexpr std::array<Maker<FieldNameTest>, 4> kFieldNameTests = {{
    {"exclude_fields", exclude_fields},
    {"include_fields", include_fields},
    {"processing_item_applied", field_applied},
    {"processing_state", field_state},
}};

}  // namespace

std::span<const Maker<RuleTest>> rule_test_makers() { return kRuleTests; }
std::span<const Maker<DetectionTest>> detection_test_makers() { return kDetectionTests; }
std::span<const Maker<FieldNameTest>> field_name_test_makers() { return kFieldNameTests; }

}  // namespace vedette::rules::sigma
