// SPDX-License-Identifier: Apache-2.0
#include "event/value.h"

#include <cstring>

#include "base/unicode.h"

namespace vedette::event {
namespace {

// Four hexadecimal digits, or -1.
std::int32_t hex4(std::string_view text, std::size_t at) {
  if (at + 4 > text.size()) return -1;
  std::int32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const char c = text[i];
    int digit = -1;
    if (c >= '0' && c <= '9') digit = c - '0';
    if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
    if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

// text[at] is the 'u' of an escape; writes the code point and returns the index behind the escape.
std::size_t unescape_unicode(std::string_view text, std::size_t at, char*& out) {
  const std::int32_t unit = hex4(text, at + 1);
  if (unit < 0) {
    out += encode_utf8(0xFFFD, out);
    return at + 1;
  }
  at += 5;
  auto point = static_cast<std::uint32_t>(unit);
  if (point >= 0xD800 && point < 0xDC00 && text.substr(at, 2) == "\\u") {
    const std::int32_t low = hex4(text, at + 2);
    if (low >= 0xDC00 && low <= 0xDFFF) {
      point = 0x10000 + ((point - 0xD800) << 10) + (static_cast<std::uint32_t>(low) - 0xDC00);
      at += 6;
    }
  }
  out += encode_utf8(point, out);
  return at;
}

// Writes at most 2 * text.size() bytes: a malformed "\u" turns 2 bytes into the 3 of U+FFFD, all
// else shrinks.
std::size_t unescape_json(std::string_view text, char* out) {
  char* const start = out;
  std::size_t i = 0;
  while (i < text.size()) {
    const auto* slash =
        static_cast<const char*>(std::memchr(text.data() + i, '\\', text.size() - i));
    const std::size_t run =
        slash == nullptr ? text.size() - i : static_cast<std::size_t>(slash - (text.data() + i));
    std::memcpy(out, text.data() + i, run);
    out += run;
    i += run + 1;
    if (slash == nullptr || i >= text.size()) break;
    switch (text[i]) {
      case 'n':
        *out++ = '\n';
        ++i;
        break;
      case 't':
        *out++ = '\t';
        ++i;
        break;
      case 'r':
        *out++ = '\r';
        ++i;
        break;
      case 'b':
        *out++ = '\b';
        ++i;
        break;
      case 'f':
        *out++ = '\f';
        ++i;
        break;
      case 'u':
        i = unescape_unicode(text, i, out);
        break;
      default:
        *out++ = text[i++];
        break;  // \" \\ \/ and, leniently, any other escaped byte
    }
  }
  return static_cast<std::size_t>(out - start);
}

}  // namespace

std::string_view text_of(const Value& value, Arena& arena) {
  const std::string_view bytes = value.bytes();
  if (value.encoding == Encoding::kPlain || bytes.empty()) return bytes;
  if (value.encoding == Encoding::kJson) {
    if (std::memchr(bytes.data(), '\\', bytes.size()) == nullptr) return bytes;
    // A malformed "\u" (2 bytes) yields 3 bytes, so twice the size always holds.
    char* out = arena.allocate(bytes.size() * 2);
    const std::size_t size = unescape_json(bytes, out);
    arena.shrink(out, size);
    return {out, size};
  }
  char* out = arena.allocate(bytes.size() / 2 * 3);
  const std::size_t size = utf16le_to_utf8(bytes, out);
  arena.shrink(out, size);
  return {out, size};
}

}  // namespace vedette::event
