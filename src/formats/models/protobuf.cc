// SPDX-License-Identifier: Apache-2.0
#include "formats/models/protobuf.h"

namespace vedette::formats::models {

bool ProtobufReader::number(std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) return good_ = false;
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return good_ = false;
}

bool ProtobufReader::skip(std::uint64_t size) {
  if (size > rest_.size()) return good_ = false;
  rest_.remove_prefix(static_cast<std::size_t>(size));
  return true;
}

bool ProtobufReader::next(ProtobufField& field) {
  if (!good_ || rest_.empty()) return false;
  std::uint64_t tag = 0;
  if (!number(tag)) return false;
  constexpr std::uint64_t kNumberMax = (1U << 29) - 1;
  if (tag >> 3 == 0 || tag >> 3 > kNumberMax) return good_ = false;
  field.number = static_cast<std::uint32_t>(tag >> 3);
  field.value = 0;
  field.bytes = {};
  switch (tag & 7) {
    case 0:
      field.wire = ProtobufField::Wire::kNumber;
      return number(field.value);
    case 1:
      field.wire = ProtobufField::Wire::kFixed64;
      return skip(8);
    case 2: {
      field.wire = ProtobufField::Wire::kBytes;
      std::uint64_t size = 0;
      if (!number(size)) return false;
      const std::string_view before = rest_;
      if (!skip(size)) return false;
      field.bytes = before.substr(0, static_cast<std::size_t>(size));
      return true;
    }
    case 5:
      field.wire = ProtobufField::Wire::kFixed32;
      return skip(4);
    default:
      return good_ = false;
  }
}

std::string_view protobuf_bytes(std::string_view message, std::uint32_t number) {
  std::string_view found;
  ProtobufReader reader(message);
  ProtobufField field;
  while (reader.next(field)) {
    if (field.number == number && field.wire == ProtobufField::Wire::kBytes) found = field.bytes;
  }
  return found;
}

}  // namespace vedette::formats::models
