// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/git/object_id.h"
#include "formats/git/pack_entry.h"

// Commits, trees and tags as they are stored. Views are of the bytes that are given.
namespace vedette::formats::git {

// "A U Thor <author@example.com> 1112911993 -0700"
struct Signature {
  std::string_view name;
  std::string_view email;
  std::int64_t seconds = 0;  // since 1970; 0 where it is damaged
};

struct Commit {
  ObjectId tree;
  std::vector<ObjectId> parents;
  Signature author;
  Signature committer;
  std::string_view message;

  std::string_view subject() const { return message.substr(0, message.find('\n')); }
};
// More parents than this are refused (Linux has a commit with 66).
inline constexpr std::size_t kParentsMax = 65536;
// Fills `commit`, whose memory is used again. kInvalid without tree; headers that are not known
// (encoding, gpgsig, mergetag) are passed over.
Result<void> parse_commit(std::string_view bytes, HashKind kind, Commit& commit);

struct Tag {
  ObjectId object;
  ObjectType type = ObjectType::kNone;
};
Result<Tag> parse_tag(std::string_view bytes, HashKind kind);

enum class EntryKind : std::uint8_t { kFile, kLink, kTree, kCommit };

struct TreeEntry {
  EntryKind kind = EntryKind::kFile;
  std::string_view name;
  std::string_view bytes;  // all of it, which tells whether two entries are equal
  const char* id = nullptr;
};

// Goes through a tree's entries. Costs one search for the end of a name each.
class TreeReader {
 public:
  TreeReader(std::string_view bytes, HashKind kind) : rest_(bytes), hash_bytes_(bytes_of(kind)) {}

  // False at the end, and where the tree is damaged.
  bool next(TreeEntry& entry);
  bool damaged() const { return damaged_; }
  std::string_view rest() const { return rest_; }
  // Passes over `size` bytes, which are whole entries.
  void skip(std::size_t size) { rest_.remove_prefix(size); }

 private:
  std::string_view rest_;
  std::size_t hash_bytes_;
  bool damaged_ = false;
};

}  // namespace vedette::formats::git
