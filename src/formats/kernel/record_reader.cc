// SPDX-License-Identifier: Apache-2.0
#include "formats/kernel/record_reader.h"

namespace vedette::formats::kernel {

std::size_t record_size(std::string_view bytes) {
  std::uint32_t size = 0;
  if (bytes.size() < sizeof size) return 0;
  std::memcpy(&size, bytes.data(), sizeof size);
  const bool sound =
      size >= sizeof(vedette_record) && size <= VEDETTE_RECORD_SIZE_MAX && size % 8 == 0;
  return sound ? size : kMalformed;
}

bool RecordReader::read(std::string_view bytes) {
  if (++generation_ == 0) {
    marks_.fill(0);
    generation_ = 1;
  }
  const std::size_t size = record_size(bytes);
  if (size == 0 || size == kMalformed || size > bytes.size()) return false;
  bytes_ = bytes.substr(0, size);
  std::memcpy(&header_, bytes.data(), sizeof header_);
  std::size_t at = sizeof header_;
  while (at + sizeof(vedette_field) <= size) {
    vedette_field field{};
    std::memcpy(&field, bytes.data() + at, sizeof field);
    at += sizeof field;
    if (field.id == 0) break;  // the padding behind the last field
    if (field.size > size - at) return false;
    if (field.id < kIds) {
      fields_[field.id] = bytes.substr(at, field.size);
      marks_[field.id] = generation_;
    }
    at += (field.size + std::size_t{3}) & ~std::size_t{3};
  }
  return true;
}

std::optional<std::uint64_t> RecordReader::argument(std::size_t index) const {
  constexpr std::uint32_t kOpenat2 = 437;
  constexpr std::size_t kHow = 2;
  if (header_.syscall == kOpenat2 && index >= kHow && has(VEDETTE_FIELD_DATA)) {
    const std::string_view how = field(VEDETTE_FIELD_DATA);
    const std::size_t at = (index - kHow) * sizeof(std::uint64_t);
    std::uint64_t value = 0;
    if (at + sizeof value > how.size()) return std::nullopt;
    std::memcpy(&value, how.data() + at, sizeof value);
    return value;
  }
  return get<std::uint64_t>(static_cast<vedette_field_id>(VEDETTE_FIELD_ARG0 + index));
}

}  // namespace vedette::formats::kernel
