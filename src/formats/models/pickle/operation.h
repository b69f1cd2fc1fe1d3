// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// The operations of Python's pickles, protocols 0 to 5, as CPython's Lib/pickletools.py lists them.
namespace vedette::formats::models {

enum class OperandKind : std::uint8_t {
  kNoSuchOperation,
  kNone,
  kUint1,
  kUint2,
  kInt4,
  kUint4,
  kUint8,
  kFloat8,    // big-endian
  kLine,      // up to a newline
  kTwoLines,  // module and name
  kBytes1,    // behind their size of 1, 4 or 8 bytes
  kBytes4,
  kBytes8,
};

struct Operation {
  std::uint8_t code = 0;
  std::uint64_t offset = 0;
  std::uint64_t number = 0;  // of fixed size operands; kInt4 is sign-extended
  std::string_view text;     // of lines and bytes
  std::string_view second;   // of kTwoLines
};

OperandKind operand_kind(std::uint8_t code);
std::string_view operation_name(std::uint8_t code);  // "GLOBAL"; empty when there is no such

// One operation after the other.
class OperationReader {
 public:
  // `bytes` outlive this and the operations.
  explicit OperationReader(std::string_view bytes, std::size_t at = 0) : bytes_(bytes), at_(at) {}

  // False at the end, at what is no operation, and where an operand is cut off; at() stays there.
  bool next(Operation& operation);

  std::size_t at() const { return at_; }
  std::string_view bytes() const { return bytes_; }
  void go_to(std::size_t at) { at_ = at; }

 private:
  bool read_line(std::size_t& at, std::string_view& line) const;
  bool read_sized(std::size_t at, std::size_t size_bytes, Operation& operation);

  std::string_view bytes_;  // the caller's
  std::size_t at_;
};

}  // namespace vedette::formats::models
