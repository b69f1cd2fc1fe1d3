// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "formats/models/hdf5/filter.h"
#include "formats/models/hdf5/hdf5_bytes.h"

namespace vedette::formats::models {

// A heap that holds links, attributes or shared messages where there are many (III.G). Its objects
// are asked for by the identifiers that B-trees hold.
class Hdf5FractalHeap {
 public:
  // Nothing where there is none. `file` outlives this.
  static std::optional<Hdf5FractalHeap> open(Hdf5Bytes& file, std::uint64_t at);

  // Empty where there is no such object, or it is packed in an unknown way. A view into the file or
  // into what was unpacked last: valid until the next call.
  std::string_view object(std::string_view id);

 private:
  struct Block {
    std::uint64_t at = 0;
    std::uint64_t packed_size = 0;  // where there are filters
    std::uint32_t skipped = 0;
    std::uint64_t begin = 0;  // in the heap's space
    std::uint64_t size = 0;
  };
  struct Huge {
    std::uint64_t at = 0;
    std::uint64_t size = 0;  // as stored
    std::uint32_t skipped = 0;
    std::uint64_t unpacked_size = 0;
  };

  explicit Hdf5FractalHeap(Hdf5Bytes& file) : file_(file) {}
  bool read_head(std::uint64_t at);
  std::uint64_t row_size(std::uint64_t row) const;
  std::string_view managed(std::uint64_t offset, std::uint64_t size);
  std::optional<Block> find_block(std::uint64_t offset);
  std::string_view huge(std::string_view id);
  void read_huge();
  std::string_view read_object(const Huge& object);
  // What filters make of it, in unpacked_; empty where that cannot be said, which is noted.
  void unpack(std::uint64_t at, std::string_view packed, std::uint32_t skipped, std::size_t size);

  Hdf5Bytes& file_;
  Hdf5Filters filters_;
  std::uint64_t offset_size_ = 0;  // of places in the heap
  std::uint64_t size_size_ = 0;    // of sizes of managed objects
  std::uint64_t id_size_ = 0;
  std::uint64_t huge_tree_ = 0;
  std::uint64_t width_ = 0;
  std::uint64_t block_size_min_ = 0;
  std::uint64_t direct_size_max_ = 0;
  std::uint64_t rows_ = 0;  // of the root; 0: it is a direct block
  Block root_;
  bool huge_is_read_ = false;
  std::unordered_map<std::uint64_t, Huge> huge_;
  std::uint64_t unpacked_at_ = 0;  // of the block in unpacked_
  std::string unpacked_;
};

}  // namespace vedette::formats::models
