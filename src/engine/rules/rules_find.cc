// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/file.h"
#include "base/unicode.h"
#include "engine/rules/rules_run.h"

namespace vedette::engine {
namespace {

bool is_called(const event::RuleInfo& info, const std::string& folded) {
  return fold_case(info.id) == folded || fold_case(info.name) == folded ||
         fold_case(info.title) == folded;
}

// A few titles that hold the words asked for.
std::string titles_like(const rules::RuleSet& set, const std::string& folded) {
  constexpr std::size_t kShown = 5;
  std::vector<std::string> titles;
  for (const rules::Rule& rule : set.rules) {
    if (titles.size() < kShown && fold_case(rule.info.title).find(folded) != std::string::npos) {
      titles.push_back(rule.info.title);
    }
  }
  return titles.empty() ? "vedette rules list shows all"
                        : fmt::format("similar: {}", fmt::join(titles, "; "));
}

bool is_separator(std::string_view line) {
  return line.starts_with("---") &&
         (line.size() == 3 || line[3] == ' ' || line[3] == '\r' || line[3] == '\t');
}

// The element of a list that begins in this line (Falco's rules are), up to the next one of the
// list; "" when none does.
std::string list_element(const std::string& text, std::uint32_t wanted) {
  std::string element;
  std::size_t indent = 0;
  std::uint32_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string_view line(text.data() + at, end - at);
    at = end;
    if (++number < wanted) continue;
    const std::size_t start = line.find_first_not_of(' ');
    const bool begins = start != std::string_view::npos && line[start] == '-';
    if (number == wanted) {
      if (!begins || is_separator(line.substr(0, line.find('\n')))) return {};
      indent = start;
    } else if (start != std::string_view::npos && line[start] != '\n' && start <= indent) {
      break;
    }
    element += line;
  }
  while (element.ends_with("\n\n")) element.pop_back();
  return element;
}

}  // namespace

Result<FoundRule> find_rule(const rules::RuleSet& set, const std::string& name) {
  const std::string folded = fold_case(name);
  std::vector<FoundRule> found;
  for (const rules::Rule& rule : set.rules) {
    if (is_called(rule.info, folded)) found.push_back({&rule.info, &rule, nullptr});
  }
  for (const rules::Correlation& correlation : set.correlations) {
    if (is_called(correlation.info, folded)) {
      found.push_back({&correlation.info, nullptr, &correlation});
    }
  }
  if (found.size() == 1) return found[0];
  if (found.size() > 1) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected one rule called '{}', found {} ({} and {}); use its id",
                               name, found.size(), found[0].info->file, found[1].info->file));
  }
  for (const rules::Refusal& refusal : set.refused) {
    if (fold_case(refusal.rule) == folded) {
      return failure(ErrorCode::kUnsupported,
                     fmt::format("the rule '{}' was refused: {}:{}: {}", name, refusal.file,
                                 refusal.line, refusal.reason));
    }
  }
  return failure(ErrorCode::kNotFound,
                 fmt::format("expected the id, name or title of a rule, found none called '{}'; {}",
                             name, titles_like(set, folded)));
}

Result<std::string> rule_text(const event::RuleInfo& info, const Limits& limits) {
  TRY(const std::string text, read_file(info.file, limits.file_bytes_max));
  if (std::string element = list_element(text, info.line); !element.empty()) return element;
  std::string document;
  std::uint32_t number = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string_view line(text.data() + at, end - at);
    at = end;
    ++number;
    const std::string_view bare = line.substr(0, line.find('\n'));
    if (is_separator(bare)) {
      if (number > info.line) break;
      document.clear();
    } else {
      document += line;
    }
  }
  return document;
}

}  // namespace vedette::engine
