// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/models/hdf5/hdf5_bytes.h"

namespace vedette::formats::models {

// How chunks are packed, in the order in which a writer applied it.
class Hdf5Filters {
 public:
  // The body of a filter pipeline message (IV.A.2.l), versions 1 and 2.
  static Hdf5Filters read(const Hdf5Bytes& file, std::string_view body);

  bool empty() const { return filters_.empty(); }
  // What was packed, at most `size_max` bytes; a bit of `skipped` stands for a filter that this
  // chunk was written without. Nothing where a filter is not known (deflate, shuffle, Fletcher's
  // checksum and LZF are), the bytes are damaged or become too many. What goes in counts as what
  // comes out, for the same bytes may be named by many chunks.
  std::optional<std::string> unpack(Hdf5Bytes& file, std::string_view packed, std::uint32_t skipped,
                                    std::size_t size_max) const;

 private:
  struct Filter {
    std::uint64_t id = 0;
    std::uint64_t element_size = 1;  // of shuffle
  };
  static constexpr std::size_t kFiltersMax = 32;
  std::vector<Filter> filters_;
};

}  // namespace vedette::formats::models
