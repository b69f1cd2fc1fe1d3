// SPDX-License-Identifier: Apache-2.0
#include "engine/image/sparse_bytes.h"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <sys/mman.h>
#include <utility>

namespace vedette::engine {

Result<SparseBytes> SparseBytes::of(std::size_t size) {
  void* const data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data == MAP_FAILED) {
    return failure(ErrorCode::kSystem,
                   fmt::format("no room for a file of {} bytes: {}", size, std::strerror(errno)));
  }
  // A huge page would take the gaps' memory, too. Refused where there are none.
  ::madvise(data, size, MADV_NOHUGEPAGE);
  return SparseBytes(static_cast<char*>(data), size);
}

SparseBytes::SparseBytes(SparseBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SparseBytes::~SparseBytes() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

void SparseBytes::put(std::size_t at, std::string_view bytes) {
  CHECK(at <= size_ && bytes.size() <= size_ - at);
  std::memcpy(data_ + at, bytes.data(), bytes.size());
}

}  // namespace vedette::engine
