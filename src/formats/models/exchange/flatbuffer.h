// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vedette::formats::models {

class FlatBuffer;

// A table of a FlatBuffer, whose fields are asked by their place in the schema, from 0. What is not
// there has its default; what lies outside of the bytes has it, too, and makes
// FlatBuffer::is_damaged() true. Each question costs the same. The FlatBuffer outlives it.
class FlatTable {
 public:
  FlatTable() = default;
  bool exists() const { return buffer_ != nullptr; }

  // `size`: bytes of the number, 1 to 8. Signed ones are the caller's to widen.
  std::uint64_t number(std::uint16_t field, std::size_t size, std::uint64_t otherwise = 0) const;
  std::string_view text(std::uint16_t field) const { return vector(field, 1); }
  // All bytes of a vector whose elements have that size; its count is their number by it.
  std::string_view vector(std::uint16_t field, std::size_t element_size) const;
  std::size_t count(std::uint16_t field, std::size_t element_size = 4) const {
    return vector(field, element_size).size() / element_size;
  }
  FlatTable table(std::uint16_t field) const;
  // Of vectors of tables and of texts; `index` is below count().
  FlatTable table_of(std::uint16_t field, std::size_t index) const;
  std::string_view text_of(std::uint16_t field, std::size_t index) const;

 private:
  friend class FlatBuffer;
  FlatTable(FlatBuffer* buffer, std::size_t at, std::size_t fields, std::size_t size)
      : buffer_(buffer), at_(at), fields_(fields), size_(size) {}
  // Where the field lies in the bytes; 0 where it is not there.
  std::size_t place(std::uint16_t field, std::size_t size) const;

  FlatBuffer* buffer_ = nullptr;
  std::size_t at_ = 0;      // of the table
  std::size_t fields_ = 0;  // of the table that says where its fields are
  std::size_t size_ = 0;
};

// A FlatBuffer without a schema (FlatBuffers' "Internals": little-endian, offsets of 32 bits).
class FlatBuffer {
 public:
  // The bytes outlive it.
  explicit FlatBuffer(std::string_view bytes) : bytes_(bytes) {}
  FlatBuffer(const FlatBuffer&) = delete;
  FlatBuffer& operator=(const FlatBuffer&) = delete;

  FlatTable root();
  bool is_damaged() const { return is_damaged_; }
  // Of numbers in a vector's bytes.
  static std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t size);

 private:
  friend class FlatTable;
  FlatTable table_at(std::size_t at);
  // Where an offset leads; 0 where that is outside.
  std::size_t follow(std::size_t at);
  std::string_view vector_at(std::size_t at, std::size_t element_size);
  bool has(std::size_t at, std::size_t size) {
    const bool there = at <= bytes_.size() && size <= bytes_.size() - at;
    is_damaged_ = is_damaged_ || !there;
    return there;
  }

  std::string_view bytes_;
  bool is_damaged_ = false;
};

}  // namespace vedette::formats::models
