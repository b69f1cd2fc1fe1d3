// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/time.h"
#include "event/value.h"

// What the textual log formats have in common: how bytes of a line become the text of a field. No
// function allocates but in the arena it is given; results live as long as that arena or `text`.
namespace vedette::formats::logs {

// 0..15, or -1 for a byte that is no hexadecimal digit.
constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string_view trim(std::string_view text);  // blanks and tabs at both ends

// text.find(c, from), but std::size_t text.size() where there is none.
std::size_t find_or_end(std::string_view text, char c, std::size_t from = 0);

// The text up to the next `separator` (or the end), which is cut off `rest` with the separator.
std::string_view take_until(std::string_view& rest, char separator);

// Kind::kNumber when the text is a number as JSON writes one (RFC 8259 section 6), so that it may
// be handed on as such; else Kind::kString ("0100644" and "0x10" are text).
event::Kind kind_of_number(std::string_view text);

// `pairs` as bytes when it is an even count of hexadecimal digits, else false. Writes
// pairs.size() / 2 bytes.
bool decode_hex(std::string_view pairs, char* out);

// "2023-11-14T22:13:20.123Z": as format_time() writes, in the arena.
std::string_view time_text(TimeNs time, Arena& arena);

// A log's time in a form that parse_time() reads: `text` itself when it already does, and ISO 8601
// in the arena for the forms "Nov 14 2023 22:13:20.123", "14 Nov 2023 22:13:20 UTC", "2023 Nov 14
// 22:13:20" and "Tue Nov 14 22:13:20 UTC 2023". Empty when it is no time. A zone that is a name
// other than UTC, GMT or Z is not applied. A time without a year (RFC 3164) gets the latest one
// with which it is at most a day after `written`, the end of its log; where that is 0 it stays as
// it is.
std::string_view readable_time(std::string_view text, Arena& arena, TimeNs written = 0);

}  // namespace vedette::formats::logs
