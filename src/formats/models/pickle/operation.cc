// SPDX-License-Identifier: Apache-2.0
#include "formats/models/pickle/operation.h"

#include <array>

namespace vedette::formats::models {
namespace {

struct Row {
  std::uint8_t code = 0;
  OperandKind operand = OperandKind::kNoSuchOperation;
  std::string_view name;
};

constexpr auto kRows = std::to_array<Row>({
    Row{0x28, OperandKind::kNone, "MARK"},
    Row{0x29, OperandKind::kNone, "EMPTY_TUPLE"},
    Row{0x2E, OperandKind::kNone, "STOP"},
    Row{0x30, OperandKind::kNone, "POP"},
    Row{0x31, OperandKind::kNone, "POP_MARK"},
    Row{0x32, OperandKind::kNone, "DUP"},
    Row{0x42, OperandKind::kBytes4, "BINBYTES"},
    Row{0x43, OperandKind::kBytes1, "SHORT_BINBYTES"},
    Row{0x46, OperandKind::kLine, "FLOAT"},
    Row{0x47, OperandKind::kFloat8, "BINFLOAT"},
    Row{0x49, OperandKind::kLine, "INT"},
    Row{0x4A, OperandKind::kInt4, "BININT"},
    Row{0x4B, OperandKind::kUint1, "BININT1"},
    Row{0x4C, OperandKind::kLine, "LONG"},
    Row{0x4D, OperandKind::kUint2, "BININT2"},
    Row{0x4E, OperandKind::kNone, "NONE"},
    Row{0x50, OperandKind::kLine, "PERSID"},
    Row{0x51, OperandKind::kNone, "BINPERSID"},
    Row{0x52, OperandKind::kNone, "REDUCE"},
    Row{0x53, OperandKind::kLine, "STRING"},
    Row{0x54, OperandKind::kBytes4, "BINSTRING"},
    Row{0x55, OperandKind::kBytes1, "SHORT_BINSTRING"},
    Row{0x56, OperandKind::kLine, "UNICODE"},
    Row{0x58, OperandKind::kBytes4, "BINUNICODE"},
    Row{0x5D, OperandKind::kNone, "EMPTY_LIST"},
    Row{0x61, OperandKind::kNone, "APPEND"},
    Row{0x62, OperandKind::kNone, "BUILD"},
    Row{0x63, OperandKind::kTwoLines, "GLOBAL"},
    Row{0x64, OperandKind::kNone, "DICT"},
    Row{0x65, OperandKind::kNone, "APPENDS"},
    Row{0x67, OperandKind::kLine, "GET"},
    Row{0x68, OperandKind::kUint1, "BINGET"},
    Row{0x69, OperandKind::kTwoLines, "INST"},
    Row{0x6A, OperandKind::kUint4, "LONG_BINGET"},
    Row{0x6C, OperandKind::kNone, "LIST"},
    Row{0x6F, OperandKind::kNone, "OBJ"},
    Row{0x70, OperandKind::kLine, "PUT"},
    Row{0x71, OperandKind::kUint1, "BINPUT"},
    Row{0x72, OperandKind::kUint4, "LONG_BINPUT"},
    Row{0x73, OperandKind::kNone, "SETITEM"},
    Row{0x74, OperandKind::kNone, "TUPLE"},
    Row{0x75, OperandKind::kNone, "SETITEMS"},
    Row{0x7D, OperandKind::kNone, "EMPTY_DICT"},
    Row{0x80, OperandKind::kUint1, "PROTO"},
    Row{0x81, OperandKind::kNone, "NEWOBJ"},
    Row{0x82, OperandKind::kUint1, "EXT1"},
    Row{0x83, OperandKind::kUint2, "EXT2"},
    Row{0x84, OperandKind::kInt4, "EXT4"},
    Row{0x85, OperandKind::kNone, "TUPLE1"},
    Row{0x86, OperandKind::kNone, "TUPLE2"},
    Row{0x87, OperandKind::kNone, "TUPLE3"},
    Row{0x88, OperandKind::kNone, "NEWTRUE"},
    Row{0x89, OperandKind::kNone, "NEWFALSE"},
    Row{0x8A, OperandKind::kBytes1, "LONG1"},
    Row{0x8B, OperandKind::kBytes4, "LONG4"},
    Row{0x8C, OperandKind::kBytes1, "SHORT_BINUNICODE"},
    Row{0x8D, OperandKind::kBytes8, "BINUNICODE8"},
    Row{0x8E, OperandKind::kBytes8, "BINBYTES8"},
    Row{0x8F, OperandKind::kNone, "EMPTY_SET"},
    Row{0x90, OperandKind::kNone, "ADDITEMS"},
    Row{0x91, OperandKind::kNone, "FROZENSET"},
    Row{0x92, OperandKind::kNone, "NEWOBJ_EX"},
    Row{0x93, OperandKind::kNone, "STACK_GLOBAL"},
    Row{0x94, OperandKind::kNone, "MEMOIZE"},
    Row{0x95, OperandKind::kUint8, "FRAME"},
    Row{0x96, OperandKind::kBytes8, "BYTEARRAY8"},
    Row{0x97, OperandKind::kNone, "NEXT_BUFFER"},
    Row{0x98, OperandKind::kNone, "READONLY_BUFFER"},
});

constexpr std::array<Row, 256> kByCode = [] {
  std::array<Row, 256> rows{};
  for (const Row& row : kRows) rows[row.code] = row;
  return rows;
}();

// A module's or attribute's name, or a number: longer lines are no operand of a real pickle.
constexpr std::size_t kLineMax = std::size_t{16} << 20;

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = bytes.size(); i-- > 0;)
    number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

std::size_t fixed_size(OperandKind kind) {
  switch (kind) {
    case OperandKind::kUint1:
    case OperandKind::kBytes1:
      return 1;
    case OperandKind::kUint2:
      return 2;
    case OperandKind::kInt4:
    case OperandKind::kUint4:
    case OperandKind::kBytes4:
      return 4;
    case OperandKind::kUint8:
    case OperandKind::kFloat8:
    case OperandKind::kBytes8:
      return 8;
    default:
      return 0;
  }
}

}  // namespace

