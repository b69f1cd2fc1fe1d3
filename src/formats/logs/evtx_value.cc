// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/evtx_value.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/unicode.h"

namespace vedette::formats::logs::evtx {
namespace {

using event::Kind;
using event::Value;

constexpr auto hex_pairs(std::string_view digits) {
  std::array<std::array<char, 2>, 256> pairs{};
  for (std::size_t byte = 0; byte < pairs.size(); ++byte) {
    pairs[byte] = {digits[byte >> 4], digits[byte & 15]};
  }
  return pairs;
}
constexpr auto kUpperHex = hex_pairs("0123456789ABCDEF");
constexpr auto kLowerHex = hex_pairs("0123456789abcdef");

template <typename T>
T load(std::string_view bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);  // EVTX and this host are little-endian
  return value;
}

constexpr auto kTwoDigits = [] {
  std::array<std::array<char, 2>, 100> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    pairs[i] = {static_cast<char>('0' + i / 10), static_cast<char>('0' + i % 10)};
  }
  return pairs;
}();

void put_two_digits(char* out, std::uint64_t value) {
  std::memcpy(out, kTwoDigits[value].data(), 2);
}

// Writes the digits of a number in front of `end`; returns where they begin.
char* put_decimal(std::uint64_t value, char* end) {
  for (; value >= 100; value /= 100) put_two_digits(end -= 2, value % 100);
  if (value >= 10) {
    put_two_digits(end -= 2, value);
  } else {
    *--end = static_cast<char>('0' + value);
  }
  return end;
}

template <typename T>
Value integer(std::string_view bytes, Arena& arena) {
  constexpr std::size_t kDigitsMax = 20;
  const T number = load<T>(bytes);
  char* const end = arena.allocate(kDigitsMax) + kDigitsMax;
  char* begin = nullptr;
  if constexpr (std::is_signed_v<T>) {
    const auto wide = static_cast<std::uint64_t>(std::int64_t{number});
    begin = put_decimal(number < 0 ? 0 - wide : wide, end);
    if (number < 0) *--begin = '-';
  } else {
    begin = put_decimal(number, end);
  }
  return event::plain({begin, static_cast<std::size_t>(end - begin)}, Kind::kNumber);
}

template <typename T>
Value hexadecimal(std::string_view bytes, Arena& arena) {
  constexpr std::size_t kSizeMax = 2 + 2 * sizeof(T);
  const std::uint64_t number = load<T>(bytes);
  char* const end = arena.allocate(kSizeMax) + kSizeMax;
  char* begin = end;
  std::uint64_t left = number;
  for (; left > 0xF; left >>= 8) std::memcpy(begin -= 2, kLowerHex[left & 0xFF].data(), 2);
  if (left != 0 || begin == end) *--begin = kLowerHex[left][1];
  *--begin = 'x';
  *--begin = '0';
  return event::plain({begin, static_cast<std::size_t>(end - begin)});
}

// The shortest decimal that reads back as the same number, written as JSON writers do: always with
// a point or an exponent, the exponent only outside of 1e-5 .. 1e16.
template <typename T>
Value real(std::string_view bytes, Arena& arena) {
  const T number = load<T>(bytes);
  char* out = arena.allocate(48);
  char* end = out;
  if (std::isnan(number) || std::isinf(number)) {
    const std::string_view name = std::isnan(number) ? "NaN" : number > 0 ? "inf" : "-inf";
    std::memcpy(out, name.data(), name.size());
    end += name.size();
  } else {
    const T magnitude = std::fabs(number);
    const bool plain = magnitude == 0 || (magnitude >= T(1e-5) && magnitude < T(1e16));
    end = std::to_chars(out, out + 40, number,
                        plain ? std::chars_format::fixed : std::chars_format::scientific)
              .ptr;
    const std::string_view text(out, static_cast<std::size_t>(end - out));
    if (plain && text.find('.') == std::string_view::npos) {
      *end++ = '.';
      *end++ = '0';
    }
  }
  const auto size = static_cast<std::size_t>(end - out);
  arena.shrink(out, size);
  return event::plain({out, size}, Kind::kNumber);
}

Value boolean(std::string_view bytes, Arena& arena) {
  // Windows stores other numbers in some boolean slots; they are kept as such.
  const auto number = load<std::uint32_t>(bytes);
  if (number > 1) return integer<std::int32_t>(bytes, arena);
  return event::plain(number == 1 ? "true" : "false", Kind::kBoolean);
}

char* put_hex_bytes(std::string_view bytes, char* out) {
  for (const char byte : bytes) {
    std::memcpy(out, kUpperHex[static_cast<std::uint8_t>(byte)].data(), 2);
    out += 2;
  }
  return out;
}

