// SPDX-License-Identifier: Apache-2.0
#include "ingest/skip_tally.h"

#include <algorithm>

namespace vedette::ingest {

void SkipTally::add(SkipReason reason, std::string_view path, std::string_view message,
                    std::uint64_t bytes) {
  Tally& tally = at(reason);
  ++tally.count;
  tally.bytes += bytes;
  if (tally.examples.size() == kExamplesKept) return;
  tally.examples.push_back(
      {DiagnosticKind::kWarning, {std::string(path), 0, 0, 0}, std::string(message), ""});
}

void SkipTally::add(SkipReason reason, const Diagnostic& problem) {
  Tally& tally = at(reason);
  ++tally.count;
  if (tally.examples.size() < kExamplesKept) tally.examples.push_back(problem);
}

void SkipTally::add(SkipReason reason, const Tally& tally) {
  Tally& mine = at(reason);
  mine.count += tally.count;
  mine.bytes += tally.bytes;
  for (const Diagnostic& example : tally.examples) {
    if (mine.examples.size() == kExamplesKept) break;
    mine.examples.push_back(example);
  }
}

void SkipTally::add(const SkipTally& other) {
  for (std::size_t i = 0; i < tallies_.size(); ++i)
    add(static_cast<SkipReason>(i), other.tallies_[i]);
}

void SkipTally::clear() {
  for (Tally& tally : tallies_) {
    if (tally.count != 0) tally = {};
  }
}

bool SkipTally::empty() const {
  return std::ranges::all_of(tallies_, [](const Tally& tally) { return tally.count == 0; });
}

}  // namespace vedette::ingest
