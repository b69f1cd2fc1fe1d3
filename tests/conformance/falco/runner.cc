// SPDX-License-Identifier: Apache-2.0
// Runs the case files of a folder; see README.md for their form.
#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <set>

#include "conformance/suite.h"
#include "detect/matcher.h"
#include "detect/naive_evaluator.h"
#include "engine/rules/case_files.h"
#include "formats/logs/json.h"
#include "formats/yaml/yaml.h"
#include "rules/falco/falco.h"
#include "rules/program.h"

namespace {

using vedette::detect::EventFields;
using vedette::formats::yaml::Node;
using vedette::formats::yaml::NodeKind;
namespace event = vedette::event;
namespace rules = vedette::rules;
using Names = std::set<std::string>;

std::string text_of(const Node& root, std::string_view key) {
  const Node* node = root.find(key);
  return node == nullptr ? std::string() : std::string(node->text);
}

std::string wrap_condition(std::string_view condition, std::string_view source) {
  std::string rule = fmt::format(
      "- rule: Case\n  desc: a case\n  output: a case\n  priority: NOTICE\n  source: {}\n"
      "  warn_evttypes: false\n  condition: |\n",
      source.empty() ? "syscall" : source);
  while (!condition.empty()) {
    const std::size_t end = std::min(condition.find('\n'), condition.size());
    rule += fmt::format("    {}\n", condition.substr(0, end));
    condition.remove_prefix(std::min(end + 1, condition.size()));
  }
  return rule;
}

// A set of rules, asked naively and compiled.
class AskedRules {
 public:
  explicit AskedRules(const rules::RuleSet& set) : set_(set) {
    rules::CompileOptions options;
    options.use_log_sources = false;
    program_ = rules::Program::compile(set, sources_, options);
  }

  // Names of the rules that match an event, a line of JSON; `difference` when the two disagree.
  Names matches(const std::string& json, std::string& difference) {
    event::Batch batch;
    auto input = std::make_shared<event::Input>();
    input->format = event::RecordFormat::kJsonLines;
    batch.input = input;
    batch.buffer.reserve(json.size());
    std::memcpy(batch.buffer.data(), json.data(), json.size());
    batch.buffer.set_size(json.size());
    const vedette::Limits limits;
    vedette::formats::logs::JsonDecoder decoder(program_->tree(), limits);
    event::Event one(program_->slot_count());
    decoder.start(batch);
    if (!decoder.next(one)) {
      difference = "the event is not readable";
      return {};
    }
    std::vector<event::NamedValue> values;
    decoder.everything(one, values);
    EventFields fields(sources_);
    fields.add_all(values);
    Names naive;
    for (const rules::Rule& rule : set_.rules) {
      if (vedette::detect::evaluate(rule.condition, fields)) naive.insert(rule.info.title);
    }
    vedette::detect::Matcher matcher(*program_, vedette::detect::Matcher::Profile::kOff);
    Names compiled;
    for (const std::uint32_t instance : matcher.match(one, [](auto&) {})) {
      compiled.insert(set_.rules[program_->instances()[instance].rule].info.title);
    }
    if (naive != compiled) {
      difference = fmt::format("naive [{}], compiled [{}]", fmt::join(naive, ", "),
                               fmt::join(compiled, ", "));
    }
    return naive;
  }

 private:
  const rules::RuleSet& set_;  // the case's
  rules::LogSources sources_;
  std::unique_ptr<const rules::Program> program_;
};

class Case {
 public:
  Case(const std::string& file, const Node& root)
      : root_(root), place_(fmt::format("{}:{} {}", file, root.line, text_of(root, "name"))) {}

  // The problems found; none: the case passes.
  std::vector<std::string> run() {
    load();
    check_refusals();
    check_warning();
    AskedRules asked(set_);
    check_events("match", true, asked);
    check_events("reject", false, asked);
    check_named(asked);
    if (checks_ == 0) fail("the case checks nothing");
    return problems_;
  }
  const std::string& place() const { return place_; }

 private:
  void fail(std::string problem) { problems_.push_back(std::move(problem)); }

