// SPDX-License-Identifier: Apache-2.0
#include "match/literal_set.h"

#include <algorithm>
#include <unordered_map>

#include "base/result.h"

namespace vedette::match {
namespace {

// How common a byte is in logs, roughly: what a gram's rarity is judged by. Paths and command lines
// are full of letters, "\", "/", "." and blanks; digits, capitals after folding and most
// punctuation are rarer.
unsigned commonness(char c) {
  constexpr std::string_view kCommon = "eiosntar\\cdlmwp./- 0";
  const std::size_t rank = kCommon.find(c);
  if (rank != std::string_view::npos) return 24 - static_cast<unsigned>(rank);
  if (c >= 'a' && c <= 'z') return 4;
  if (c >= '0' && c <= '9') return 3;
  return 1;
}

constexpr std::size_t kEightsMin = 512;

std::uint64_t run_at(std::string_view literal, std::size_t offset, std::size_t size) {
  std::uint64_t run = 0;
  std::memcpy(&run, literal.data() + offset, size);
  return run;
}

// Where a literal's run is best taken: rare bytes, and a run that few literals have been given yet
// (`taken` says how many), since all literals of a run are compared wherever it stands.
template <typename Taken>
std::size_t best_offset(std::string_view literal, std::size_t size, Taken&& taken) {
  constexpr std::size_t kCrowding = 12;
  std::size_t best = 0;
  std::size_t best_score = SIZE_MAX;
  for (std::size_t offset = 0; offset + size <= literal.size(); ++offset) {
    std::size_t score = kCrowding * taken(run_at(literal, offset, size));
    for (std::size_t i = 0; i < size; ++i) score += commonness(literal[offset + i]);
    if (score < best_score) {
      best_score = score;
      best = offset;
    }
  }
  return best;
}

}  // namespace

void LiteralSet::Bitmap::resize(std::size_t entries) {
  // Thirty-two bits for each entry keep false candidates near three in a hundred at worst.
  const std::size_t bits = std::max<std::size_t>(std::bit_ceil(entries * 32), 1024);
  words.assign(bits / 64, 0);
  shift = 64 - static_cast<unsigned>(std::countr_zero(bits));
}

void LiteralSet::Bitmap::add(std::uint64_t hash) {
  const std::uint64_t bit = hash >> shift;
  words[bit >> 6] |= std::uint64_t{1} << (bit & 63);
}

void LiteralSet::Builder::add(std::string_view literal, Anchor anchor, std::uint32_t id) {
  CHECK(!literal.empty() || anchor == Anchor::kWhole);
  entries_.push_back({std::string(literal), anchor, id});
}

// The structures of a set while literals are still being added.
struct LiteralSet::Builder::Drafts {
  std::array<std::unordered_map<std::uint64_t, std::vector<Literal>>, kRunKinds> runs;
  std::array<std::vector<std::uint32_t>, 2> ends;  // prefixes, suffixes
  std::vector<std::uint32_t> whole;