Value binary(std::string_view bytes, Arena& arena) {
  if (bytes.empty()) return event::plain({});
  char* out = arena.allocate(bytes.size() * 2);
  put_hex_bytes(bytes, out);
  return event::plain({out, bytes.size() * 2});
}

Value guid(std::string_view bytes, Arena& arena) {
  // Where each byte's digits stand: the first three parts are little-endian numbers.
  constexpr std::array<std::uint8_t, 16> kAt = {6,  4,  2,  0,  11, 9,  16, 14,
                                                19, 21, 24, 26, 28, 30, 32, 34};
  char* const out = arena.allocate(36);
  for (std::size_t i = 0; i < kAt.size(); ++i) {
    std::memcpy(out + kAt[i], kUpperHex[static_cast<std::uint8_t>(bytes[i])].data(), 2);
  }
  out[8] = out[13] = out[18] = out[23] = '-';
  return event::plain({out, 36});
}

struct Moment {
  std::uint64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, microsecond = 0;
};

Value moment_text(const Moment& moment, Arena& arena) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00.000000Z";
  char* out = arena.allocate(kForm.size());
  std::memcpy(out, kForm.data(), kForm.size());
  put_two_digits(out, moment.year / 100 % 100);
  put_two_digits(out + 2, moment.year % 100);
  put_two_digits(out + 5, moment.month);
  put_two_digits(out + 8, moment.day);
  put_two_digits(out + 11, moment.hour);
  put_two_digits(out + 14, moment.minute);
  put_two_digits(out + 17, moment.second);
  put_two_digits(out + 20, moment.microsecond / 10'000);
  put_two_digits(out + 22, moment.microsecond / 100 % 100);
  put_two_digits(out + 24, moment.microsecond % 100);
  return event::plain({out, kForm.size()});
}

// 100 ns since 1601-01-01. Howard Hinnant's civil_from_days over 64 bits, since FILETIME reaches
// far beyond what TimeNs can hold.
Value file_time(std::string_view bytes, Arena& arena) {
  constexpr std::uint64_t kTicksPerSecond = 10'000'000;
  constexpr std::uint64_t kTicksPerDay = 86'400 * kTicksPerSecond;
  constexpr std::uint64_t kDaysFromEra = 584'694;  // 0000-03-01 to 1601-01-01
  const auto ticks = load<std::uint64_t>(bytes);
  if (ticks > INT64_MAX) return moment_text({}, arena);
  const std::uint64_t z = ticks / kTicksPerDay + kDaysFromEra;
  const std::uint64_t era = z / 146'097;
  const std::uint64_t day_of_era = z % 146'097;
  const std::uint64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::uint64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::uint64_t month_index = (5 * day_of_year + 2) / 153;
  const std::uint64_t second = ticks % kTicksPerDay / kTicksPerSecond;
  Moment moment;
  moment.day = day_of_year - (153 * month_index + 2) / 5 + 1;
  moment.month = month_index < 10 ? month_index + 3 : month_index - 9;
  moment.year = (era * 400 + year_of_era + (moment.month <= 2 ? 1 : 0)) % 10'000;
  moment.hour = second / 3600;
  moment.minute = second / 60 % 60;
  moment.second = second % 60;
  moment.microsecond = ticks % kTicksPerSecond / 10;
  return moment_text(moment, arena);
}

Value system_time(std::string_view bytes, Arena& arena) {
  const auto field = [&](std::size_t index) {
    return std::uint64_t{load<std::uint16_t>(bytes.substr(index * 2))};
  };
  // field(2) is the day of the week
  Moment moment{field(0), field(1), field(3), field(4), field(5), field(6), field(7) * 1000};
  const bool valid = moment.year >= 1601 && moment.year <= 30827 && moment.month >= 1 &&
                     moment.month <= 12 && moment.day >= 1 && moment.day <= 31 &&
                     moment.hour < 24 && moment.minute < 60 && moment.second < 60 &&
                     moment.microsecond < 1'000'000;
  if (!valid) moment = {1601, 1, 1, 0, 0, 0, 0};
  return moment_text(moment, arena);
}

// MS-DTYP section 2.4.2: revision, count, 48-bit big-endian authority, little-endian parts.
Value sid(std::string_view bytes, Arena& arena) {
  constexpr std::size_t kPartMax = 11;
  const auto parts = std::min<std::size_t>(static_cast<std::uint8_t>(bytes[1]),
                                           (bytes.size() - 8) / sizeof(std::uint32_t));
  const std::size_t room = 32 + parts * kPartMax;
  char* const end = arena.allocate(room) + room;
  char* at = end;
  for (std::size_t i = parts; i-- > 0;) {
    at = put_decimal(load<std::uint32_t>(bytes.substr(8 + i * 4)), at);
    *--at = '-';
  }
  std::uint64_t authority = 0;
  for (std::size_t i = 2; i < 8; ++i)
    authority = authority << 8 | static_cast<std::uint8_t>(bytes[i]);
  at = put_decimal(authority, at);
  *--at = '-';
  at = put_decimal(static_cast<std::uint8_t>(bytes[0]), at);
  *--at = '-';
  *--at = 'S';
  return event::plain({at, static_cast<std::size_t>(end - at)});
}