  void load() {
    const rules::LoadOptions options;
    const auto loader = rules::falco::make_loader(options).value();
    const Node* files = root_.find("rules");
    if (files == nullptr) {
      loader->add_text(wrap_condition(text_of(root_, "condition"), text_of(root_, "source")),
                       "case.yaml");
    } else if (files->kind == NodeKind::kScalar) {
      loader->add_text(files->text, "case.yaml");
    } else {
      int number = 0;
      for (const Node* file : files->elements) {
        loader->add_text(file->text, fmt::format("case{}.yaml", ++number));
      }
    }
    set_ = loader->finish();
  }

  void check_refusals() {
    const std::string refused = text_of(root_, "refused");
    const std::string at = text_of(root_, "refused_at");
    for (const rules::Refusal& refusal : set_.refused) {
      if (refused.empty()) fail(fmt::format("refused: {}", refusal.reason));
    }
    if (!refused.empty()) {
      ++checks_;
      const auto found = std::ranges::find_if(set_.refused, [&](const rules::Refusal& refusal) {
        return refusal.reason.find(refused) != std::string::npos;
      });
      if (found == set_.refused.end()) {
        fail(set_.refused.empty() ? "not refused" : "refused: " + set_.refused[0].reason);
      } else if (!at.empty() && at != fmt::format("{}:{}", found->line, found->column)) {
        fail(fmt::format("refused at {}:{}", found->line, found->column));
      }
    }
    const std::string loaded = text_of(root_, "loaded");
    const std::string disabled = text_of(root_, "disabled");
    checks_ += (loaded.empty() ? 0 : 1) + (disabled.empty() ? 0 : 1);
    const std::size_t expected = !loaded.empty() ? std::stoul(loaded) : refused.empty() ? 1 : 0;
    if (set_.rules.size() != expected) {
      fail(fmt::format("{} rules loaded, expected {}", set_.rules.size(), expected));
    }
    if (!disabled.empty() && std::stoul(disabled) != set_.disabled.size()) {
      fail(fmt::format("{} rules disabled, expected {}", set_.disabled.size(), disabled));
    }
  }

  void check_warning() {
    const std::string warning = text_of(root_, "warning");
    if (warning.empty()) return;
    ++checks_;
    const bool found = std::ranges::any_of(set_.warnings, [&](const vedette::Diagnostic& given) {
      return given.message.find(warning) != std::string::npos;
    });
    if (found) return;
    std::string given;
    for (const vedette::Diagnostic& one : set_.warnings) given += "; " + one.message;
    fail(fmt::format("no warning says '{}'{}", warning, given));
  }

  Names ask(const Node& node, AskedRules& asked) {
    ++checks_;
    std::string difference;
    const auto json = vedette::engine::json_of(node, {});
    const Names names = asked.matches(json.value_or("") + "\n", difference);
    if (!difference.empty()) fail(fmt::format("line {}: {}", node.line, difference));
    return names;
  }

  void check_events(std::string_view key, bool wanted, AskedRules& asked) {
    const Node* events = root_.find(key);
    if (events == nullptr) return;
    for (const Node* node : events->elements) {
      if (ask(*node, asked).empty() != wanted) continue;
      fail(
          fmt::format("line {}: the event {} match", node->line, wanted ? "should" : "should not"));
    }
  }

  void check_named(AskedRules& asked) {
    const Node* events = root_.find("named");
    if (events == nullptr) return;
    for (const Node* node : events->elements) {
      Names expected;
      for (const Node* name : node->find("rules")->elements) expected.emplace(name->text);
      const Names names = ask(*node->find("event"), asked);
      if (names == expected) continue;
      fail(fmt::format("line {}: matched [{}]", node->line, fmt::join(names, ", ")));
    }
  }

  const Node& root_;  // the caller's
  std::string place_;
  rules::RuleSet set_;
  std::vector<std::string> problems_;
  int checks_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  return vedette::conformance::run_suite("falco", argc, argv,
                                         vedette::conformance::run_cases<Case>);
}
