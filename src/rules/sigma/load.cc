// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>

#include "base/arena.h"
#include "base/file.h"
#include "formats/yaml/yaml.h"
#include "rules/sigma/collection.h"
#include "rules/sigma/correlation.h"
#include "rules/sigma/detection.h"
#include "rules/sigma/filter.h"
#include "rules/sigma/lint.h"
#include "rules/sigma/lower.h"
#include "rules/sigma/pipeline/pipeline.h"
#include "rules/sigma/placeholders.h"
#include "rules/sigma/rule.h"
#include "rules/sigma/sigma.h"

namespace vedette::rules::sigma {
namespace {

using formats::yaml::Document;
using formats::yaml::Node;
using formats::yaml::NodeKind;

// From texts to the rule set, stage by stage: documents to trees as they come, everything that
// looks across files in finish().
class Loader : public DialectLoader {
 public:
  explicit Loader(const LoadOptions& options) : options_(options) {}

  void add_text(std::string_view text, const std::string& file) override {
    auto document = Document::parse(text, options_.limits);
    if (!document.has_value()) {
      return refuse_document({}, file, "", std::move(document.error().message));
    }
    Arena arena(4096);
    const Collection collection = collect(*document, options_.limits, arena);
    for (const Node* root : collection.roots) add_root(*root, file);
    for (const Problem& problem : collection.problems) {
      refuse_document(problem.position, file, "", problem.message);
    }
    for (const Position& position : collection.foreign) {
      set_.warnings.push_back({DiagnosticKind::kWarning,
                               {file, position.line, position.column, 0},
                               "this document is no Sigma rule, correlation or filter",
                               "keep other files out of the folders with rules"});
    }
    for (const auto& error : document->errors()) {
      refuse_document({error.line, error.column}, file, "",
                      fmt::format("not readable as YAML: {}", error.message));
    }
  }

  RuleSet finish() override {
    lint_repeated_ids();
    apply_filters(filters_, rules_, parsed_budget_, set_.warnings);
    set_.rules.reserve(rules_.size());
    for (SigmaRule& rule : rules_) {
      lower(rule);
      rule = {};
    }
    resolve_correlations(std::move(correlations_), set_);
    return std::move(set_);
  }

  Result<void> load_pipelines() {
    TRY(pipelines_, Pipelines::load(options_.pipelines, options_.limits, set_.warnings));
    return {};
  }

 private:
  void add_root(const Node& root, const std::string& file) {
    lint_metadata(root, file, set_.warnings);
    if (root.find("correlation") != nullptr) return add_correlation(root, file);
    lint_log_source(root, file, set_.warnings);
    Budget budget(kRuleValuesMax);
    if (root.find("filter") != nullptr) return add_filter(root, file, budget);
    auto rule = parse_rule(root, file, budget);
    if (!rule.has_value()) return refuse_root(rule.error(), file, root);
    if (!charge(parsed_budget_, budget, rule->position, file, label_of(root))) return;
    lint_rule(*rule, set_.warnings);
    if (rule->info.id.empty()) rule->info.id = fmt::format("{}:{}", file, root.line);
    if (rule->info.title.empty()) rule->info.title = rule->info.id;
    rules_.push_back(std::move(*rule));
  }

  void add_correlation(const Node& root, const std::string& file) {
    auto correlation = parse_correlation(root, file);
    if (!correlation.has_value()) return refuse_root(correlation.error(), file, root);
    auto mapped = pipelines_.apply(*correlation);
    if (!mapped.has_value()) return refuse_root(mapped.error(), file, root);
    std::ranges::move(correlation->warnings, std::back_inserter(set_.warnings));
    correlation->warnings.clear();
    event::RuleInfo& info = correlation->correlation.info;
    if (info.id.empty()) info.id = fmt::format("{}:{}", file, root.line);
    if (info.title.empty()) info.title = info.id;
    correlations_.push_back(std::move(*correlation));
  }

  void add_filter(const Node& root, const std::string& file, Budget& budget) {
    auto filter = parse_filter(root, file, budget);
    if (!filter.has_value()) return refuse_root(filter.error(), file, root);
    if (!charge(parsed_budget_, budget, filter->position, file, label_of(root))) return;
    std::ranges::move(filter->warnings, std::back_inserter(set_.warnings));
    filter->warnings.clear();
    filters_.push_back(std::move(*filter));
  }