// Windows-1252: what event logs of Western systems hold. Bytes without a character there stand for
// the control character of the same number, as in the WHATWG table. Embedded NULs are dropped.
Value ansi_text(std::string_view bytes, Arena& arena) {
  constexpr std::array<std::uint16_t, 32> kHigh = {
      0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
      0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
      0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
  if (is_ascii(bytes) && bytes.find('\0') == std::string_view::npos) return event::plain(bytes);
  char* const out = arena.allocate(bytes.size() * 3);
  char* at = out;
  for (const char byte : bytes) {
    std::uint32_t point = static_cast<std::uint8_t>(byte);
    if (point == 0) continue;
    if (point >= 0x80 && point < 0xA0) point = kHigh[point - 0x80];
    at += encode_utf8(point, at);
  }
  const auto size = static_cast<std::size_t>(at - out);
  arena.shrink(out, size);
  return event::plain({out, size});
}

bool is_space(std::uint16_t unit) {
  if (unit > ' ' && unit < 0x85) return false;
  return unit == ' ' || (unit >= 9 && unit <= 13) || unit == 0x85 || unit == 0xA0 ||
         unit == 0x1680 || (unit >= 0x2000 && unit <= 0x200A) || unit == 0x2028 || unit == 0x2029 ||
         unit == 0x202F || unit == 0x205F || unit == 0x3000;
}

Value utf16_text(std::string_view bytes, Arena& /*arena*/) {
  return utf16_value(trim_utf16(bytes));
}

Value null_value(std::string_view /*bytes*/, Arena& /*arena*/) {
  return event::plain({}, Kind::kNull);
}

Value size_value(std::string_view bytes, Arena& arena) {
  if (bytes.size() >= 8) return hexadecimal<std::uint64_t>(bytes, arena);
  return hexadecimal<std::uint32_t>(bytes, arena);
}

struct TypeRow {
  std::size_t size = 0;  // of one value; 0 when it varies
  std::size_t size_min = 0;
  Value (*make)(std::string_view bytes, Arena& arena) = nullptr;
};

constexpr auto kTypes = [] {
  std::array<TypeRow, 0x24> rows{};
  const auto row = [&](ValueType type) -> TypeRow& { return rows[static_cast<std::size_t>(type)]; };
  const auto fixed = [&](ValueType type, std::size_t size, auto make) {
    row(type) = {size, size, make};
  };
  row(ValueType::kNull) = {0, 0, null_value};
  row(ValueType::kString) = {0, 0, utf16_text};
  row(ValueType::kXml) = {0, 0, utf16_text};
  row(ValueType::kAnsiString) = {0, 0, ansi_text};
  row(ValueType::kBinary) = {0, 0, binary};
  row(ValueType::kBinXml) = {0, 0, binary};
  fixed(ValueType::kInt8, 1, integer<std::int8_t>);
  fixed(ValueType::kUInt8, 1, integer<std::uint8_t>);
  fixed(ValueType::kInt16, 2, integer<std::int16_t>);
  fixed(ValueType::kUInt16, 2, integer<std::uint16_t>);
  fixed(ValueType::kInt32, 4, integer<std::int32_t>);
  fixed(ValueType::kUInt32, 4, integer<std::uint32_t>);
  fixed(ValueType::kInt64, 8, integer<std::int64_t>);
  fixed(ValueType::kUInt64, 8, integer<std::uint64_t>);
  fixed(ValueType::kReal32, 4, real<float>);
  fixed(ValueType::kReal64, 8, real<double>);
  fixed(ValueType::kBool, 4, boolean);
  fixed(ValueType::kGuid, 16, guid);
  fixed(ValueType::kFileTime, 8, file_time);
  fixed(ValueType::kSystemTime, 16, system_time);
  fixed(ValueType::kHexInt32, 4, hexadecimal<std::uint32_t>);
  fixed(ValueType::kHexInt64, 8, hexadecimal<std::uint64_t>);
  // Pointer-sized: 4 bytes on old systems.
  row(ValueType::kSizeT) = {8, 4, size_value};
  row(ValueType::kHandle) = {8, 4, size_value};
  row(ValueType::kSid) = {0, 8, sid};
  return rows;
}();

// Takes a NUL-terminated string off `rest`; `unit` is the size of its characters.
std::string_view take_string(std::string_view& rest, std::size_t unit) {
  std::size_t end = 0;
  while (end + unit <= rest.size()) {
    if (rest[end] == 0 && (unit == 1 || rest[end + 1] == 0)) break;
    end += unit;
  }
  const std::string_view text = rest.substr(0, end);
  rest.remove_prefix(std::min(end + unit, rest.size()));
  return text;
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

std::string_view until_nul(std::string_view utf16) {
  const std::size_t size = utf16.size() & ~std::size_t{1};
  const char* const data = utf16.data();
  std::size_t at = 0;
#if defined(__SSE2__)
  const auto zeros = [&](std::size_t from) {
    const __m128i units = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + from));
    return _mm_cmpeq_epi16(units, _mm_setzero_si128());
  };
  constexpr std::size_t kBlock = sizeof(__m128i);
  // Most text holds no NUL: four blocks at once only say whether there is one.
  for (; at + 4 * kBlock <= size; at += 4 * kBlock) {
    const __m128i any = _mm_or_si128(_mm_or_si128(zeros(at), zeros(at + kBlock)),
                                     _mm_or_si128(zeros(at + 2 * kBlock), zeros(at + 3 * kBlock)));
    if (_mm_movemask_epi8(any) != 0) break;
  }
  while (size >= kBlock && at < size) {
    const std::size_t from = std::min(at, size - kBlock);  // the last block overlaps others
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(zeros(from)));
    if (mask != 0) return {data, from + static_cast<std::size_t>(std::countr_zero(mask))};
    at = from + kBlock;
  }
