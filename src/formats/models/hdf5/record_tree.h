// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "formats/models/hdf5/hdf5_bytes.h"

namespace vedette::formats::models {

// All records of a B-tree of version 2 (III.A.2), in the order of its nodes.
struct Hdf5Records {
  std::uint64_t type = 0;  // of the tree: what its records are
  std::vector<std::string_view> records;
};
Hdf5Records read_record_tree(Hdf5Bytes& file, std::uint64_t at);

// How many bytes a number up to `limit` takes.
std::size_t hdf5_number_size(std::uint64_t limit);

}  // namespace vedette::formats::models
