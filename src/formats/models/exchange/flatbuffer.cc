// SPDX-License-Identifier: Apache-2.0
#include "formats/models/exchange/flatbuffer.h"

namespace vedette::formats::models {

std::uint64_t FlatBuffer::number(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  if (at > bytes.size() || size > bytes.size() - at) return 0;
  for (std::size_t i = size; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

std::size_t FlatBuffer::follow(std::size_t at) {
  if (at == 0 || !has(at, 4)) return 0;
  const std::uint64_t offset = number(bytes_, at, 4);
  // Offsets lead forwards, to something of at least four bytes.
  if (offset == 0 || !has(at + static_cast<std::size_t>(offset), 4)) {
    is_damaged_ = true;
    return 0;
  }
  return at + static_cast<std::size_t>(offset);
}

std::string_view FlatBuffer::vector_at(std::size_t at, std::size_t element_size) {
  if (at == 0) return {};
  const std::uint64_t count = number(bytes_, at, 4);
  const std::uint64_t size = count * element_size;
  if (!has(at + 4, static_cast<std::size_t>(size))) return {};
  return bytes_.substr(at + 4, static_cast<std::size_t>(size));
}

FlatTable FlatBuffer::root() {
  if (!has(0, 4)) return {};
  const std::uint64_t offset = number(bytes_, 0, 4);
  if (!has(static_cast<std::size_t>(offset), 4)) return {};
  return table_at(static_cast<std::size_t>(offset));
}

FlatTable FlatBuffer::table_at(std::size_t at) {
  if (at == 0 || !has(at, 4)) {
    is_damaged_ = true;
    return {};
  }
  const auto back = static_cast<std::int32_t>(static_cast<std::uint32_t>(number(bytes_, at, 4)));
  const std::int64_t fields = static_cast<std::int64_t>(at) - back;
  if (fields < 0 || !has(static_cast<std::size_t>(fields), 4)) {
    is_damaged_ = true;
    return {};
  }
  const auto place = static_cast<std::size_t>(fields);
  const std::uint64_t fields_size = number(bytes_, place, 2);
  const std::uint64_t size = number(bytes_, place + 2, 2);
  if (fields_size < 4 || fields_size % 2 != 0 || size < 4 ||
      !has(place, static_cast<std::size_t>(fields_size)) ||
      !has(at, static_cast<std::size_t>(size))) {
    is_damaged_ = true;
    return {};
  }
  return {this, at, place, static_cast<std::size_t>(size)};
}

std::size_t FlatTable::place(std::uint16_t field, std::size_t size) const {
  if (buffer_ == nullptr) return 0;
  const std::size_t entry = 4 + std::size_t{2} * field;
  if (entry + 2 > FlatBuffer::number(buffer_->bytes_, fields_, 2)) return 0;
  const std::uint64_t offset = FlatBuffer::number(buffer_->bytes_, fields_ + entry, 2);
  if (offset == 0) return 0;
  if (offset + size > size_) {
    buffer_->is_damaged_ = true;
    return 0;
  }
  return at_ + static_cast<std::size_t>(offset);
}

std::uint64_t FlatTable::number(std::uint16_t field, std::size_t size,
                                std::uint64_t otherwise) const {
  const std::size_t at = place(field, size);
  return at == 0 ? otherwise : FlatBuffer::number(buffer_->bytes_, at, size);
}

std::string_view FlatTable::vector(std::uint16_t field, std::size_t element_size) const {
  const std::size_t at = place(field, 4);
  return at == 0 ? std::string_view() : buffer_->vector_at(buffer_->follow(at), element_size);
}

FlatTable FlatTable::table(std::uint16_t field) const {
  const std::size_t at = place(field, 4);
  return at == 0 ? FlatTable() : buffer_->table_at(buffer_->follow(at));
}

FlatTable FlatTable::table_of(std::uint16_t field, std::size_t index) const {
  const std::string_view offsets = vector(field, 4);
  if (index >= offsets.size() / 4) return {};
  const auto begin = static_cast<std::size_t>(offsets.data() - buffer_->bytes_.data());
  return buffer_->table_at(buffer_->follow(begin + 4 * index));
}

std::string_view FlatTable::text_of(std::uint16_t field, std::size_t index) const {
  const std::string_view offsets = vector(field, 4);
  if (index >= offsets.size() / 4) return {};
  const auto begin = static_cast<std::size_t>(offsets.data() - buffer_->bytes_.data());
  return buffer_->vector_at(buffer_->follow(begin + 4 * index), 1);
}

}  // namespace vedette::formats::models