  void add_run(const Entry& entry, Literal literal, RunKind longest) {
    RunKind kind = kOne;
    while (kind != longest && kRunSizes[kind + 1] <= entry.literal.size())
      kind = static_cast<RunKind>(kind + 1);
    const std::size_t size = kRunSizes[kind];
    auto& of_kind = runs[kind];
    const std::size_t offset = best_offset(entry.literal, size, [&](std::uint64_t run) {
      const auto found = of_kind.find(run);
      return found == of_kind.end() ? 0 : found->second.size();
    });
    literal.offset = static_cast<std::uint32_t>(offset);
    of_kind[run_at(entry.literal, offset, size)].push_back(literal);
  }
};

LiteralSet LiteralSet::Builder::build() && {
  LiteralSet set;
  set.empty_ = entries_.empty();
  Drafts drafts;
  // Each kind of run is a pass over the text, which only many literals are worth.
  const auto long_literals =
      std::count_if(entries_.begin(), entries_.end(), [](const Entry& entry) {
        return entry.anchor == Anchor::kAnywhere && entry.literal.size() >= kRunSizes[kEight];
      });
  const RunKind longest = static_cast<std::size_t>(long_literals) >= kEightsMin ? kEight : kFour;
  for (const Entry& entry : entries_) {
    const auto index = static_cast<std::uint32_t>(set.literals_.size());
    set.literals_.push_back({static_cast<std::uint32_t>(set.text_.size()),
                             static_cast<std::uint32_t>(entry.literal.size()), entry.id, 0});
    set.text_ += entry.literal;
    if (entry.anchor == Anchor::kWhole) {
      drafts.whole.push_back(index);
    } else if (entry.anchor == Anchor::kAnywhere) {
      drafts.add_run(entry, set.literals_.back(), longest);
    } else {
      drafts.ends[entry.anchor == Anchor::kStart ? 0 : 1].push_back(index);
    }
  }
  finish_whole(drafts, set);
  finish_end(set, drafts.ends[0], Direction::kForward, set.starts_);
  finish_end(set, drafts.ends[1], Direction::kBackward, set.ends_);
  for (std::size_t kind = 0; kind < kRunKinds; ++kind)
    finish_runs(drafts, static_cast<RunKind>(kind), set.runs_[kind]);
  return set;
}

void LiteralSet::Builder::finish_whole(const Drafts& drafts, LiteralSet& set) {
  if (drafts.whole.empty()) return;
  set.whole_.resize(std::bit_ceil(drafts.whole.size() * 2 + 2));
  set.whole_mask_ = set.whole_.size() - 1;
  for (const std::uint32_t index : drafts.whole) {
    const Literal& literal = set.literals_[index];
    const std::uint64_t hash = hash_bytes({set.text_of(literal), literal.size});
    std::uint64_t at = hash & set.whole_mask_;
    while (set.whole_[at].literal != kNone) at = (at + 1) & set.whole_mask_;
    set.whole_[at] = {index, static_cast<std::uint32_t>(hash >> 32)};
  }
}

void LiteralSet::Builder::finish_end(const LiteralSet& set,
                                     const std::vector<std::uint32_t>& literals,
                                     Direction direction, End& end) {
  if (literals.empty()) return;
  end.bitmap.resize(literals.size());
  end.slots.resize(std::bit_ceil(literals.size() * 2 + 2));
  end.mask = end.slots.size() - 1;
  for (const std::uint32_t index : literals) {
    const Literal& literal = set.literals_[index];
    const std::string_view text(set.text_of(literal), literal.size);
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      hash =
          next_hash(hash, direction == Direction::kForward ? text[i] : text[text.size() - 1 - i]);
    }
    end.sizes.push_back(literal.size);
    end.bitmap.add(hash);
    std::uint64_t at = slot_of(hash, end.mask);
    while (end.slots[at].literal != kNone) at = (at + 1) & end.mask;
    end.slots[at] = {tag_of(hash), index};
  }
  std::sort(end.sizes.begin(), end.sizes.end());
  end.sizes.erase(std::unique(end.sizes.begin(), end.sizes.end()), end.sizes.end());
}

void LiteralSet::Builder::finish_runs(const Drafts& drafts, RunKind kind, Runs& runs) {
  const auto& of_kind = drafts.runs[kind];
  if (of_kind.empty()) return;
  runs.bitmap.resize(of_kind.size());
  runs.slots.resize(std::bit_ceil(of_kind.size() * 2 + 2));
  runs.mask = runs.slots.size() - 1;
  for (const auto& [run, literals] : of_kind) {
    const std::uint64_t hash = run_hash(run);
    runs.bitmap.add(hash);
    std::uint64_t at = slot_of(hash, runs.mask);
    while (runs.slots[at].count != 0) at = (at + 1) & runs.mask;
    runs.slots[at] = {run, static_cast<std::uint32_t>(runs.literals.size()),
                      static_cast<std::uint32_t>(literals.size())};
    runs.literals.insert(runs.literals.end(), literals.begin(), literals.end());
  }
}

}  // namespace vedette::match
