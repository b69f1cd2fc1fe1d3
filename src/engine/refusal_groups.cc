// SPDX-License-Identifier: Apache-2.0
#include "engine/refusal_groups.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>

namespace vedette::engine {
namespace {

// The reason without what it quotes and without numbers.
std::string kind_of(std::string_view reason) {
  std::string kind;
  for (std::size_t at = 0; at < reason.size();) {
    const char c = reason[at];
    const std::size_t end = c == '\'' || c == '%' ? reason.find(c, at + 1) : std::string_view::npos;
    if (end != std::string_view::npos) {
      (kind += c) += c;
      at = end + 1;
      continue;
    }
    if (c < '0' || c > '9') kind += c;
    ++at;
  }
  return kind;
}

}  // namespace

std::vector<event::RefusalGroup> group_refusals(std::span<const rules::Refusal> refused) {
  std::vector<event::RefusalGroup> groups;
  std::unordered_map<std::string, std::size_t> known;
  for (const rules::Refusal& refusal : refused) {
    const auto [found, is_new] = known.emplace(kind_of(refusal.reason), groups.size());
    if (is_new) {
      groups.push_back({0,
                        {DiagnosticKind::kError,
                         {refusal.file, refusal.line, refusal.column, 0},
                         refusal.reason,
                         {}}});
    }
    ++groups[found->second].count;
  }
  std::ranges::stable_sort(groups, std::ranges::greater(), &event::RefusalGroup::count);
  return groups;
}

}  // namespace vedette::engine
