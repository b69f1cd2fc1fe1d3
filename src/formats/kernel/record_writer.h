// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "formats/kernel/record_layout.h"

namespace vedette::formats::kernel {

// Builds records in user space, one behind the other: state at start, what runtimes say, tests. A
// field that does not fit the largest record is cut, and the record flagged.
class RecordWriter {
 public:
  // Begins a record behind those in `out`, which outlives the writer. Its header is taken as it is
  // but for `size`.
  RecordWriter(std::string& out, const vedette_record& header)
      : out_(out), start_(out.size()), header_(header) {
    out_.resize(start_ + sizeof header_);
  }
  ~RecordWriter() {
    out_.resize(start_ + ((out_.size() - start_ + 7) & ~std::size_t{7}), '\0');
    header_.size = static_cast<std::uint32_t>(out_.size() - start_);
    std::memcpy(out_.data() + start_, &header_, sizeof header_);
  }
  RecordWriter(const RecordWriter&) = delete;
  RecordWriter& operator=(const RecordWriter&) = delete;

  RecordWriter& text(vedette_field_id id, std::string_view bytes) {
    const std::size_t room = VEDETTE_RECORD_SIZE_MAX - (out_.size() - start_);
    if (room < sizeof(vedette_field)) return cut();
    const std::size_t fit =
        std::min(bytes.size(), (room - sizeof(vedette_field)) & ~std::size_t{3});
    if (fit < bytes.size()) cut();
    const vedette_field field{static_cast<__u16>(id), static_cast<__u16>(fit)};
    out_.append(reinterpret_cast<const char*>(&field), sizeof field);
    out_.append(bytes.substr(0, fit));
    out_.resize(start_ + ((out_.size() - start_ + 3) & ~std::size_t{3}), '\0');
    return *this;
  }
  template <typename T>
  RecordWriter& value(vedette_field_id id, const T& value) {
    static_assert(std::is_trivially_copyable_v<T> && !std::is_pointer_v<T>);
    return text(id, {reinterpret_cast<const char*>(&value), sizeof value});
  }
  RecordWriter& argument(std::size_t index, std::uint64_t argument) {
    return value(static_cast<vedette_field_id>(VEDETTE_FIELD_ARG0 + index), argument);
  }

 private:
  RecordWriter& cut() {
    header_.flags |= VEDETTE_FLAG_CUT;
    return *this;
  }

  std::string& out_;
  std::size_t start_;
  vedette_record header_;
};

}  // namespace vedette::formats::kernel
