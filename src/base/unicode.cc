// SPDX-License-Identifier: Apache-2.0
#include "base/unicode.h"

#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace vedette {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;

bool is_surrogate(std::uint32_t unit) { return unit >= 0xD800 && unit <= 0xDFFF; }

// Lower case of a two-byte code point (U+0080..U+07FF) whose lower case also has two bytes.
std::uint32_t fold_two_byte(std::uint32_t point) {
  if (point >= 0xC0 && point <= 0xDE && point != 0xD7) return point + 0x20;
  // Latin Extended-A: pairs of neighbours, upper case even in the first and third range, odd in the
  // others.
  if ((point >= 0x100 && point <= 0x137 && point != 0x130) || (point >= 0x14A && point <= 0x177)) {
    return point | 1;
  }
  if ((point >= 0x139 && point <= 0x148) || (point >= 0x179 && point <= 0x17E)) {
    return (point & 1) != 0 ? point + 1 : point;
  }
  if (point >= 0x391 && point <= 0x3A9 && point != 0x3A2) return point + 0x20;
  if (point >= 0x410 && point <= 0x42F) return point + 0x20;
  if (point >= 0x400 && point <= 0x40F) return point + 0x50;
  if (point >= 0x460 && point <= 0x481) return point | 1;
  if (point >= 0x531 && point <= 0x556) return point + 0x30;
  return point;
}

// The code point that starts at text[i] and its length; an invalid sequence yields kReplacement,
// length 1.
std::uint32_t decode_one(std::string_view text, std::size_t i, std::size_t& length) {
  const auto byte = [&](std::size_t k) { return static_cast<std::uint8_t>(text[i + k]); };
  const auto continues = [&](std::size_t k) {
    return i + k < text.size() && (byte(k) & 0xC0) == 0x80;
  };
  const std::uint32_t lead = byte(0);
  length = 1;
  if (lead < 0x80) return lead;
  if (lead >= 0xC2 && lead < 0xE0 && continues(1)) {
    length = 2;
    return ((lead & 0x1F) << 6) | (byte(1) & 0x3FU);
  }
  if (lead >= 0xE0 && lead < 0xF0 && continues(1) && continues(2)) {
    const std::uint32_t point =
        ((lead & 0x0F) << 12) | ((byte(1) & 0x3FU) << 6) | (byte(2) & 0x3FU);
    if (point >= 0x800 && !is_surrogate(point)) {
      length = 3;
      return point;
    }
  }
  if (lead >= 0xF0 && lead < 0xF5 && continues(1) && continues(2) && continues(3)) {
    const std::uint32_t point = ((lead & 0x07) << 18) | ((byte(1) & 0x3FU) << 12) |
                                ((byte(2) & 0x3FU) << 6) | (byte(3) & 0x3FU);
    if (point >= 0x10000 && point <= 0x10FFFF) {
      length = 4;
      return point;
    }
  }
  return kReplacement;
}

}  // namespace

std::size_t encode_utf8(std::uint32_t point, char* out) {
  if (is_surrogate(point) || point > 0x10FFFF) point = kReplacement;
  if (point < 0x80) {
    out[0] = static_cast<char>(point);
    return 1;
  }
  if (point < 0x800) {
    out[0] = static_cast<char>(0xC0 | (point >> 6));
    out[1] = static_cast<char>(0x80 | (point & 0x3F));
    return 2;
  }
  if (point < 0x10000) {
    out[0] = static_cast<char>(0xE0 | (point >> 12));
    out[1] = static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    out[2] = static_cast<char>(0x80 | (point & 0x3F));
    return 3;
  }
  out[0] = static_cast<char>(0xF0 | (point >> 18));
  out[1] = static_cast<char>(0x80 | ((point >> 12) & 0x3F));
  out[2] = static_cast<char>(0x80 | ((point >> 6) & 0x3F));
  out[3] = static_cast<char>(0x80 | (point & 0x3F));
  return 4;
}

void append_utf8(std::uint32_t code_point, std::string& out) {
  char bytes[4];
  out.append(bytes, encode_utf8(code_point, bytes));
}

