// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <utility>

#include "formats/yaml/yaml.h"
#include "rules/falco/compile.h"
#include "rules/falco/falco.h"
#include "rules/falco/lists.h"
#include "rules/falco/macros.h"
#include "rules/falco/reader.h"
#include "rules/falco/source_places.h"

namespace vedette::rules::falco {
namespace {

using formats::yaml::Document;
using formats::yaml::Node;
using formats::yaml::NodeKind;

class Loader : public DialectLoader {
 public:
  explicit Loader(const LoadOptions& options) : options_(options) {}

  void add_text(std::string_view text, const std::string& file) override {
    const auto document = Document::parse(text, options_.limits);
    if (!document.has_value()) return refuse_file(file, 0, 0, document.error().message);
    places_.add(text, file);
    Reading reading{items_, set_.refused, set_.warnings};
    for (const Node* root : document->roots()) {
      if (root->kind != NodeKind::kSequence) {
        refuse_file(file, root->line, root->column, "expected a list of rules, macros and lists");
        continue;
      }
      for (const Node* element : root->elements) read_item(*element, file, reading);
    }
    for (const auto& error : document->errors()) {
      refuse_file(file, error.line, error.column, "not readable as YAML: " + error.message);
    }
  }

  RuleSet finish() override {
    ListTexts lists(items_.lists());
    Macros macros(items_.macros(), lists);
    for (const RuleItem& rule : items_.rules().all()) add_rule(rule, lists, macros);
    for (const Macros::Broken& broken : macros.broken()) {
      warn(places_.find(broken.macro->condition.place, broken.problem.token),
           fmt::format("the macro '{}' cannot be used: {}", broken.macro->name,
                       broken.problem.message),
           "rules that use it are refused");
    }
    for (const MacroItem* macro : macros.unused()) {
      warn(macro->condition.place, fmt::format("no rule uses the macro '{}'", macro->name), "");
    }
    for (const ListItem* list : lists.unused()) {
      warn(list->place, fmt::format("no rule or macro uses the list '{}'", list->name), "");
    }
    return std::move(set_);
  }

 private:
  void add_rule(const RuleItem& item, ListTexts& lists, Macros& macros) {
    if (!is_source(item.source)) {
      return warn(item.place,
                  fmt::format("the rule '{}' is passed over: its source '{}' is unknown", item.name,
                              item.source),
                  fmt::format("known sources are {}", fmt::join(sources(), ", ")));
    }
    if (!item.enabled) {
      set_.disabled.push_back(info_of(item));
      return;
    }
    auto compiled = compile_rule(item, lists, macros);
    if (compiled.has_value()) {
      for (std::string& doubt : compiled->doubts) warn(item.place, std::move(doubt), "");
      set_.rules.push_back(std::move(compiled->rule));
      return;
    }
    const Problem& problem = compiled.error().problem;
    const Place place = places_.find(compiled.error().place, problem.token);
    if (problem.cause == Problem::Cause::kUnknownField && item.skip_if_unknown) {
      return warn(place,
                  fmt::format("the rule '{}' is passed over: {}", item.name, problem.message),
                  "it asks for that by skip-if-unknown-filter");
    }
    set_.refused.push_back({place.file, place.line, place.column, item.name, problem.message});
  }

  void warn(Place place, std::string message, std::string hint) {
    set_.warnings.push_back(
        {DiagnosticKind::kWarning, std::move(place), std::move(message), std::move(hint)});
  }

  void refuse_file(const std::string& file, std::uint32_t line, std::uint32_t column,
                   std::string reason) {
    set_.refused.push_back({file, line, column, "", std::move(reason)});
  }

  const LoadOptions& options_;  // the caller's
  Items items_;
  SourcePlaces places_;
  RuleSet set_;
};

constexpr std::array<std::string_view, 5> kItemKeys = {
    "rule:", "macro:", "list:", "required_engine_version:", "required_plugin_versions:"};

std::string_view without_blanks(std::string_view line) {
  const std::size_t start = line.find_first_not_of(" \t\r");
  return start == std::string_view::npos ? std::string_view() : line.substr(start);
}

bool has_item_key(std::string_view line) {
  if (line.starts_with('-')) line = without_blanks(line.substr(1));
  return std::ranges::any_of(kItemKeys,
                             [&](std::string_view key) { return line.starts_with(key); });
}

}  // namespace

// Sigma's documents are maps, so a list at the top already tells the two apart; a key makes sure.
bool recognises(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  bool is_list = false;
  while (!text.empty()) {
    const std::string_view line = without_blanks(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    if (line.empty() || line.starts_with('#')) continue;
    if (!is_list) {
      if (line.starts_with("---") || line.starts_with('%')) continue;
      if (!line.starts_with('-')) return false;
      is_list = true;
    }
    if (has_item_key(line)) return true;
  }
  return false;
}

Result<std::unique_ptr<DialectLoader>> make_loader(const LoadOptions& options) {
  return std::make_unique<Loader>(options);
}

}  // namespace vedette::rules::falco
