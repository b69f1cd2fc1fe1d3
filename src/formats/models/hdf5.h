// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace vedette::formats::models {

// Another file that reading an HDF5 file opens.
struct Hdf5Reference {
  enum class Kind : std::uint8_t { kExternalData, kExternalLink, kVirtualData };
  Kind kind = Kind::kExternalData;
  std::string_view file;  // in the bytes
};

struct Hdf5Structure {
  static constexpr std::size_t kReferencesMax = 1'000;
  static constexpr std::size_t kEntriesMax = 2'000'000;

  std::vector<Hdf5Reference> references;
  std::size_t objects = 0;
  bool is_cut = false;  // there is more than kEntriesMax blocks, messages and links
};

// Where an HDF5 file begins in `bytes`: at 0, or at 512 or a power of two above it, as the library
// looks for it (HDF5 File Format Specification, "Disk Format: Level 0A").
std::optional<std::size_t> hdf5_begin(std::string_view bytes);

// Goes through groups and the heads of data sets, superblocks 0 to 3. No values are read. Blocks
// that lie outside of the bytes, or are none, are passed over.
Hdf5Structure read_hdf5(std::string_view bytes);

}  // namespace vedette::formats::models