OperandKind operand_kind(std::uint8_t code) { return kByCode[code].operand; }
std::string_view operation_name(std::uint8_t code) { return kByCode[code].name; }

bool OperationReader::read_line(std::size_t& at, std::string_view& line) const {
  const std::string_view rest = bytes_.substr(at, kLineMax);
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return false;
  line = rest.substr(0, end);
  at += end + 1;
  return true;
}

bool OperationReader::read_sized(std::size_t at, std::size_t size_bytes, Operation& operation) {
  const std::uint64_t size = operation.number;
  at += size_bytes;
  if (size > bytes_.size() - at) return false;
  operation.text = bytes_.substr(at, static_cast<std::size_t>(size));
  at_ = at + static_cast<std::size_t>(size);
  return true;
}

bool OperationReader::next(Operation& operation) {
  if (at_ >= bytes_.size()) return false;
  operation = {};
  operation.code = static_cast<std::uint8_t>(bytes_[at_]);
  operation.offset = at_;
  const OperandKind kind = kByCode[operation.code].operand;
  if (kind == OperandKind::kNoSuchOperation) return false;
  std::size_t at = at_ + 1;
  if (kind == OperandKind::kLine || kind == OperandKind::kTwoLines) {
    if (!read_line(at, operation.text)) return false;
    if (kind == OperandKind::kTwoLines && !read_line(at, operation.second)) return false;
    at_ = at;
    return true;
  }
  const std::size_t size = fixed_size(kind);
  if (size > bytes_.size() - at) return false;
  operation.number = little_endian(bytes_.substr(at, size));
  if (kind == OperandKind::kInt4) {
    const auto narrow = static_cast<std::int32_t>(operation.number);
    operation.number = static_cast<std::uint64_t>(std::int64_t{narrow});
  }
  if (kind == OperandKind::kBytes1 || kind == OperandKind::kBytes4 ||
      kind == OperandKind::kBytes8) {
    return read_sized(at, size, operation);
  }
  at_ = at + size;
  return true;
}

}  // namespace vedette::formats::models