  void lower(SigmaRule& rule) {
    const std::string file = rule.info.file;
    const std::string label = rule.info.id;
    const Position position = rule.position;
    Budget budget(kRuleValuesMax);
    auto lowered = transform(rule, budget);
    if (!lowered.has_value()) {
      return refuse_document(lowered.error().position, file, label, lowered.error().message);
    }
    if (charge(lowered_budget_, budget, position, file, label))
      set_.rules.push_back(std::move(*lowered));
  }

  Parsed<Rule> transform(SigmaRule& rule, Budget& budget) const {
    TRY_VOID(pipelines_.apply(rule, budget));
    TRY_VOID(resolve_placeholders(rule, options_.variables, budget));
    return lower_rule(std::move(rule), budget);
  }

  // Counts what one rule took of its own budget against that of the whole load.
  bool charge(Budget& whole, const Budget& budget, Position position, const std::string& file,
              const std::string& label) {
    if (whole.take(kRuleValuesMax - budget.left())) return true;
    refuse_document(
        position, file, label,
        fmt::format("the rules loaded together hold more than {} values", kLoadValuesMax));
    return false;
  }

  void refuse_root(const Problem& problem, const std::string& file, const Node& root) {
    refuse_document(problem.position, file, label_of(root), problem.message);
  }

  void lint_repeated_ids() {
    std::unordered_map<std::string_view, const SigmaRule*> first;
    for (const SigmaRule& rule : rules_) {
      const auto [found, is_new] = first.emplace(rule.info.id, &rule);
      if (is_new) continue;
      const auto& other = found->second->info;
      set_.warnings.push_back(
          {DiagnosticKind::kWarning,
           {rule.info.file, rule.info.line, 1, 0},
           fmt::format("the id {} stands in {}:{} too", rule.info.id, other.file, other.line),
           "give one of the rules a new id"});
    }
  }

  void refuse_document(Position position, const std::string& file, std::string label,
                       std::string reason) {
    set_.refused.push_back(
        {file, position.line, position.column, std::move(label), std::move(reason)});
  }

  const LoadOptions& options_;  // the caller's
  Budget parsed_budget_{kLoadValuesMax};
  Budget lowered_budget_{kLoadValuesMax};
  RuleSet set_;
  Pipelines pipelines_;
  std::vector<SigmaRule> rules_;
  std::vector<ParsedCorrelation> correlations_;
  std::vector<SigmaFilter> filters_;
};

}  // namespace

Result<std::unique_ptr<DialectLoader>> make_loader(const LoadOptions& options) {
  auto loader = std::make_unique<Loader>(options);
  TRY_VOID(loader->load_pipelines());
  return loader;
}

Result<RuleSet> load_text(std::string_view text, const std::string& file,
                          const LoadOptions& options) {
  Loader loader(options);
  TRY_VOID(loader.load_pipelines());
  loader.add_text(text, file);
  return loader.finish();
}

Result<std::map<std::string, std::vector<std::string>, std::less<>>> load_variables(
    const std::string& path, const Limits& limits) {
  TRY(const std::string text, read_file(path, limits.file_bytes_max));
  TRY(const Document document, Document::parse(text, limits));
  if (!document.errors().empty()) {
    const auto& error = document.errors().front();
    return failure(ErrorCode::kInvalid,
                   fmt::format("{}:{}:{}: {}", path, error.line, error.column, error.message));
  }
  std::map<std::string, std::vector<std::string>, std::less<>> variables;
  for (const Node* root : document.roots()) {
    if (root->kind != NodeKind::kMapping) {
      return failure(ErrorCode::kInvalid,
                     fmt::format("{}:{}: expected a map of names to values", path, root->line));
    }
    for (const auto& member : root->members) {
      auto& values = variables[std::string(member.key->text)];
      const Node* const single = member.value;
      const std::span<const Node* const> nodes =
          single->kind == NodeKind::kSequence ? single->elements : std::span(&single, 1);
      for (const Node* value : nodes) {
        if (value->kind != NodeKind::kScalar) {
          return failure(ErrorCode::kInvalid,
                         fmt::format("{}:{}: a value of '{}' is a list or map, expected text", path,
                                     value->line, member.key->text));
        }
        values.emplace_back(value->text);
      }
    }
  }
  return variables;
}

}  // namespace vedette::rules::sigma
