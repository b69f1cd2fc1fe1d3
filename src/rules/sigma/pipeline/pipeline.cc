// SPDX-License-Identifier: Apache-2.0
#include "rules/sigma/pipeline/pipeline.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

#include "base/file.h"
#include "rules/sigma/condition.h"
#include "rules/sigma/correlation.h"
#include "rules/sigma/pipeline/step.h"
#include "rules/sigma/rule.h"

namespace vedette::rules::sigma {
namespace {

using formats::yaml::Document;
using formats::yaml::Member;
using formats::yaml::Node;
using formats::yaml::NodeKind;

// Known to pySigma, but not to be had here.
struct Unsupported {
  std::string_view type;
  std::string_view reason;
};
constexpr std::array<Unsupported, 4> kUnsupported = {{
    {"command_placeholders", "it runs a program; put the values into `vars`"},
    {"file_placeholders", "it reads further files; put the values into `vars` or give --vars"},
    {"http_placeholders", "it asks the network; put the values into `vars`"},
    {"query_expression_placeholders", "it writes query text, and nothing here is a query"},
}};

constexpr std::array<std::string_view, 7> kPipelineKeys = {
    "allowed_backends", "finalizers",      "name", "postprocessing",
    "priority",         "transformations", "vars"};

template <typename Made>
const Maker<Made>* find_maker(std::span<const Maker<Made>> makers, std::string_view type) {
  const auto found = std::ranges::find(makers, type, &Maker<Made>::type);
  return found == makers.end() ? nullptr : &*found;
}

// `prefix`_conditions (a list, or a map of names), `prefix`_cond_op, `prefix`_cond_not and
// `prefix`_cond_expr.
template <typename Test>
class GroupReader {
 public:
  GroupReader(const Node& step, std::string prefix, std::span<const Maker<Test>> makers)
      : step_(step), prefix_(std::move(prefix)), makers_(makers) {}

  Parsed<TestGroup<Test>> read() {
    TestGroup<Test> group;
    const Parameters parameters(step_);
    group.any = parameters.text(prefix_ + "_cond_op") == "or";
    group.negated = parameters.flag(prefix_ + "_cond_not");
    if (const Node* list = step_.find(prefix_ + "_conditions"); list != nullptr) {
      std::size_t number = 0;
      for (const Node* node : list->elements) {
        TRY_VOID(add(*node, std::to_string(++number), group));
      }
      for (const Member& member : list->members) {
        TRY_VOID(add(*member.value, std::string(member.key->text), group));
      }
    }
    const Node* expression = step_.find(prefix_ + "_cond_expr");
    if (expression == nullptr) return group;
    if (parameters.has(prefix_ + "_cond_op")) {
      return refuse(position_of(*expression),
                    fmt::format("{0}_cond_expr and {0}_cond_op cannot stand together", prefix_));
    }
    TRY(group.expression, parse_condition(expression->text, position_of(*expression)));
    std::set<std::string, std::less<>> used;
    TRY_VOID(check_names(*group.expression, group, used));
    for (const auto& named : group.tests) {
      if (!used.contains(named.name)) {
        return refuse(position_of(*expression),
                      fmt::format("the expression does not use the condition '{}'", named.name));
      }
    }
    return group;
  }

 private:
  Parsed<void> add(const Node& node, std::string name, TestGroup<Test>& group) {
    const Parameters parameters(node);
    TRY(const std::string type, parameters.required("type"));
    const Maker<Test>* maker = find_maker(makers_, type);
    if (maker == nullptr) {
      return refuse(position_of(node), fmt::format("the condition type '{}' is unknown", type));
    }
    TRY(Test test, maker->make(parameters));
    group.tests.push_back({std::move(name), std::move(test)});
    return {};
  }

