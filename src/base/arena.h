// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace vedette {

// Bump allocator for trivially destructible data that dies together: the text of one batch, a rule
// set. What it hands out lives until clear() or destruction. After clear() the first block is kept,
// so a steady state allocates nothing. Not thread-safe.
class Arena {
 public:
  explicit Arena(std::size_t block_bytes = 64 * 1024) : block_bytes_(block_bytes) {}

  char* allocate(std::size_t size, std::size_t alignment = 1) {
    const std::size_t start = (used_ + alignment - 1) & ~(alignment - 1);
    if (start + size > capacity_) return allocate_slow(size);
    used_ = start + size;
    return current_ + start;
  }

  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* target = allocate(text.size());
    std::memcpy(target, text.data(), text.size());
    return {target, text.size()};
  }

  template <typename T>
  std::span<T> make_array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    if (count == 0) return {};
    char* memory = allocate(count * sizeof(T), alignof(T));
    T* first = reinterpret_cast<T*>(memory);
    for (std::size_t i = 0; i < count; ++i) new (first + i) T();
    return {first, count};
  }

  // Returns the tail of the last allocation: `size` bytes of it were used. Only for the last one.
  void shrink(const char* last, std::size_t size) {
    used_ = static_cast<std::size_t>(last - current_) + size;
  }

  void clear() {
    if (blocks_.size() > 1) {
      blocks_.resize(1);
      total_ = blocks_.front().size;
    }
    if (!blocks_.empty()) {
      current_ = blocks_.front().memory.get();
      capacity_ = blocks_.front().size;
    }
    used_ = 0;
  }

  // Bytes held, used or not.
  std::size_t capacity_bytes() const { return total_; }

 private:
  struct Block {
    std::unique_ptr<char[]> memory;
    std::size_t size = 0;
  };

  char* allocate_slow(std::size_t size) {
    const std::size_t block_size = size > block_bytes_ ? size : block_bytes_;
    // new char[] is aligned for every fundamental type, so any alignment asked for here holds at
    // its start.
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(block_size), block_size});
    total_ += block_size;
    current_ = blocks_.back().memory.get();
    capacity_ = block_size;
    used_ = size;
    return current_;
  }

  std::size_t block_bytes_;
  std::vector<Block> blocks_;
  char* current_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t used_ = 0;
  std::size_t total_ = 0;
};

}  // namespace vedette
