// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "event/value.h"

// Values of Windows event logs (MS-EVEN6 section 2.2.12, "BinXml value types") as the text that the
// JSON form of an event has.
namespace vedette::formats::logs::evtx {

enum class ValueType : std::uint8_t {
  kNull = 0x00,
  kString = 0x01,  // UTF-16LE
  kAnsiString = 0x02,
  kInt8 = 0x03,
  kUInt8 = 0x04,
  kInt16 = 0x05,
  kUInt16 = 0x06,
  kInt32 = 0x07,
  kUInt32 = 0x08,
  kInt64 = 0x09,
  kUInt64 = 0x0A,
  kReal32 = 0x0B,
  kReal64 = 0x0C,
  kBool = 0x0D,
  kBinary = 0x0E,
  kGuid = 0x0F,
  kSizeT = 0x10,
  kFileTime = 0x11,
  kSystemTime = 0x12,
  kSid = 0x13,
  kHexInt32 = 0x14,
  kHexInt64 = 0x15,
  kHandle = 0x20,
  kBinXml = 0x21,
  kXml = 0x23,  // XML as UTF-16LE text
};
constexpr std::uint8_t kArrayFlag = 0x80;

// A value as it lies in a chunk; `type` may be any byte.
struct RawValue {
  std::uint8_t type = 0;
  std::string_view bytes;

  bool is(ValueType wanted) const { return type == static_cast<std::uint8_t>(wanted); }
  bool is_array() const { return (type & kArrayFlag) != 0; }
};

// Whether an element or attribute with this value counts as empty: null, blank text, an
// array without elements, bytes of no length.
bool is_empty(const RawValue& raw);

// A value that is not an array. UTF-16 text stays where it is, up to its first NUL, where Windows
// ends it, and without white space at its end, which the JSON form does not have; all else is
// written into `arena`: integers in decimal, GUIDs in upper case without braces, times with six
// digits of a second, binary as upper case hexadecimal. Bytes that are too short for their type are
// shown as binary.
event::Value make_value(const RawValue& raw, Arena& arena);

// Takes the next element off an array's bytes; false at its end.
bool take_element(std::uint8_t array_type, std::string_view& rest, RawValue& element);

// Bytes of a fixed-size type; 0 for the others.
std::size_t fixed_size(std::uint8_t type);

// UTF-16 text as a value.
inline event::Value utf16_value(std::string_view utf16) {
  event::Value value = event::plain(utf16);
  value.encoding = event::Encoding::kUtf16;
  return value;
}

// The bytes of UTF-16 text before its first NUL; an odd last byte is dropped.
std::string_view until_nul(std::string_view utf16);

// The same without white space at its end.
std::string_view trim_utf16(std::string_view utf16);

// "0197231E-005A-6928-A50B-000000000D00" from "{0197231e-…}"; other text is returned as it is.
std::string_view plain_guid(std::string_view text, Arena& arena);

}  // namespace vedette::formats::logs::evtx