  static Parsed<void> check_names(const Condition& condition, const TestGroup<Test>& group,
                                  std::set<std::string, std::less<>>& used) {
    if (condition.kind == Condition::Kind::kSelector) {
      return refuse(condition.position, "expressions of conditions have no `of`");
    }
    if (condition.kind == Condition::Kind::kName) {
      const bool known = std::ranges::any_of(
          group.tests, [&](const auto& named) { return named.name == condition.name; });
      if (!known) {
        return refuse(condition.position,
                      fmt::format("the expression names the condition '{}', which is not defined",
                                  condition.name));
      }
      used.insert(condition.name);
    }
    for (const Condition& part : condition.parts) TRY_VOID(check_names(part, group, used));
    return {};
  }

  const Node& step_;  // the caller's
  std::string prefix_;
  std::span<const Maker<Test>> makers_;
};

Parsed<MadeTransformation> make_transformation(const Node& node) {
  const Parameters parameters(node);
  TRY(const std::string type, parameters.required("type"));
  for (const auto makers : {field_transformation_makers(), value_transformation_makers(),
                            rule_transformation_makers(), splitting_transformation_makers()}) {
    const auto* maker = find_maker(makers, type);
    if (maker != nullptr) return maker->make(parameters);
  }
  const auto known = std::ranges::find(kUnsupported, type, &Unsupported::type);
  if (known != kUnsupported.end()) {
    return refuse(position_of(node),
                  fmt::format("the transformation {} is not supported: {}", type, known->reason));
  }
  return refuse(position_of(node), fmt::format("the transformation '{}' is unknown", type));
}

Parsed<void> change_detection(Detection& detection, const TestTransformation& transformation,
                              PipelineState& state, const PipelineStep& step, Budget& budget) {
  for (Detection& group : detection.groups) {
    TRY_VOID(change_detection(group, transformation, state, step, budget));
  }
  std::vector<FieldTest> kept;
  kept.reserve(detection.tests.size());
  for (FieldTest& test : detection.tests) {
    TestChange change;
    if (step.matches_test(test, state)) {
      TRY(change, transformation(test, state, step, budget));
    }
    if (change.kind == TestChange::Kind::kDropped) continue;
    if (change.kind == TestChange::Kind::kReplaced) {
      if (test.negated) {
        return refuse(test.position, "a pipeline splits a test with |neq, which has no meaning");
      }
      detection.groups.push_back(std::move(change.replacement));
      continue;
    }
    if (change.kind == TestChange::Kind::kChanged) test.applied.push_back(step.id);
    kept.push_back(std::move(test));
  }
  detection.tests = std::move(kept);
  return {};
}

}  // namespace

std::string Parameters::text(std::string_view key, std::string_view otherwise) const {
  return has(key) ? text_of(map_, key) : std::string(otherwise);
}

bool Parameters::flag(std::string_view key, bool otherwise) const {
  const Node* found = map_.find(key);
  if (found == nullptr || scalar_type(*found) != formats::yaml::ScalarType::kBoolean) {
    return otherwise;
  }
  return boolean_of(*found);
}

std::vector<std::string> Parameters::texts(std::string_view key) const {
  return texts_of(map_, key);
}

Parsed<std::string> Parameters::required(std::string_view key) const {
  const Node* found = map_.find(key);
  if (found != nullptr && found->kind == NodeKind::kScalar) return std::string(found->text);
  return refuse(position(), fmt::format("`{}` is missing, or is no text", key));
}

Parsed<Value> Parameters::value(std::string_view key) const {
  const Node* found = map_.find(key);
  if (found != nullptr && found->kind == NodeKind::kScalar) return parse_value(*found);
  return refuse(position(), fmt::format("`{}` is missing, or is no single value", key));
}

bool PipelineStep::matches_rule(const SigmaRule& rule, const PipelineState& state) const {
  if (rule_tests.tests.empty()) return true;
  return rule_tests.match([&](const RuleTest& test) { return test(rule, state); });
}

bool PipelineStep::matches_test(const FieldTest& test, const PipelineState& state) const {
  if (!detection_tests.match([&](const DetectionTest& one) { return one(test, state); })) {
    return false;
  }
  // A name stands before the tests, or as the value of a field reference.
  return field_tests.match([&](const FieldNameTest& one) {
    if (one.test) return one.test(test, state);
    return one.name(test.field, state) || std::ranges::any_of(test.values, [&](const Value& value) {
             return value.kind == ValueKind::kFieldReference && one.name(value.text, state);
           });
  });
}

bool PipelineStep::matches_field(std::string_view field, const PipelineState& state) const {
  return field_tests.match([&](const FieldNameTest& one) { return one.name(field, state); });
}

PipelineStep::Transformation over_tests(TestTransformation transformation) {
  return [transformation = std::move(transformation)](SigmaRule& rule, PipelineState& state,
                                                      const PipelineStep& step,
                                                      Budget& budget) -> Parsed<void> {
    for (NamedDetection& named : rule.detections) {
      TRY_VOID(change_detection(named.detection, transformation, state, step, budget));
    }
    return {};
  };
}

Parsed<PipelineStep> make_step(const Node& node, std::size_t index) {
  if (node.kind != NodeKind::kMapping) {
    return refuse(position_of(node), "a transformation must be a map");
  }
  PipelineStep step;
  step.id = text_of(node, "id");
  if (step.id.empty()) step.id = fmt::format("transformation {}:{}", node.line, index + 1);
  TRY(MadeTransformation made, make_transformation(node));
  step.transformation = std::move(made.transformation);
  step.field_map = std::move(made.field_map);
  TRY(step.rule_tests, GroupReader<RuleTest>(node, "rule", rule_test_makers()).read());
  TRY(step.detection_tests,
      GroupReader<DetectionTest>(node, "detection_item", detection_test_makers()).read());
  TRY(step.field_tests,
      GroupReader<FieldNameTest>(node, "field_name", field_name_test_makers()).read());
  return step;
}

// One file: its tree is kept until all files are in the order of their priority.
struct Pipelines::Text {
  std::string file;
  Document document;
  long priority = 0;
};

Pipelines::Pipelines() = default;
Pipelines::Pipelines(Pipelines&&) noexcept = default;
Pipelines& Pipelines::operator=(Pipelines&&) noexcept = default;
Pipelines::~Pipelines() = default;

namespace {

std::unexpected<Error> wrong(const std::string& file, Position position, std::string_view message) {
  return failure(ErrorCode::kInvalid,
                 fmt::format("{}:{}:{}: {}", file, position.line, position.column, message));
}

Result<Document> parse_document(std::string_view text, const std::string& file,
                                const Limits& limits) {
  auto document = Document::parse(text, limits);
  if (!document.has_value()) {
    return failure(document.error().code, fmt::format("{}: {}", file, document.error().message));
  }
  if (!document->errors().empty()) {
    const auto& error = document->errors().front();
    return wrong(file, {error.line, error.column}, error.message);
  }
  if (document->roots().size() != 1 || document->roots()[0]->kind != NodeKind::kMapping) {
    return wrong(file, {1, 1}, "a pipeline must be one map");
  }
  return document;
}

long priority_of(const Document& document) {
  const std::string text = text_of(*document.roots()[0], "priority");
  long priority = 0;
  std::from_chars(text.data(), text.data() + text.size(), priority);
  return priority;
}

}  // namespace

Result<void> Pipelines::add(const Text& text, std::vector<Diagnostic>& warnings) {
  const Node& root = *text.document.roots()[0];
  for (const Member& member : root.members) {
    const std::string_view key = member.key->text;
    if (std::ranges::find(kPipelineKeys, key) == kPipelineKeys.end()) {
      return wrong(text.file, position_of(*member.key),
                   fmt::format("the key '{}' is unknown", key));
    }
    if (key == "postprocessing" || key == "finalizers") {
      warnings.push_back({DiagnosticKind::kWarning,
                          {text.file, member.key->line, member.key->column, 0},
                          fmt::format("`{}` is ignored: it shapes the text of queries", key),
                          ""});
    }
  }
  if (const Node* variables = root.find("vars"); variables != nullptr) {
    for (const Member& member : variables->members) {
      auto& values = variables_[std::string(member.key->text)];
      values.clear();
      if (member.value->kind == NodeKind::kScalar) values.emplace_back(member.value->text);
      for (const Node* value : member.value->elements) values.emplace_back(value->text);
    }
  }
  const Node* nodes = root.find("transformations");
  if (nodes == nullptr) return {};
  for (const Node* node : nodes->elements) {
    auto step = make_step(*node, steps_.size());
    if (!step.has_value()) return wrong(text.file, step.error().position, step.error().message);
    steps_.push_back(std::make_unique<PipelineStep>(std::move(*step)));
  }
  return {};
}

Result<Pipelines> Pipelines::load(const std::vector<std::string>& paths, const Limits& limits,
                                  std::vector<Diagnostic>& warnings) {
  std::vector<Text> texts;
  for (const std::string& path : paths) {
    TRY(const std::string text, read_file(path, limits.file_bytes_max));
    TRY(Document document, parse_document(text, path, limits));
    const long priority = priority_of(document);
    // Behind those of the same priority.
    const auto place = std::ranges::upper_bound(texts, priority, {}, &Text::priority);
    texts.insert(place, {path, std::move(document), priority});
  }
  Pipelines pipelines;
  for (const Text& text : texts) TRY_VOID(pipelines.add(text, warnings));
  return pipelines;
}

Result<Pipelines> Pipelines::parse(std::string_view text, const std::string& file,
                                   const Limits& limits, std::vector<Diagnostic>& warnings) {
  TRY(Document document, parse_document(text, file, limits));
  Pipelines pipelines;
  TRY_VOID(pipelines.add({file, std::move(document), 0}, warnings));
  return pipelines;
}

Parsed<void> Pipelines::apply(SigmaRule& rule, Budget& budget) const {
  PipelineState state;
  state.variables = &variables_;
  for (const auto& step : steps_) {
    if (!step->matches_rule(rule, state)) continue;
    TRY_VOID(step->transformation(rule, state, *step, budget));
    rule.applied.push_back(step->id);
  }
  return {};
}

Parsed<void> Pipelines::apply(ParsedCorrelation& correlation) const {
  PipelineState state;
  state.variables = &variables_;
  const auto is_alias = [&](const std::string& name) {
    return std::ranges::any_of(correlation.aliases,
                               [&](const auto& alias) { return alias.name == name; });
  };
  for (const auto& step : steps_) {
    if (!step->field_map || !step->rule_tests.tests.empty()) continue;
    const auto names_of = [&](const std::string& field) {
      auto names = step->field_map(field);
      const bool mapped = names.has_value() && step->matches_field(field, state);
      return mapped ? std::move(*names) : std::vector<std::string>{field};
    };
    std::vector<std::string> group_by;
    for (const std::string& field : correlation.correlation.group_by) {
      const auto names = is_alias(field) ? std::vector<std::string>{field} : names_of(field);
      group_by.insert(group_by.end(), names.begin(), names.end());
    }
    correlation.correlation.group_by = std::move(group_by);
    const auto map_one = [&](std::string& field) -> Parsed<void> {
      const auto names = names_of(field);
      if (names.size() != 1) {
        return refuse(
            correlation.position,
            fmt::format("a pipeline maps the field '{}' of the correlation to several", field));
      }
      field = names.front();
      return {};
    };
    for (std::string& field : correlation.correlation.fields) TRY_VOID(map_one(field));
    for (auto& alias : correlation.aliases) TRY_VOID(map_one(alias.field));
  }
  return {};
}

}  // namespace vedette::rules::sigma
