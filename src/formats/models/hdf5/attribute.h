// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "formats/models/hdf5/data_type.h"
#include "formats/models/hdf5/fractal_heap.h"
#include "formats/models/hdf5/hdf5_bytes.h"
#include "formats/models/hdf5/object_header.h"

namespace vedette::formats::models {

// Finds the bodies of messages that several objects share: in another object's header, or in one of
// the heaps that the superblock's extension names (III.I, IV.A.2.p).
class Hdf5SharedMessages {
 public:
  explicit Hdf5SharedMessages(Hdf5Bytes& file) : file_(file) {}
  // `extension`: the object header of the superblock's extension.
  void read_table(std::uint64_t extension);
  // `reference` is the body of a message of this type that says that it is shared. Empty where
  // there is none; valid until the next call.
  std::string_view resolve(Hdf5MessageType type, std::string_view reference);
  // By its identifier in a heap.
  std::string_view in_heap(Hdf5MessageType type, std::string_view id);

 private:
  struct Index {
    std::uint64_t types = 0;  // a bit for each type of message
    Hdf5FractalHeap heap;
  };
  Hdf5Bytes& file_;
  std::vector<Index> indexes_;
};

// Reads attributes: those in an object header, and those that its attribute info message keeps in a
// heap.
class Hdf5AttributeReader {
 public:
  using Take = std::function<void(std::string_view name, std::string_view value)>;

  // All outlive this.
  Hdf5AttributeReader(Hdf5Bytes& file, Hdf5SharedMessages& shared, Hdf5GlobalHeap& heap)
      : file_(file), shared_(shared), heap_(heap) {}

  void read_all(const std::vector<Hdf5Message>& messages, const Take& take);

 private:
  void read(std::string_view body, const Take& take);
  void read_shared(std::string_view body, const Take& take);
  void read_dense(std::string_view info, const Take& take);

  Hdf5Bytes& file_;
  Hdf5SharedMessages& shared_;
  Hdf5GlobalHeap& heap_;
};

}  // namespace vedette::formats::models
