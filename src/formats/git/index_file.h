// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/git/object_id.h"

namespace vedette::formats::git {

// What is staged: `.git/index` of versions 2 to 4 (gitformat-index).
struct IndexFile {
  struct Entry {
    std::string_view path;  // of `paths`
    ObjectId id;
    std::uint32_t mode = 0;
    std::uint8_t stage = 0;      // 1 to 3 while a merge is not resolved
    bool intent_to_add = false;  // `git add -N`: nothing of it is staged
  };
  // Of the TREE extension: a folder all of whose entries are exactly this tree.
  struct Folder {
    std::string path;  // "" for the root; without '/' at its end
    ObjectId tree;
  };
  std::vector<Entry> entries;   // by path and stage
  std::vector<Folder> folders;  // by path
  std::string paths;            // what the entries' views are of
};

inline constexpr std::uint32_t kModeKind = 0170000;
inline constexpr std::uint32_t kModeLink = 0120000;
inline constexpr std::uint32_t kModeCommit = 0160000;
inline constexpr std::uint32_t kModeFolder = 0040000;  // of a sparse index

// kInvalid, kTruncated; kUnsupported for a split index and other versions. Memory is in proportion
// to the file; paths of version 4 together at most kIndexPathBytesMax.
inline constexpr std::size_t kIndexPathBytesMax = std::size_t{512} << 20;
Result<IndexFile> parse_index_file(std::string_view bytes, HashKind kind);

}  // namespace vedette::formats::git
