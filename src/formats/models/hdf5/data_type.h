// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "formats/models/hdf5/hdf5_bytes.h"

namespace vedette::formats::models {

// What the elements of an attribute or a data set are, as far as they hold text or bytes.
struct Hdf5Type {
  enum class Kind : std::uint8_t {
    kOther,
    kText,          // of a fixed size
    kVariableText,  // in the global heap
    kBytes,         // whatever they stand for
    kVariableBytes,
  };
  Kind kind = Kind::kOther;
  std::uint64_t size = 0;  // of an element
};
// The body of a datatype message (IV.A.2.d).
Hdf5Type read_data_type(const Hdf5Bytes& file, std::string_view body);

// The sizes of a dataspace message (IV.A.2.b); none for a single value.
struct Hdf5Space {
  std::vector<std::uint64_t> sizes;
  bool is_empty = false;
  // At most 2^40.
  std::uint64_t count() const;
};
Hdf5Space read_dataspace(const Hdf5Bytes& file, std::string_view body);

// Values of variable size (III.E), of all collections that were asked for.
class Hdf5GlobalHeap {
 public:
  explicit Hdf5GlobalHeap(Hdf5Bytes& file) : file_(file) {}
  // Empty where there is no such object.
  std::string_view object(std::uint64_t collection, std::uint64_t index);

 private:
  using Objects = std::unordered_map<std::uint64_t, std::string_view>;
  void read(std::uint64_t at, Objects& objects);

  Hdf5Bytes& file_;
  std::unordered_map<std::uint64_t, Objects> collections_;
};

// The texts of `data`, one after the other, each without what pads it. Not more than `size_max`;
// that there is more is noted.
std::string read_texts(Hdf5Bytes& file, Hdf5GlobalHeap& heap, const Hdf5Type& type,
                       std::uint64_t count, std::string_view data, std::size_t size_max);

}  // namespace vedette::formats::models
