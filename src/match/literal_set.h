// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"

namespace vedette::match {

enum class Anchor : std::uint8_t { kWhole, kStart, kEnd, kAnywhere };

// Thousands of literals looked for in one pass over a text. Compares bytes; who wants letters' case
// ignored folds both sides. Immutable after build(), shared by threads.
//
// Whole texts are found by hash, prefixes and suffixes by walking a trie of bytes from their end of
// the text. Literals anywhere are found by their rarest run of four bytes (one, two or three for
// shorter ones): a bitmap over the hash of those runs, small enough for the first-level cache, says
// for nearly every position of the text that no literal is there; where it cannot, candidates are
// compared in full.
class LiteralSet {
 public:
  class Builder;

  LiteralSet() = default;
  bool empty() const { return empty_; }

  // Calls report(id) for every literal found; an id may be reported more than once. `text` needs no
  // padding.
  template <typename Report>
  void scan(std::string_view text, Report&& report) const {
    scan_whole(text, report);
    scan_trie<Direction::kForward>(starts_, text, report);
    scan_trie<Direction::kBackward>(ends_, text, report);
    scan_grams<4>(grams_[3], text, report);
    scan_grams<3>(grams_[2], text, report);
    scan_grams<2>(grams_[1], text, report);
    scan_grams<1>(grams_[0], text, report);
  }

 private:
  friend class Builder;
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  enum class Direction : std::uint8_t { kForward, kBackward };

  struct Literal {
    std::uint32_t text = 0;  // offset into text_
    std::uint32_t size = 0;
    std::uint32_t id = 0;
  };
  struct WholeSlot {
    std::uint32_t literal = kNone;  // index into literals_
    std::uint32_t tag = 0;          // upper half of the hash
  };
  struct TrieEdge {
    std::uint32_t parent = kNone;
    std::uint32_t child = 0;
    std::uint8_t byte = 0;
  };
  struct Trie {
    std::vector<TrieEdge> edges;  // open addressing by (parent, byte)
    std::uint32_t mask = 0;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> ends;  // by node: first and count in ids
    std::vector<std::uint32_t> ids;

    static std::uint32_t hash(std::uint32_t parent, std::uint8_t byte) {
      return ((parent << 8 | byte) * 0x9E3779B1U) ^ (parent * 0x85EBCA6BU >> 15);
    }
    std::uint32_t child(std::uint32_t parent, std::uint8_t byte) const {
      for (std::uint32_t at = hash(parent, byte) & mask;; at = (at + 1) & mask) {
        const TrieEdge& edge = edges[at];
        if (edge.parent == kNone) return kNone;
        if (edge.parent == parent && edge.byte == byte) return edge.child;
      }
    }
  };
  struct GramSlot {
    std::uint32_t gram = 0;
    std::uint32_t first = 0;  // into Grams::candidates
    std::uint32_t count = 0;  // 0: the slot is free
  };
  struct Candidate {
    std::uint32_t literal = 0;
    std::uint32_t offset = 0;  // of the gram in the literal
  };
  struct Grams {
    std::vector<std::uint64_t> bitmap;
    unsigned shift = 0;
    std::vector<GramSlot> slots;  // open addressing by gram
    std::uint32_t mask = 0;
    std::vector<Candidate> candidates;
  };

  template <std::size_t kSize>
  static std::uint32_t load(const char* at) {
    std::uint32_t gram = 0;
    std::memcpy(&gram, at, kSize);
    return gram;
  }
  static std::uint32_t gram_hash(std::uint32_t gram) { return gram * 0x9E3779B1U; }

  std::string_view literal_text(const Literal& literal) const {
    return {text_.data() + literal.text, literal.size};
  }

  template <typename Report>
  void scan_whole(std::string_view text, Report& report) const {
    if (whole_.empty()) return;
    const std::uint64_t hash = hash_bytes(text);
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    for (std::uint64_t at = hash & whole_mask_; whole_[at].literal != kNone;
         at = (at + 1) & whole_mask_) {
      if (whole_[at].tag != tag) continue;
      const Literal& literal = literals_[whole_[at].literal];
      if (literal_text(literal) == text) report(literal.id);
    }
  }

  template <Direction kDirection, typename Report>
  void scan_trie(const Trie& trie, std::string_view text, Report& report) const {
    if (trie.edges.empty()) return;
    std::uint32_t node = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = kDirection == Direction::kForward ? text[i] : text[text.size() - 1 - i];
      node = trie.child(node, static_cast<std::uint8_t>(c));
      if (node == kNone) return;
      const auto [first, count] = trie.ends[node];
      for (std::uint32_t k = first; k < first + count; ++k) report(trie.ids[k]);
    }
  }

  template <std::size_t kSize, typename Report>
  void scan_grams(const Grams& grams, std::string_view text, Report& report) const {
    if (grams.bitmap.empty() || text.size() < kSize) return;
    const std::uint64_t* const bitmap = grams.bitmap.data();
    const unsigned shift = grams.shift;
    const char* const begin = text.data();
    const char* const last = begin + (text.size() - kSize);
    const auto look = [&](const char* at, std::uint32_t gram) {
      const std::uint32_t bit = gram_hash(gram) >> shift;
      if ((bitmap[bit >> 6] >> (bit & 63) & 1) == 0) [[likely]]
        return;
      verify(grams, gram, static_cast<std::size_t>(at - begin), text, report);
    };
    if constexpr (kSize == 3) {
      // One load of four bytes instead of two smaller ones; the last position has no fourth.
      for (const char* at = begin; at < last; ++at) look(at, load<4>(at) & 0xFFFFFF);
      look(last, load<3>(last));
    } else {
      for (const char* at = begin; at <= last; ++at) look(at, load<kSize>(at));
    }
  }

  template <typename Report>
  void verify(const Grams& grams, std::uint32_t gram, std::size_t position, std::string_view text,
              Report& report) const {
    std::uint32_t at = gram_hash(gram) >> 7 & grams.mask;
    while (grams.slots[at].gram != gram || grams.slots[at].count == 0) {
      if (grams.slots[at].count == 0) return;
      at = (at + 1) & grams.mask;
    }
    const GramSlot& slot = grams.slots[at];
    for (std::uint32_t i = slot.first; i < slot.first + slot.count; ++i) {
      const Candidate& candidate = grams.candidates[i];
      const Literal& literal = literals_[candidate.literal];
      if (position < candidate.offset || text.size() - (position - candidate.offset) < literal.size)
        continue;
      if (std::memcmp(text.data() + position - candidate.offset, text_.data() + literal.text,
                      literal.size) == 0) {
        report(literal.id);
      }
    }
  }

  bool empty_ = true;
  std::string text_;
  std::vector<Literal> literals_;
  std::vector<WholeSlot> whole_;
  std::uint64_t whole_mask_ = 0;
  Trie starts_;
  Trie ends_;
  std::array<Grams, 4> grams_;  // by gram size - 1
};

class LiteralSet::Builder {
 public:
  // `id` is reported when `literal` is found. The empty literal is only valid for kWhole.
  void add(std::string_view literal, Anchor anchor, std::uint32_t id);
  LiteralSet build() &&;

 private:
  struct Entry {
    std::string literal;
    Anchor anchor;
    std::uint32_t id;
  };
  struct Drafts;
  static void finish_whole(const Drafts& drafts, LiteralSet& set);
  static void finish_trie(const Drafts& drafts, std::size_t direction, Trie& trie);
  static void finish_grams(const Drafts& drafts, std::size_t size, Grams& table);

  std::vector<Entry> entries_;
};

}  // namespace vedette::match
