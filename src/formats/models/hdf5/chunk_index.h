// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "formats/models/hdf5/hdf5_bytes.h"

namespace vedette::formats::models {

// A piece of a data set, as it is stored.
struct Hdf5Chunk {
  std::uint64_t number = 0;  // among all of the data set, row by row
  std::uint64_t at = 0;
  std::uint64_t size = 0;     // as stored
  std::uint32_t skipped = 0;  // filters that it was written without
};

// How a data set is stored (IV.A.2.i).
struct Hdf5Layout {
  enum class Kind : std::uint8_t { kUnknown, kCompact, kContiguous, kChunked, kVirtual };
  Kind kind = Kind::kUnknown;
  std::string_view data;   // of kCompact
  std::uint64_t at = 0;    // of kContiguous; of kChunked its index; of kVirtual a heap
  std::uint64_t size = 0;  // of kContiguous; of kVirtual the index in the heap
  std::vector<std::uint64_t> chunk_sizes;  // in elements; the last is the element's own size
  std::uint64_t index_kind = 0;            // of version 4: 1 to 5, else 0: a B-tree of version 1
  bool single_is_packed = false;           // of index kind 1
  std::uint64_t single_size = 0;
  std::uint32_t single_skipped = 0;
};
// The body of a layout message, versions 1 to 5.
Hdf5Layout read_layout(const Hdf5Bytes& file, std::string_view body);

// All chunks of a layout that is chunked, in the order of their numbers. `sizes`: of the data set,
// in elements.
std::vector<Hdf5Chunk> read_chunks(Hdf5Bytes& file, const Hdf5Layout& layout,
                                   const std::vector<std::uint64_t>& sizes);

}  // namespace vedette::formats::models
