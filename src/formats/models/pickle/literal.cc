// SPDX-License-Identifier: Apache-2.0
#include "formats/models/pickle/literal.h"

#include <charconv>

#include "formats/models/pickle/text_operand.h"

namespace vedette::formats::models {
namespace {

Literal text_integer(const Operation& operation) {
  std::string_view text = operation.text;
  if (operation.code == 'I' && (text == "00" || text == "01"))
    return {ValueKind::kBoolean, text == "01" ? 1 : 0, {}, {}};
  if (text.ends_with('L')) text.remove_suffix(1);
  Literal literal{ValueKind::kInteger, 0, text, {}};
  std::from_chars(text.data(), text.data() + text.size(), literal.number);
  return literal;
}

// Little-endian, in two's complement.
Literal long_integer(std::string_view bytes) {
  if (bytes.size() > 8) return {ValueKind::kInteger, 0, "<long>", {}};
  std::int64_t number = bytes.empty() || static_cast<signed char>(bytes.back()) >= 0 ? 0 : -1;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    number = static_cast<std::int64_t>(static_cast<std::uint64_t>(number) << 8 |
                                       static_cast<unsigned char>(bytes[i]));
  }
  return {ValueKind::kInteger, number, {}, {}};
}

Literal floating(const Operation& operation) {
  if (!operation.text.empty()) return {ValueKind::kFloat, 0, operation.text, {}};
  // In binary the number has its bytes, of which the first is the highest, and there is no text.
  return {
      ValueKind::kFloat, static_cast<std::int64_t>(__builtin_bswap64(operation.number)), {}, {}};
}

Literal escaped_text(std::string_view text) {
  if (!text.contains('\\')) return {ValueKind::kString, 0, text, {}};
  return {ValueKind::kString, 0, {}, unescape_unicode(text)};
}

}  // namespace

std::optional<Literal> read_literal(const Operation& operation) {
  switch (operation.code) {
    case 'I':
    case 'L':
      return text_integer(operation);
    case 'J':
    case 'K':
    case 'M':
      return Literal{ValueKind::kInteger, static_cast<std::int64_t>(operation.number), {}, {}};
    case 0x8A:
    case 0x8B:
      return long_integer(operation.text);
    case 'F':
    case 'G':
      return floating(operation);
    case 'S':
      return Literal{ValueKind::kString, 0, {}, unquote(operation.text)};
    case 'V':
      return escaped_text(operation.text);
    case 'T':
    case 'U':
    case 'X':
    case 0x8C:
    case 0x8D:
      return Literal{ValueKind::kString, 0, operation.text, {}};
    case 'B':
    case 'C':
    case 0x8E:
    case 0x96:
      return Literal{ValueKind::kBytes, 0, operation.text, {}};
    case 0x97:  // the next of buffers that are kept elsewhere
      return Literal{ValueKind::kBytes, 0, {}, {}};
    default:
      return std::nullopt;
  }
}

}  // namespace vedette::formats::models