std::size_t utf16le_to_utf8(std::string_view bytes, char* out) {
  char* const start = out;
  const std::size_t units = bytes.size() / 2;
  const auto unit_at = [&](std::size_t k) {
    return static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[2 * k])) |
           (static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[2 * k + 1])) << 8);
  };
  std::size_t i = 0;
  while (i < units) {
    // Four ASCII units at a time: the usual case by far.
    while (i + 4 <= units) {
      std::uint64_t four;
      std::memcpy(&four, bytes.data() + 2 * i, 8);
      if ((four & 0xFF80FF80FF80FF80ULL) != 0) break;
      four = (four | (four >> 8)) & 0x0000FFFF0000FFFFULL;
      four = four | (four >> 16);
      const auto low = static_cast<std::uint32_t>(four);
      std::memcpy(out, &low, 4);
      out += 4;
      i += 4;
    }
    if (i >= units) break;
    std::uint32_t point = unit_at(i++);
    if (point < 0x80) {
      *out++ = static_cast<char>(point);
      continue;
    }
    if (point >= 0xD800 && point < 0xDC00 && i < units) {
      const std::uint32_t low = unit_at(i);
      if (low >= 0xDC00 && low <= 0xDFFF) {
        point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
        ++i;
      }
    }
    out += encode_utf8(point, out);
  }
  return static_cast<std::size_t>(out - start);
}

void append_utf16le(std::string_view utf8, std::string& out) {
  const auto unit = [&](std::uint32_t value) {
    out.push_back(static_cast<char>(value & 0xFF));
    out.push_back(static_cast<char>(value >> 8));
  };
  for (std::size_t i = 0; i < utf8.size();) {
    std::size_t length = 1;
    const std::uint32_t point = decode_one(utf8, i, length);
    i += length;
    if (point < 0x10000) {
      unit(point);
    } else {
      unit(0xD800 + ((point - 0x10000) >> 10));
      unit(0xDC00 + ((point - 0x10000) & 0x3FF));
    }
  }
}

namespace {

// Folds whole blocks of ASCII at the front; returns how many bytes that were.
std::size_t fold_ascii_run(std::string_view text, char* out) {
  std::size_t i = 0;
#if defined(__SSE2__)
  // A letter is found by one signed comparison: 'A'..'Z' plus 63 become -128..-103.
  const __m128i shift = _mm_set1_epi8(63);
  const __m128i end = _mm_set1_epi8(-102);
  const __m128i bit = _mm_set1_epi8(0x20);
  for (; i + 16 <= text.size(); i += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i));
    if (_mm_movemask_epi8(block) != 0) break;
    const __m128i letters = _mm_cmplt_epi8(_mm_add_epi8(block, shift), end);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i),
                     _mm_or_si128(block, _mm_and_si128(letters, bit)));
  }
#else
  for (; i < text.size() && static_cast<unsigned char>(text[i]) < 0x80; ++i) {
    out[i] = static_cast<char>(text[i] >= 'A' && text[i] <= 'Z' ? text[i] | 0x20 : text[i]);
  }
#endif
  return i;
}

}  // namespace

void fold_case(std::string_view text, char* out) {
  const std::size_t size = text.size();
  std::size_t i = 0;
  const auto fold_ascii = [](char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
  };
  while (i < size) {
    i += fold_ascii_run(text.substr(i), out + i);
    if (i >= size) break;
    const auto lead = static_cast<std::uint8_t>(text[i]);
    if (lead < 0x80) {
      out[i] = fold_ascii(text[i]);
      ++i;
    } else if (lead >= 0xC2 && lead < 0xE0 && i + 1 < size &&
               (static_cast<std::uint8_t>(text[i + 1]) & 0xC0) == 0x80) {
      const std::uint32_t point =
          ((lead & 0x1FU) << 6) | (static_cast<std::uint8_t>(text[i + 1]) & 0x3FU);
      encode_utf8(fold_two_byte(point), out + i);
      i += 2;
    } else {
      out[i] = text[i];
      ++i;
    }
  }
}

std::string fold_case(std::string_view text) {
  std::string out(text.size(), '\0');
  fold_case(text, out.data());
  return out;
}

bool is_ascii(std::string_view text) {
  unsigned char high = 0;
  for (const char c : text) high = static_cast<unsigned char>(high | static_cast<unsigned char>(c));
  return high < 0x80;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    std::size_t length = 1;
    const std::uint32_t point = decode_one(text, i, length);
    if (point == kReplacement && length == 1) return false;
    i += length;
  }
  return true;
}

}  // namespace vedette
