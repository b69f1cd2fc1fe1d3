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

std::uint32_t gram_at(std::string_view literal, std::size_t offset, std::size_t size) {
  std::uint32_t gram = 0;
  std::memcpy(&gram, literal.data() + offset, size);
  return gram;
}

// Where a literal's gram is best taken: rare bytes, and a gram that few literals have been given
// yet (`taken` says how many), since all literals of a gram are compared wherever it stands.
template <typename Taken>
std::size_t best_offset(std::string_view literal, std::size_t size, Taken&& taken) {
  constexpr std::size_t kCrowding = 12;
  std::size_t best = 0;
  std::size_t best_score = SIZE_MAX;
  for (std::size_t offset = 0; offset + size <= literal.size(); ++offset) {
    std::size_t score = kCrowding * taken(gram_at(literal, offset, size));
    for (std::size_t i = 0; i < size; ++i) score += commonness(literal[offset + i]);
    if (score < best_score) {
      best_score = score;
      best = offset;
    }
  }
  return best;
}

}  // namespace

void LiteralSet::Builder::add(std::string_view literal, Anchor anchor, std::uint32_t id) {
  CHECK(!literal.empty() || anchor == Anchor::kWhole);
  entries_.push_back({std::string(literal), anchor, id});
}

// The structures of a set while literals are still being added.
struct LiteralSet::Builder::Drafts {
  struct TrieDraft {
    std::unordered_map<std::uint64_t, std::uint32_t> children;  // node << 8 | byte -> node
    std::vector<std::vector<std::uint32_t>> ids{1};             // by node
  };
  std::array<TrieDraft, 2> tries;  // prefixes, suffixes
  std::array<std::unordered_map<std::uint32_t, std::vector<Candidate>>, 4> grams;
  std::vector<std::uint32_t> whole;

  void add_to_trie(const Entry& entry) {
    TrieDraft& draft = tries[entry.anchor == Anchor::kStart ? 0 : 1];
    std::uint32_t node = 0;
    for (std::size_t i = 0; i < entry.literal.size(); ++i) {
      const char c = entry.anchor == Anchor::kStart ? entry.literal[i]
                                                    : entry.literal[entry.literal.size() - 1 - i];
      const std::uint64_t key = std::uint64_t{node} << 8 | static_cast<std::uint8_t>(c);
      const auto [edge, added] =
          draft.children.try_emplace(key, static_cast<std::uint32_t>(draft.ids.size()));
      if (added) draft.ids.emplace_back();
      node = edge->second;
    }
    draft.ids[node].push_back(entry.id);
  }

  void add_gram(const Entry& entry, std::uint32_t literal, std::size_t gram_size_max) {
    const std::size_t size = std::min(entry.literal.size(), gram_size_max);
    auto& of_size = grams[size - 1];
    const std::size_t offset = best_offset(entry.literal, size, [&](std::uint32_t gram) {
      const auto found = of_size.find(gram);
      return found == of_size.end() ? 0 : found->second.size();
    });
    of_size[gram_at(entry.literal, offset, size)].push_back(
        {literal, static_cast<std::uint32_t>(offset)});
  }
};

LiteralSet LiteralSet::Builder::build() && {
  LiteralSet set;
  set.empty_ = entries_.empty();
  Drafts drafts;
  // One pass with grams of three bytes is cheaper than that and another with four.
  const bool has_three = std::any_of(entries_.begin(), entries_.end(), [](const Entry& entry) {
    return entry.anchor == Anchor::kAnywhere && entry.literal.size() == 3;
  });
  for (const Entry& entry : entries_) {
    const auto index = static_cast<std::uint32_t>(set.literals_.size());
    set.literals_.push_back({static_cast<std::uint32_t>(set.text_.size()),
                             static_cast<std::uint32_t>(entry.literal.size()), entry.id});
    set.text_ += entry.literal;
    if (entry.anchor == Anchor::kWhole) {
      drafts.whole.push_back(index);
    } else if (entry.anchor == Anchor::kAnywhere) {
      drafts.add_gram(entry, index, has_three ? 3 : 4);
    } else {
      drafts.add_to_trie(entry);
    }
  }
  finish_whole(drafts, set);
  finish_trie(drafts, 0, set.starts_);
  finish_trie(drafts, 1, set.ends_);
  for (std::size_t size = 1; size <= 4; ++size) finish_grams(drafts, size, set.grams_[size - 1]);
  return set;
}

void LiteralSet::Builder::finish_whole(const Drafts& drafts, LiteralSet& set) {
  if (drafts.whole.empty()) return;
  set.whole_.resize(std::bit_ceil(drafts.whole.size() * 2 + 2));
  set.whole_mask_ = set.whole_.size() - 1;
  for (const std::uint32_t index : drafts.whole) {
    const std::uint64_t hash = hash_bytes(set.literal_text(set.literals_[index]));
    std::uint64_t at = hash & set.whole_mask_;
    while (set.whole_[at].literal != kNone) at = (at + 1) & set.whole_mask_;
    set.whole_[at] = {index, static_cast<std::uint32_t>(hash >> 32)};
  }
}

void LiteralSet::Builder::finish_trie(const Drafts& drafts, std::size_t direction, Trie& trie) {
  const Drafts::TrieDraft& draft = drafts.tries[direction];
  if (draft.children.empty()) return;
  trie.edges.resize(std::bit_ceil(draft.children.size() * 2 + 2));
  trie.mask = static_cast<std::uint32_t>(trie.edges.size() - 1);
  for (const auto& [key, child] : draft.children) {
    const auto parent = static_cast<std::uint32_t>(key >> 8);
    const auto byte = static_cast<std::uint8_t>(key & 0xFF);
    std::uint32_t at = Trie::hash(parent, byte) & trie.mask;
    while (trie.edges[at].parent != kNone) at = (at + 1) & trie.mask;
    trie.edges[at] = {parent, child, byte};
  }
  for (const auto& ids : draft.ids) {
    trie.ends.emplace_back(static_cast<std::uint32_t>(trie.ids.size()),
                           static_cast<std::uint32_t>(ids.size()));
    trie.ids.insert(trie.ids.end(), ids.begin(), ids.end());
  }
}

void LiteralSet::Builder::finish_grams(const Drafts& drafts, std::size_t size, Grams& table) {
  const auto& of_size = drafts.grams[size - 1];
  if (of_size.empty()) return;
  // Sixteen bits for each gram keep false candidates near six in a hundred positions at worst.
  const std::size_t bits = std::max<std::size_t>(std::bit_ceil(of_size.size() * 16), 1024);
  table.bitmap.resize(bits / 64);
  table.shift = 32 - static_cast<unsigned>(std::countr_zero(bits));
  table.slots.resize(std::bit_ceil(of_size.size() * 2 + 2));
  table.mask = static_cast<std::uint32_t>(table.slots.size() - 1);
  for (const auto& [gram, candidates] : of_size) {
    const std::uint32_t hash = gram_hash(gram);
    const std::uint32_t bit = hash >> table.shift;
    table.bitmap[bit >> 6] |= std::uint64_t{1} << (bit & 63);
    std::uint32_t at = hash >> 7 & table.mask;
    while (table.slots[at].count != 0) at = (at + 1) & table.mask;
    table.slots[at] = {gram, static_cast<std::uint32_t>(table.candidates.size()),
                       static_cast<std::uint32_t>(candidates.size())};
    table.candidates.insert(table.candidates.end(), candidates.begin(), candidates.end());
  }
}

}  // namespace vedette::match
