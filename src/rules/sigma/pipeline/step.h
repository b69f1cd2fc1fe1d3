// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "formats/yaml/yaml.h"
#include "rules/sigma/ast.h"
#include "rules/sigma/detection.h"
#include "rules/sigma/text.h"

// The parts of processing pipelines: conditions and transformations are made once, as functions,
// from their YAML by the makers that the tables below list.
namespace vedette::rules::sigma {

// What steps leave for later steps, for one rule.
struct PipelineState {
  const Variables* variables = nullptr;              // the pipelines', which outlive this
  std::map<std::string, Value, std::less<>> values;  // set_state
  std::map<std::string, std::set<std::string>, std::less<>> steps_of_fields;  // field -> step ids
  std::set<std::string, std::less<>> mapped;  // field names that mappings took or made
};

// Conditions of one kind, linked by `all`, by `any`, or by an expression over their names.
template <typename Test>
struct TestGroup {
  struct Named {
    std::string name;
    Test test;
  };
  std::vector<Named> tests;
  bool any = false;
  bool negated = false;
  std::optional<Condition> expression;

  // `holds(test)` decides one; `none` is the answer when there are no conditions at all.
  template <typename Holds>
  bool match(const Holds& holds) const {
    bool result = !any;
    if (expression.has_value()) {
      result = evaluate(*expression, holds);
    } else {
      for (const Named& named : tests) {
        if (holds(named.test) == any) {
          result = any;
          break;
        }
      }
    }
    return result != negated;
  }

 private:
  template <typename Holds>
  bool evaluate(const Condition& condition, const Holds& holds) const {
    if (condition.kind == Condition::Kind::kName) {
      for (const Named& named : tests) {
        if (named.name == condition.name) return holds(named.test);
      }
      return false;
    }
    if (condition.kind == Condition::Kind::kNot) return !evaluate(condition.parts[0], holds);
    const bool is_or = condition.kind == Condition::Kind::kOr;
    for (const Condition& part : condition.parts) {
      if (evaluate(part, holds) == is_or) return is_or;
    }
    return !is_or;
  }
};

using RuleTest = std::function<bool(const SigmaRule&, const PipelineState&)>;
using DetectionTest = std::function<bool(const FieldTest&, const PipelineState&)>;
struct FieldNameTest {
  // kAnyField: keywords.
  std::function<bool(std::string_view field, const PipelineState&)> name;
  // In the place of `name` where a field test is asked, when set.
  DetectionTest test;
};

struct PipelineStep {
  using Transformation =
      std::function<Parsed<void>(SigmaRule&, PipelineState&, const PipelineStep&, Budget&)>;
  // New names of a field: none when it stays.
  using FieldMap = std::function<std::optional<std::vector<std::string>>(std::string_view field)>;

  std::string id;
  TestGroup<RuleTest> rule_tests;
  TestGroup<DetectionTest> detection_tests;
  TestGroup<FieldNameTest> field_tests;
  Transformation transformation;
  FieldMap field_map;  // of transformations that rename fields

  bool matches_rule(const SigmaRule& rule, const PipelineState& state) const;
  bool matches_test(const FieldTest& test, const PipelineState& state) const;
  bool matches_field(std::string_view field, const PipelineState& state) const;
};

// The parameters of a condition or transformation.
class Parameters {
 public:
  explicit Parameters(const formats::yaml::Node& map) : map_(map) {}

  const formats::yaml::Node* node(std::string_view key) const { return map_.find(key); }
  bool has(std::string_view key) const { return map_.find(key) != nullptr; }
  Position position() const { return position_of(map_); }
  std::string text(std::string_view key, std::string_view otherwise = "") const;
  bool flag(std::string_view key, bool otherwise = false) const;
  // A list of texts or one text.
  std::vector<std::string> texts(std::string_view key) const;
  Parsed<std::string> required(std::string_view key) const;
  Parsed<Value> value(std::string_view key) const;

 private:
  const formats::yaml::Node& map_;  // of the pipeline's document, while it is read
};

template <typename Made>
struct Maker {
  std::string_view type;
  Parsed<Made> (*make)(const Parameters& parameters);
};
std::span<const Maker<RuleTest>> rule_test_makers();
std::span<const Maker<DetectionTest>> detection_test_makers();
std::span<const Maker<FieldNameTest>> field_name_test_makers();

// What a maker of transformations gives back.
struct MadeTransformation {
  PipelineStep::Transformation transformation;
  PipelineStep::FieldMap field_map;
};
std::span<const Maker<MadeTransformation>> field_transformation_makers();
std::span<const Maker<MadeTransformation>> value_transformation_makers();
std::span<const Maker<MadeTransformation>> rule_transformation_makers();
std::span<const Maker<MadeTransformation>> splitting_transformation_makers();
// The step of one element of `transformations`; `nest` needs it for its own.
Parsed<PipelineStep> make_step(const formats::yaml::Node& node, std::size_t index);

// How a transformation of single field tests answers.
struct TestChange {
  enum class Kind : std::uint8_t { kNone, kChanged, kReplaced, kDropped };
  Kind kind = Kind::kNone;
  Detection replacement;  // kReplaced
};
using TestTransformation =
    std::function<Parsed<TestChange>(FieldTest&, PipelineState&, const PipelineStep&, Budget&)>;
// Runs over every field test of the rule that the step's conditions let through.
PipelineStep::Transformation over_tests(TestTransformation transformation);

}  // namespace vedette::rules::sigma
