// SPDX-License-Identifier: Apache-2.0
#include "formats/models/exchange/msgpack.h"

#include <algorithm>
#include <limits>

namespace vedette::formats::models {
namespace {

// Two's complement of eight bits.
std::int64_t signed_byte(std::uint64_t byte) {
  return static_cast<std::int64_t>((byte & 0xff) ^ 0x80) - 0x80;
}

}  // namespace

using Kind = MsgpackValue::Kind;

std::uint64_t MsgpackReader::big_endian(std::size_t size) {
  std::uint64_t value = 0;
  for (const char c : take(size)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

std::string_view MsgpackReader::take(std::uint64_t size) {
  if (size > bytes_.size() - at_) {
    good_ = false;
    return {};
  }
  const std::string_view taken = bytes_.substr(at_, static_cast<std::size_t>(size));
  at_ += taken.size();
  return taken;
}

// The forms whose size stands behind their first byte, 0xC4 to 0xDF, but not numbers.
void MsgpackReader::read_wide(MsgpackValue& value, unsigned char head) {
  if (head >= 0xC4 && head <= 0xC6) {  // bin 8, 16, 32
    value.kind = Kind::kBytes;
    value.bytes = take(big_endian(std::size_t{1} << (head - 0xC4)));
  } else if (head >= 0xC7 && head <= 0xC9) {  // ext 8, 16, 32
    value.kind = Kind::kExtension;
    const std::uint64_t size = big_endian(std::size_t{1} << (head - 0xC7));
    value.number = signed_byte(big_endian(1));
    value.bytes = take(size);
  } else if (head >= 0xD4 && head <= 0xD8) {  // fixext 1 to 16
    value.kind = Kind::kExtension;
    value.number = signed_byte(big_endian(1));
    value.bytes = take(std::uint64_t{1} << (head - 0xD4));
  } else if (head >= 0xD9 && head <= 0xDB) {  // str 8, 16, 32
    value.kind = Kind::kText;
    value.bytes = take(big_endian(std::size_t{1} << (head - 0xD9)));
  } else if (head == 0xDC || head == 0xDD) {
    value.kind = Kind::kList;
    value.count = big_endian(head == 0xDC ? 2 : 4);
  } else {
    value.kind = Kind::kTable;
    value.count = big_endian(head == 0xDE ? 2 : 4);
  }
}

bool MsgpackReader::read_head(MsgpackValue& value, unsigned char head) {
  if (head <= 0x7F || head >= 0xE0) {
    value.kind = Kind::kNumber;
    value.number = signed_byte(head);
  } else if (head <= 0x8F) {
    value.kind = Kind::kTable;
    value.count = head & 0x0F;
  } else if (head <= 0x9F) {
    value.kind = Kind::kList;
    value.count = head & 0x0F;
  } else if (head <= 0xBF) {
    value.kind = Kind::kText;
    value.bytes = take(head & 0x1F);
  } else if (head == 0xC0) {
    value.kind = Kind::kNone;
  } else if (head == 0xC1) {  // never used
    good_ = false;
  } else if (head <= 0xC3) {
    value.kind = Kind::kBoolean;
    value.number = head & 1;
  } else if (head == 0xCA || head == 0xCB) {
    value.kind = Kind::kFloat;
    take(head == 0xCA ? 4 : 8);
  } else if (head >= 0xCC && head <= 0xCF) {
    value.kind = Kind::kNumber;
    constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    value.number =
        static_cast<std::int64_t>(std::min(big_endian(std::size_t{1} << (head - 0xCC)), kMax));
  } else if (head >= 0xD0 && head <= 0xD3) {
    value.kind = Kind::kNumber;
    const std::size_t size = std::size_t{1} << (head - 0xD0);
    const std::uint64_t shift = 64 - 8 * size;
    value.number = static_cast<std::int64_t>(big_endian(size) << shift) >> shift;
  } else {
    read_wide(value, head);
  }
  return good_;
}

bool MsgpackReader::open(MsgpackValue& value) {
  const bool is_table = value.kind == Kind::kTable;
  // Each element takes at least a byte.
  const std::uint64_t values = is_table ? 2 * value.count : value.count;
  if (values > bytes_.size() - at_ || open_.size() >= kDepthMax) return good_ = false;
  open_.push_back({values, is_table});
  return true;
}

bool MsgpackReader::next(MsgpackValue& value) {
  value = {};
  if (!good_) return false;
  if (open_.empty() && begun_) return false;
  if (!open_.empty() && open_.back().left == 0) {
    open_.pop_back();
    value.kind = Kind::kEnd;
    return true;
  }
  begun_ = true;
  if (at_ >= bytes_.size()) return good_ = false;
  if (!open_.empty()) {
    value.is_key = open_.back().is_table && open_.back().left % 2 == 0;
    --open_.back().left;
  }
  if (!read_head(value, static_cast<unsigned char>(bytes_[at_++]))) return false;
  return (value.kind != Kind::kList && value.kind != Kind::kTable) || open(value);
}

}  // namespace vedette::formats::models