#endif
  // Four units at a time: a unit is zero when subtracting one borrows from its high bit.
  for (; at + 8 <= size; at += 8) {
    const auto four = load<std::uint64_t>(utf16.substr(at));
    if (((four - 0x0001000100010001ULL) & ~four & 0x8000800080008000ULL) != 0) break;
  }
  while (at < size && (data[at] != 0 || data[at + 1] != 0)) at += 2;
  return {data, at};
}

std::string_view trim_utf16(std::string_view utf16) {
  const std::string_view text = until_nul(utf16);
  std::size_t size = text.size();
  while (size != 0) {
    std::uint16_t unit;
    std::memcpy(&unit, text.data() + size - 2, sizeof unit);
    if (!is_space(unit)) break;
    size -= 2;
  }
  return {text.data(), size};
}

bool is_empty(const RawValue& raw) {
  if (raw.is(ValueType::kNull)) return true;
  if (raw.is(ValueType::kString) || raw.is(ValueType::kXml)) {
    if (raw.bytes.size() < 2) return true;
    const auto first = load<std::uint16_t>(raw.bytes);
    return first == 0 || (is_space(first) && trim_utf16(raw.bytes).empty());
  }
  if (raw.is(ValueType::kAnsiString)) {
    return raw.bytes.find_first_not_of('\0') == std::string_view::npos;
  }
  return raw.bytes.empty();
}

event::Value make_value(const RawValue& raw, Arena& arena) {
  if (raw.type < kTypes.size()) {
    const TypeRow& row = kTypes[raw.type];
    if (row.make != nullptr && raw.bytes.size() >= row.size_min) return row.make(raw.bytes, arena);
  }
  return binary(raw.bytes, arena);
}

bool take_element(std::uint8_t array_type, std::string_view& rest, RawValue& element) {
  if (rest.empty()) return false;
  element.type = static_cast<std::uint8_t>(array_type & ~kArrayFlag);
  if (element.is(ValueType::kString) || element.is(ValueType::kXml)) {
    element.bytes = take_string(rest, 2);
    return true;
  }
  if (element.is(ValueType::kAnsiString)) {
    element.bytes = take_string(rest, 1);
    return true;
  }
  std::size_t size = fixed_size(element.type);
  if (element.is(ValueType::kSid) && rest.size() >= 8) {
    size = 8 + std::size_t{static_cast<std::uint8_t>(rest[1])} * 4;
  }
  if (size == 0 || size > rest.size()) size = rest.size();
  element.bytes = rest.substr(0, size);
  rest.remove_prefix(size);
  return true;
}

std::size_t fixed_size(std::uint8_t type) { return type < kTypes.size() ? kTypes[type].size : 0; }

std::string_view plain_guid(std::string_view text, Arena& arena) {
  if (text.size() != 38 || text.front() != '{' || text.back() != '}') return text;
  for (std::size_t i = 1; i < 37; ++i) {
    const bool dash = i == 9 || i == 14 || i == 19 || i == 24;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return text;
  }
  char* out = arena.allocate(36);
  for (std::size_t i = 0; i < 36; ++i) {
    const char c = text[i + 1];
    out[i] = static_cast<char>(c >= 'a' && c <= 'f' ? c - 'a' + 'A' : c);
  }
  return {out, 36};
}

}  // namespace vedette::formats::logs::evtx
