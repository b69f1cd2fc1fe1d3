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
// Built for texts that come seldom, when the tables have left the nearest cache: what is asked of
// memory for one place does not wait for the answer of another. Literals at an end of the text are
// found by a hash that runs along from that end and is looked up at each of their lengths. Literals
// anywhere are found by their rarest run of eight bytes (four for those of four to seven, and for
// all of a small set): a bitmap over the hash of those runs says for nearly every position that no
// literal is there; where it cannot, candidates are compared in full. Literals of one to three
// bytes are their own run.
class LiteralSet {
 public:
  class Builder;

  LiteralSet() = default;
  bool empty() const { return empty_; }

  // Calls report(id) for every literal found; an id may be reported more than once. `text` needs no
  // padding.
  template <typename Report>
  void scan(std::string_view text, Report&& report) const {
    if (!whole_.empty()) scan_whole(text, report);
    if (!starts_.sizes.empty()) scan_end<Direction::kForward>(starts_, text, report);
    if (!ends_.sizes.empty()) scan_end<Direction::kBackward>(ends_, text, report);
    scan_runs<8>(runs_[kEight], text, report);
    scan_runs<4>(runs_[kFour], text, report);
    scan_runs<3>(runs_[kThree], text, report);
    scan_runs<2>(runs_[kTwo], text, report);
    scan_runs<1>(runs_[kOne], text, report);
  }

 private:
  friend class Builder;
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  enum class Direction : std::uint8_t { kForward, kBackward };
  // Which run a literal of some size is found by.
  enum RunKind : std::size_t { kOne, kTwo, kThree, kFour, kEight, kRunKinds };
  static constexpr std::array<std::size_t, kRunKinds> kRunSizes = {1, 2, 3, 4, 8};

  struct Literal {
    std::uint32_t text = 0;  // offset into text_
    std::uint32_t size = 0;
    std::uint32_t id = 0;
    std::uint32_t offset = 0;  // of the run in the literal
  };
  struct WholeSlot {
    std::uint32_t literal = kNone;  // index into literals_
    std::uint32_t tag = 0;          // upper half of the hash
  };
  // One bit for each hash that some entry of a table has, 32 bits for each entry.
  struct Bitmap {
    std::vector<std::uint64_t> words;
    unsigned shift = 0;  // of a 64-bit hash

    void resize(std::size_t entries);
    void add(std::uint64_t hash);
    bool may_hold(std::uint64_t hash) const { return may_hold(words.data(), shift, hash); }
    static bool may_hold(const std::uint64_t* words, unsigned shift, std::uint64_t hash) {
      const std::uint64_t bit = hash >> shift;
      return (words[bit >> 6] >> (bit & 63) & 1) != 0;
    }
  };
  struct EndSlot {
    std::uint32_t tag = 0;
    std::uint32_t literal = kNone;
  };
  // Literals at the start, or at the end, of a text.
  struct End {
    std::vector<std::uint32_t> sizes;  // that literals have, ascending
    Bitmap bitmap;
    std::vector<EndSlot> slots;  // open addressing by hash
    std::uint64_t mask = 0;
  };
  struct RunSlot {
    std::uint64_t run = 0;
    std::uint32_t first = 0;  // into Runs::literals
    std::uint32_t count = 0;  // 0: the slot is free
  };
  struct Runs {
    Bitmap bitmap;
    std::vector<RunSlot> slots;  // open addressing by run
    std::uint64_t mask = 0;
    std::vector<Literal> literals;
  };

  template <std::size_t kSize>
  static std::uint64_t load(const char* at) {
    std::uint64_t run = 0;
    std::memcpy(&run, at, kSize);
    return run;
  }
  // The upper bits are the good ones.
  static std::uint64_t run_hash(std::uint64_t run) { return run * 0x9E3779B97F4A7C15ULL; }
  static std::uint64_t next_hash(std::uint64_t hash, char c) {
    return (hash ^ static_cast<std::uint8_t>(c)) * 0x9E3779B97F4A7C15ULL;
  }
  static std::uint64_t slot_of(std::uint64_t hash, std::uint64_t mask) {
    return (hash >> 20) & mask;
  }
  static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

