// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/diagnostic.h"
#include "base/mapped_file.h"
#include "base/result.h"
#include "formats/git/object_id.h"
#include "formats/git/pack_entry.h"
#include "formats/git/pack_file.h"
#include "formats/git/pack_index.h"
#include "formats/git/repository.h"

namespace vedette::formats::git {

// Objects are numbered: those of packs by pack and position in its index, loose ones behind them as
// they are met. An object that stands in several packs has the number of its first.
using ObjectNumber = std::uint32_t;
inline constexpr ObjectNumber kNoObject = 0xffffffffU;

struct Pack {
  std::string path;
  PackFile file;
  PackIndex index;
  ObjectNumber first = 0;  // of its objects' numbers, which are first + position

  // Owned by one of these; the index looks at it.
  MappedFile index_file;
  std::string made_index;  // of a pack that only a multi-pack-index lists
};

// All objects of a repository and its alternates: packs and loose ones. Packs are opened once, so
// that they stay readable when git replaces them meanwhile. After the last find() reading is free
// for any thread.
class ObjectStore {
 public:
  // Never fails because of one pack: see problems().
  static Result<ObjectStore> open(const Repository& repository);

  HashKind hash() const { return hash_; }
  const std::vector<std::unique_ptr<Pack>>& packs() const { return packs_; }
  // Numbers given so far.
  ObjectNumber count() const { return packed_ + static_cast<ObjectNumber>(loose_.size()); }
  ObjectNumber packed_count() const { return packed_; }
  const std::vector<Diagnostic>& problems() const { return problems_; }
  // A pack came from a partial clone: what it leads to may be with its remote only.
  bool has_promises() const { return promised_; }

  // Looks into packs, then for a loose file. One thread.
  ObjectNumber find(const ObjectId& id);
  // Packs alone. Any thread.
  ObjectNumber find_packed(const ObjectId& id) const;
  // Packs, and loose files that were found before. Any thread after the last find().
  ObjectNumber find_known(const ObjectId& id) const;
  ObjectId id(ObjectNumber number) const;
  // Which pack holds a number below packed_count().
  const Pack& pack_of(ObjectNumber number) const;
  // The file of a loose object; "" for a packed one.
  std::string loose_path(ObjectNumber number) const;

  // Numbers all loose objects that there are. One thread.
  void find_all_loose();
  // Ids that begin with the hexadecimal `prefix` of at least kPrefixMin digits, at most `most`.
  static constexpr std::size_t kPrefixMin = 4;
  std::vector<ObjectId> find_prefix(std::string_view prefix, std::size_t most) const;

 private:
  explicit ObjectStore(HashKind hash) : hash_(hash) {}
  void open_packs(const std::string& objects);
  Result<void> open_pack(const std::string& path, std::string made_index);
  void find_alternates();
  ObjectNumber find_loose(const ObjectId& id);

  HashKind hash_;
  std::vector<std::string> folders_;  // of objects, alternates behind
  std::vector<std::unique_ptr<Pack>> packs_;
  ObjectNumber packed_ = 0;
  bool promised_ = false;
  // Of indexes, which are copied as long as they are small, see MappedFile.
  std::size_t copied_left_ = std::size_t{32} << 20;
  struct Loose {
    ObjectId id;
    std::uint32_t folder = 0;
  };
  std::vector<Loose> loose_;
  std::unordered_map<ObjectId, ObjectNumber, ObjectIdHash> loose_numbers_;
  std::vector<Diagnostic> problems_;
};

}  // namespace vedette::formats::git
