// SPDX-License-Identifier: Apache-2.0
#include "observe/nearest.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace vedette::observe {
namespace {

constexpr std::size_t kComparedCandidates = 16;

std::size_t alike_bytes(std::string_view a, std::string_view b) {
  const auto prefix = std::ranges::mismatch(a, b).in1 - a.begin();
  const auto suffix = std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend()).first - a.rbegin();
  return static_cast<std::size_t>(prefix + suffix);
}

// Levenshtein's, by rows.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  a = a.substr(0, kComparedMax);
  b = b.substr(0, kComparedMax);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

// A full comparison with each would let whoever makes up names make us slow.
std::string nearest(std::string_view text, const std::set<std::string>& known) {
  std::vector<std::pair<std::size_t, const std::string*>> candidates;
  for (const std::string& each : known) candidates.emplace_back(alike_bytes(text, each), &each);
  const std::size_t count = std::min(kComparedCandidates, candidates.size());
  std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(count),
                    candidates.end(), [](const auto& a, const auto& b) {
                      return a.first != b.first ? a.first > b.first : *a.second < *b.second;
                    });
  const std::string* best = nullptr;
  std::size_t fewest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t distance = edit_distance(text, *candidates[i].second);
    if (best == nullptr || distance < fewest) {
      best = candidates[i].second;
      fewest = distance;
    }
  }
  return best == nullptr ? std::string() : *best;
}

}  // namespace vedette::observe
