// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "formats/models/hdf5/hdf5_bytes.h"

// HDF5 as far as it says what a loader would read as settings: attributes wherever they are kept,
// data sets that the observer asks for, and other files that are opened. Weights are not read.
namespace vedette::formats::models {

// Another file that reading an HDF5 file opens.
struct Hdf5Reference {
  enum class Kind : std::uint8_t { kExternalData, kExternalLink, kVirtualData };
  Kind kind = Kind::kExternalData;
  std::string_view file;  // valid during the call
};

// Is told what is found. Views are valid during the call.
class Hdf5Observer {
 public:
  virtual ~Hdf5Observer() = default;
  virtual void on_reference(const Hdf5Reference& reference) = 0;
  // The texts or bytes of an attribute, all elements one after the other. `object` tells apart what
  // the attributes belong to.
  virtual void on_attribute(std::uint64_t object, std::string_view name,
                            std::string_view value) = 0;
  // Whether the values of a data set by this name are wanted.
  virtual bool wants_link(std::string_view name) = 0;
  // The same of one whose attributes were told last.
  virtual bool wants_values(std::uint64_t object) = 0;
  // `name` is empty for those of wants_values().
  virtual void on_values(std::string_view name, std::string_view values) = 0;
  // What was wanted, but is stored or packed in an unknown way, damaged or not in the file.
  virtual void on_unread(std::string_view name) = 0;
  // What no writer writes, and readers trust.
  virtual void on_fault(std::string_view fault) = 0;
};

struct Hdf5Summary {
  std::size_t objects = 0;
  // There is more in it than was looked at: more than Hdf5Bytes allows, too large, or packed in an
  // unknown way.
  bool is_cut = false;
};

// Where an HDF5 file begins in `bytes`: at 0, or at 512 or a power of two above it, as the library
// looks for it (II.A).
std::optional<std::size_t> hdf5_begin(std::string_view bytes);

// Goes through groups and the heads of data sets, superblocks 0 to 3. Blocks that lie outside of
// the bytes, or are none, are passed over.
inline constexpr std::size_t kHdf5ValueMax = std::size_t{32} << 20;  // bytes of one
Hdf5Summary read_hdf5(std::string_view bytes, Hdf5Observer& observer);

}  // namespace vedette::formats::models
