// SPDX-License-Identifier: Apache-2.0
// Runs the case files of a folder; see README.md for their form.
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>

#include "base/file.h"
#include "conformance/suite.h"
#include "detect/naive_evaluator.h"
#include "formats/yaml/yaml.h"
#include "rules/sigma/sigma.h"

namespace {

using vedette::detect::EventFields;
using vedette::formats::yaml::Node;
using vedette::formats::yaml::NodeKind;
using vedette::formats::yaml::ScalarType;
namespace event = vedette::event;
namespace rules = vedette::rules;

std::string text_of(const Node& root, std::string_view key) {
  const Node* node = root.find(key);
  return node == nullptr ? std::string() : std::string(node->text);
}

// `text` as what stands below `detection:` of an otherwise complete rule.
std::string wrap_detection(std::string_view text) {
  std::string rule =
      "title: Case\nid: 6f1f1bd8-5c32-4e8e-9f0b-8f1f8b3a3c11\nlevel: low\nstatus: test\n"
      "logsource: {category: case}\ndetection:\n";
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    rule += fmt::format("  {}\n", text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return rule;
}

void add_scalar(const std::string& path, const Node& node, EventFields& fields) {
  switch (scalar_type(node)) {
    case ScalarType::kNull:
      return fields.add(path, event::Kind::kNull, "");
    case ScalarType::kBoolean:
      return fields.add(path, event::Kind::kBoolean, boolean_of(node) ? "true" : "false");
    case ScalarType::kInteger:
    case ScalarType::kFloat:
      return fields.add(path, event::Kind::kNumber, node.text);
    case ScalarType::kString:
    case ScalarType::kTimestamp:
      return fields.add(path, event::Kind::kString, node.text);
  }
}

void add_fields(const std::string& path, const Node& node, EventFields& fields) {
  if (node.kind == NodeKind::kScalar) return add_scalar(path, node, fields);
  for (const Node* element : node.elements) add_fields(path, *element, fields);
  for (const auto& member : node.members) {
    const std::string name(member.key->text);
    add_fields(path.empty() ? name : path + "." + name, *member.value, fields);
  }
}

class Case {
 public:
  Case(const std::string& file, const Node& root)
      : root_(root), place_(fmt::format("{}:{} {}", file, root.line, text_of(root, "name"))) {}

  // The problems found; none: the case passes.
  std::vector<std::string> run() {
    load();
    if (!problems_.empty()) return problems_;
    check_refusals();
    check_warning();
    check_events("match", true);
    check_events("reject", false);
    check_lines("match_lines", true);
    check_lines("reject_lines", false);
    if (checks_ == 0) fail("the case checks nothing");
    return problems_;
  }
  const std::string& place() const { return place_; }

 private:
  void fail(std::string problem) { problems_.push_back(std::move(problem)); }

  void load() {
    rules::sigma::LoadOptions options;
    if (const Node* variables = root_.find("variables"); variables != nullptr) {
      for (const auto& member : variables->members) {
        auto& values = options.variables[std::string(member.key->text)];
        if (member.value->kind == NodeKind::kScalar) values.emplace_back(member.value->text);
        for (const Node* value : member.value->elements) values.emplace_back(value->text);
      }
    }
    const std::string pipeline = text_of(root_, "pipeline");
    const std::string path =
        std::filesystem::temp_directory_path() / fmt::format("sigma_case_{}.yml", ::getpid());
    if (!pipeline.empty()) {
      if (!vedette::write_file_whole(path, pipeline).has_value()) return fail("cannot write");
      options.pipelines.push_back(path);
    }
    const std::string detection = text_of(root_, "detection");
    const std::string text = detection.empty() ? text_of(root_, "rule") : wrap_detection(detection);
    auto loaded = rules::sigma::load_text(text, "case.yml", options);
    if (!pipeline.empty()) std::filesystem::remove(path);
    if (!loaded.has_value()) {
      const std::string refused = text_of(root_, "refused");
      if (refused.empty() || loaded.error().message.find(refused) == std::string::npos) {
        return fail("not loaded: " + loaded.error().message);
      }
      ++checks_;
      return;
    }
    set_ = std::move(*loaded);
  }

  void check_refusals() {
    const std::string refused = text_of(root_, "refused");
    const std::string loaded = text_of(root_, "loaded");
    if (!refused.empty()) {
      if (checks_ > 0) return;
      ++checks_;
      const bool found = std::ranges::any_of(set_.refused, [&](const rules::Refusal& refusal) {
        return refusal.reason.find(refused) != std::string::npos;
      });
      if (!found && set_.refused.empty()) fail(fmt::format("not refused ({})", refused));
      if (!found && !set_.refused.empty()) {
        fail(fmt::format("refused for another reason: {}", set_.refused[0].reason));
      }
    } else {
      for (const auto& refusal : set_.refused) {
        fail(fmt::format("refused: {}:{} {}", refusal.line, refusal.column, refusal.reason));
      }
    }
    const std::size_t expected = !loaded.empty() ? std::stoul(loaded) : refused.empty() ? 1 : 0;
    if (!loaded.empty()) ++checks_;
    if (set_.rules.size() != expected) {
      fail(fmt::format("{} rules loaded, expected {}", set_.rules.size(), expected));
    }
  }

  void check_warning() {
    const std::string warning = text_of(root_, "warning");
    if (warning.empty()) return;
    ++checks_;
    const bool found = std::ranges::any_of(set_.warnings, [&](const vedette::Diagnostic& given) {
      return given.message.find(warning) != std::string::npos;
    });
    if (!found) fail(fmt::format("no warning says '{}'", warning));
  }

  void check(const EventFields& fields, bool wanted, std::uint32_t line) {
    ++checks_;
    const bool matched = std::ranges::any_of(set_.rules, [&](const rules::Rule& rule) {
      return vedette::detect::evaluate(rule.condition, fields);
    });
    if (matched != wanted) {
      fail(fmt::format("line {}: the event {} match", line, wanted ? "should" : "should not"));
    }
  }

  void check_events(std::string_view key, bool wanted) {
    const Node* events = root_.find(key);
    if (events == nullptr) return;
    for (const Node* node : events->elements) {
      EventFields fields(sources_);
      add_fields("", *node, fields);
      check(fields, wanted, node->line);
    }
  }

  void check_lines(std::string_view key, bool wanted) {
    const Node* lines = root_.find(key);
    if (lines == nullptr) return;
    for (const Node* node : lines->elements) {
      EventFields fields(sources_);
      fields.set_line(node->text);
      check(fields, wanted, node->line);
    }
  }

  const Node& root_;  // the caller's
  std::string place_;
  rules::LogSources sources_;
  rules::RuleSet set_;
  std::vector<std::string> problems_;
  int checks_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  return vedette::conformance::run_suite("sigma", argc, argv,
                                         vedette::conformance::run_cases<Case>);
}
