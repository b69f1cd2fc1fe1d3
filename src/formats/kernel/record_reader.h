// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <type_traits>

#include "formats/kernel/record_layout.h"

namespace vedette::formats::kernel {

static_assert(sizeof(vedette_record) == 56 && sizeof(vedette_field) == 4);
static_assert(sizeof(vedette_file) == 48 && sizeof(vedette_socket) == 56);
static_assert(sizeof(vedette_credentials) == 64 && sizeof(vedette_session) == 40);

// One record of a stream, taken apart: a header and views of its fields. Of a field that comes
// twice the last counts; ids that this version does not know are passed over. The bytes belong to
// the caller and outlive the reader's use.
class RecordReader {
 public:
  // False when `bytes` do not begin with a whole, well-formed record. Fields that reach beyond the
  // record make it malformed; nothing outside of it is read.
  bool read(std::string_view bytes);

  const vedette_record& header() const { return header_; }
  std::string_view bytes() const { return bytes_; }

  bool has(vedette_field_id id) const { return marks_[id] == generation_; }
  // data() == nullptr when the record has no such field.
  std::string_view field(vedette_field_id id) const {
    return has(id) ? fields_[id] : std::string_view();
  }
  // A field that is a number or one of the layout's structures; absent also when it is too short.
  template <typename T>
  std::optional<T> get(vedette_field_id id) const {
    static_assert(std::is_trivially_copyable_v<T>);
    const std::string_view bytes = field(id);
    if (bytes.size() < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }
  // An argument of the call; for openat2 those behind the second are flags, mode and resolve, which
  // its struct open_how holds.
  std::optional<std::uint64_t> argument(std::size_t index) const;

 private:
  static constexpr std::size_t kIds = 160;

  std::string_view bytes_;
  vedette_record header_{};
  std::array<std::string_view, kIds> fields_;
  std::array<std::uint32_t, kIds> marks_{};
  std::uint32_t generation_ = 0;
};

// The size of the record that `bytes` begin with: 0 when that cannot be told yet because they are
// too few, kMalformed when no record begins so.
constexpr std::size_t kMalformed = static_cast<std::size_t>(-1);
std::size_t record_size(std::string_view bytes);

// Elements of a list field, one by one.
class ListReader {
 public:
  explicit ListReader(std::string_view list) : rest_(list) {}
  bool next(std::string_view& element) {
    if (rest_.empty()) return false;
    const std::size_t end = rest_.find('\0');
    element = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
    return true;
  }

 private:
  std::string_view rest_;
};

}  // namespace vedette::formats::kernel
