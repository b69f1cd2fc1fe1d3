// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace vedette::engine {

// Room for a file of which only parts are kept, each at its place; what lies between reads as zeros
// and takes no memory.
class SparseBytes {
 public:
  static Result<SparseBytes> of(std::size_t size);
  SparseBytes(SparseBytes&& other) noexcept;
  SparseBytes& operator=(SparseBytes&& other) = delete;
  ~SparseBytes();

  void put(std::size_t at, std::string_view bytes);
  std::string_view bytes() const { return {data_, size_}; }

 private:
  SparseBytes(char* data, std::size_t size) : data_(data), size_(size) {}
  char* data_;
  std::size_t size_;
};

}  // namespace vedette::engine
