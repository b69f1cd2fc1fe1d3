// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string_view>

#include "base/result.h"

namespace vedette::ingest {

// The bytes of one content after the other, in memory that is used again and never filled with
// zeros first. One thread; but of all buffers that share a mutex only one at a time holds more than
// kLargeBytes, which bounds what many threads take together.
class ReadBuffer {
 public:
  static constexpr std::size_t kLargeBytes = std::size_t{8} << 20;

  // `large` outlives this.
  explicit ReadBuffer(std::mutex& large) : large_(large, std::defer_lock) {}

  std::string_view bytes() const { return {memory_.get(), size_}; }
  std::size_t size() const { return size_; }

  // Begins the next content; gives back what was taken for a large one.
  void clear() {
    size_ = 0;
    if (!large_.owns_lock()) return;
    memory_.reset();
    capacity_ = 0;
    large_.unlock();
  }

  // Where at least `count` further bytes may be written; take() says how many were.
  char* room(std::size_t count) {
    if (capacity_ - size_ < count) grow(size_ + count);
    return memory_.get() + size_;
  }
  void take(std::size_t count) {
    DCHECK(count <= capacity_ - size_);
    size_ += count;
  }

 private:
  struct Free {
    void operator()(char* memory) const { std::free(memory); }
  };

  void grow(std::size_t wanted) {
    // Doubling might leave a content just below the bound with twice its bytes.
    const std::size_t doubled =
        capacity_ <= kLargeBytes / 2 ? capacity_ * 2 : capacity_ + kLargeBytes;
    wanted = std::max({wanted, doubled, std::size_t{64} << 10});
    if (wanted > kLargeBytes && !large_.owns_lock()) large_.lock();
    // The system moves the pages of a large block, not their bytes.
    auto* const memory = static_cast<char*>(std::realloc(memory_.release(), wanted));
    CHECK(memory != nullptr);
    memory_.reset(memory);
    capacity_ = wanted;
  }

  std::unique_ptr<char, Free> memory_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::unique_lock<std::mutex> large_;
};

}  // namespace vedette::ingest
