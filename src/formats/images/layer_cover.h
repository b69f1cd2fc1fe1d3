// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/binary_archive.h"

namespace vedette::formats::images {

// A name of a layer's entry as a path from the root: without "./" and '/' at either end and without
// doubled '/'; the root is "". Nothing where it would lead out ("..") or holds a NUL.
std::optional<std::string> layer_path(std::string_view name);

// What a layer hides of the layers below it: files that it has itself, with all below them when
// they were folders, whiteouts (".wh.NAME") and opaque folders (".wh..wh..opq") of the OCI image
// specification. Eight bytes an entry: paths are kept as hashes, since layers may have millions of
// entries.
class LayerCover {
 public:
  enum class Kind : std::uint8_t { kFile, kFolder };

  // `path` as layer_path() makes it. Whether the entry is one of the file system, and not only a
  // mark. After seal() no more.
  bool add(std::string_view path, Kind kind);
  void seal();

  // Whether what a lower layer has at `path` is not to be seen through this one.
  bool hides(std::string_view path) const;

  // As base/binary_archive.h; of a sealed one.
  template <typename Archive>
  void describe(Archive& archive) {
    describe(archive, *this);
  }
  template <typename Archive>
  void describe(Archive& archive) const {
    describe(archive, *this);
  }

 private:
  template <typename Archive, typename Cover>
  static void describe(Archive& archive, Cover& cover) {
    archive.list(cover.replaced_, kArchiveNumber);
    archive.list(cover.folders_, kArchiveNumber);
    archive.list(cover.opaque_, kArchiveNumber);
  }

  std::vector<std::uint64_t> replaced_;  // with all below: files, and whiteouts
  std::vector<std::uint64_t> folders_;   // which replace a file at the same path only
  std::vector<std::uint64_t> opaque_;    // all below, not the folder itself
};

}  // namespace vedette::formats::images
