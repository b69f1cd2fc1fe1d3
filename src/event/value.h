// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"

namespace vedette::event {

// A field that some rule reads has a slot: an index into Event's values, given out when a rule set
// is compiled.
using Slot = std::uint32_t;
constexpr Slot kNoSlot = 0xFFFFFFFF;

enum class Kind : std::uint8_t {
  kAbsent,  // the event has no such field
  kString,
  kNumber,     // text is the number exactly as written
  kBoolean,    // text is "true" or "false"
  kNull,       // present, without value
  kStructure,  // an object or array; present, but has no text of its own
};

// How the bytes of a value are to be read. Decoders leave text as it stands in the input; it is
// decoded only when something looks at it.
enum class Encoding : std::uint8_t {
  kPlain,  // UTF-8
  kJson,   // the inside of a JSON string (RFC 8259 section 7), may hold escapes
  kUtf16,  // little-endian UTF-16
};

// One value of one field: a view into the batch's bytes or into the event's arena, both of which
// outlive it.
struct Value {
  const char* data = nullptr;
  std::uint32_t size = 0;  // bytes
  Kind kind = Kind::kAbsent;
  Encoding encoding = Encoding::kPlain;
  // Which of several names of a field filled the slot: lower wins over higher (0 = the field's own
  // name).
  std::uint8_t rank = 0;
  // Further values of the same field (an array's elements): 1 + index into Event::more(), 0 = none.
  std::uint32_t next = 0;
  // Not 0: within one slot, the same bytes as every value with this stamp, so that what was found
  // in one need not be looked for again. A decoder counts upwards, and when it begins anew gives no
  // old stamp out any more: one that is lower by half of the range than the last says so.
  std::uint32_t stamp = 0;

  std::string_view bytes() const { return {data, size}; }
};

constexpr Value plain(std::string_view text, Kind kind = Kind::kString) {
  return {text.data(), static_cast<std::uint32_t>(text.size()), kind, Encoding::kPlain, 0, 0, 0};
}

// The value as UTF-8. Plain text and JSON text without escapes are returned in place; other text is
// decoded into `arena`. Invalid escapes and lone surrogates become U+FFFD.
std::string_view text_of(const Value& value, Arena& arena);

// A value with the full dotted path under which the event holds it, e.g. "winlog.event_data.Image".
struct NamedValue {
  std::string_view path;  // lives as long as the event
  Value value;
};

}  // namespace vedette::event