  const char* text_of(const Literal& literal) const { return text_.data() + literal.text; }

  template <typename Report>
  void scan_whole(std::string_view text, Report& report) const {
    const std::uint64_t hash = hash_bytes(text);
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    for (std::uint64_t at = hash & whole_mask_; whole_[at].literal != kNone;
         at = (at + 1) & whole_mask_) {
      if (whole_[at].tag != tag) continue;
      const Literal& literal = literals_[whole_[at].literal];
      if (std::string_view(text_of(literal), literal.size) == text) report(literal.id);
    }
  }

  template <Direction kDirection, typename Report>
  void scan_end(const End& end, std::string_view text, Report& report) const {
    std::uint64_t hash = 0;
    std::size_t hashed = 0;
    for (const std::uint32_t size : end.sizes) {
      if (size > text.size()) return;
      for (; hashed < size; ++hashed) {
        hash = next_hash(hash, kDirection == Direction::kForward ? text[hashed]
                                                                 : text[text.size() - 1 - hashed]);
      }
      if (!end.bitmap.may_hold(hash)) [[likely]]
        continue;
      const char* const place =
          kDirection == Direction::kForward ? text.data() : text.data() + text.size() - size;
      for (std::uint64_t at = slot_of(hash, end.mask); end.slots[at].literal != kNone;
           at = (at + 1) & end.mask) {
        if (end.slots[at].tag != tag_of(hash)) continue;
        const Literal& literal = literals_[end.slots[at].literal];
        if (literal.size == size && std::memcmp(place, text_of(literal), size) == 0)
          report(literal.id);
      }
    }
  }

  template <std::size_t kSize, typename Report>
  void scan_runs(const Runs& runs, std::string_view text, Report& report) const {
    if (runs.literals.empty() || text.size() < kSize) return;
    const char* const begin = text.data();
    const char* const last = begin + (text.size() - kSize);
    const std::uint64_t* const words = runs.bitmap.words.data();
    const unsigned shift = runs.bitmap.shift;
    const auto look = [&, words, shift](const char* at, std::uint64_t run) {
      if (Bitmap::may_hold(words, shift, run_hash(run))) [[unlikely]]
        verify<kSize>(runs, run, static_cast<std::size_t>(at - begin), text, report);
    };
    if constexpr (kSize == 3) {
      // One load of four bytes instead of two smaller ones; the last position has no fourth.
      for (const char* at = begin; at < last; ++at) look(at, load<4>(at) & 0xFFFFFF);
      look(last, load<3>(last));
    } else {
      for (const char* at = begin; at <= last; ++at) look(at, load<kSize>(at));
    }
  }

  template <std::size_t kSize, typename Report>
  void verify(const Runs& runs, std::uint64_t run, std::size_t position, std::string_view text,
              Report& report) const {
    std::uint64_t at = slot_of(run_hash(run), runs.mask);
    while (runs.slots[at].run != run || runs.slots[at].count == 0) {
      if (runs.slots[at].count == 0) return;
      at = (at + 1) & runs.mask;
    }
    const RunSlot& slot = runs.slots[at];
    for (std::uint32_t i = slot.first; i < slot.first + slot.count; ++i) {
      const Literal& literal = runs.literals[i];
      if constexpr (kSize >= 4) {
        if (position < literal.offset || text.size() - (position - literal.offset) < literal.size ||
            std::memcmp(text.data() + position - literal.offset, text_of(literal), literal.size) !=
                0)
          continue;
      }
      report(literal.id);
    }
  }

  bool empty_ = true;
  std::string text_;
  std::vector<Literal> literals_;
  std::vector<WholeSlot> whole_;
  std::uint64_t whole_mask_ = 0;
  End starts_;
  End ends_;
  std::array<Runs, kRunKinds> runs_;
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
  static void finish_end(const LiteralSet& set, const std::vector<std::uint32_t>& literals,
                         Direction direction, End& end);
  static void finish_runs(const Drafts& drafts, RunKind kind, Runs& runs);

  std::vector<Entry> entries_;
};

}  // namespace vedette::match
