// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "formats/archive/tar_reader.h"
#include "formats/packages/owned_path.h"

namespace vedette::engine {

// What is told of the files of each package of a distribution (Package::owned_files). Sums take the
// reading of every byte.
enum class FileTelling : std::uint8_t { kNothing, kNames, kSums };

// The files of one layer as they come. Whose they are is known when all layers were read.
//
//   files.add(path);
//   files.begin_sum(reader);
//   ... reader.read(…) of as much as anyone wants ...
//   files.end_sum(reader);
class LayerFiles {
 public:
  static constexpr std::size_t kFilesMax = 4'000'000;

  // Forgets the layer before.
  void begin(FileTelling telling);
  // False: there are too many, and this one is not kept; true again for those after it, so that it
  // is told once.
  bool add(std::string_view path);
  // That the one just added is a hard link to this file of the layer.
  void link_to(std::string_view path);
  // The bytes of the entry at hand, of the one just added; the reader is read to the entry's end.
  void begin_sum(formats::archive::TarReader& reader);
  void end_sum(formats::archive::TarReader& reader);

  std::vector<formats::packages::OwnedFile> take();

 private:
  static constexpr std::size_t kStep = std::size_t{64} << 10;

  FileTelling telling_ = FileTelling::kNothing;
  bool is_kept_ = false;  // the one just added
  bool is_told_ = false;
  std::vector<formats::packages::OwnedFile> files_;
  std::vector<std::pair<std::size_t, std::string>> links_;  // from indices of files_
  std::optional<Sha1Stream> sum_;
  std::string unread_;
};

}  // namespace vedette::engine
