// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <list>
#include <string_view>
#include <unordered_map>

#include "base/buffer.h"
#include "base/result.h"
#include "formats/git/inflate.h"
#include "formats/git/object_store.h"

namespace vedette::formats::git {

// Reads objects of a store, one after the other in any order; what deltas are made from is kept for
// those to come, the longest unused goes first. One thread per object, many objects per store.
class ObjectReader {
 public:
  struct Options {
    std::size_t cache_bytes = std::size_t{32} << 20;
    std::uint64_t object_bytes_max = std::uint64_t{64} << 20;
  };
  // More deltas upon deltas than git makes (it stops at 4,095), or a circle of them.
  static constexpr std::size_t kChainMax = 5000;

  // `store` must outlive this.
  static Result<ObjectReader> create(const ObjectStore& store, Options options);

  struct Object {
    ObjectType type = ObjectType::kNone;
    std::string_view bytes;  // until the next read()
  };
  // kInvalid and kTruncated where it is damaged, kLimit where it, or what it is a delta of, is too
  // large or too deep, kNotFound where it is gone or its base is not there.
  Result<Object> read(ObjectNumber number);

  // The head of the entry at `offset` of a pack.
  Result<PackEntry> entry(const Pack& pack, std::uint64_t offset);
  // The unpacked data of one entry of a pack: an object, or a delta.
  Result<void> inflate(const Pack& pack, const PackEntry& entry, Buffer& out);
  const Options& options() const { return options_; }

 private:
  // A place in a pack.
  struct Position {
    const Pack* pack = nullptr;
    std::uint64_t offset = 0;
    bool operator==(const Position&) const = default;
  };
  struct PositionHash {
    std::size_t operator()(const Position& position) const {
      return (position.offset ^ reinterpret_cast<std::uintptr_t>(position.pack)) *
             0x9e3779b97f4a7c15ULL;
    }
  };
  struct Kept {
    Position position;
    ObjectType type = ObjectType::kNone;
    Buffer bytes;
  };
  struct Link {
    Position position;
    PackEntry entry;
  };

  ObjectReader(const ObjectStore& store, Options options, Inflater inflater)
      : store_(&store), options_(options), inflater_(std::move(inflater)) {}
  Result<Object> read_packed(Position position);
  Result<Object> read_loose(ObjectNumber number);
  Result<Position> base_of(const Link& link) const;
  Result<ObjectType> follow_chain(Position position, Kept*& base);
  Kept* find_kept(const Position& position);
  Kept& keep(const Position& position, ObjectType type, Buffer bytes);

  const ObjectStore* store_;
  Options options_;
  Inflater inflater_;
  PackWindow window_;
  std::vector<Link> chain_;
  Buffer delta_;
  Buffer loose_;
  std::list<Kept> kept_;  // the last used first
  std::unordered_map<Position, std::list<Kept>::iterator, PositionHash> places_;
  std::size_t kept_bytes_ = 0;
};

}  // namespace vedette::formats::git
