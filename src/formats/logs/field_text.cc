// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/field_text.h"

#include <array>
#include <cstring>

namespace vedette::formats::logs {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::size_t count_digits(std::string_view text, std::size_t from) {
  std::size_t at = from;
  while (at < text.size() && is_digit(text[at])) ++at;
  return at - from;
}

bool all_digits(std::string_view text) { return count_digits(text, 0) == text.size(); }

char* write_digits(char* out, std::uint64_t value, int width) {
  for (int i = width - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return out + width;
}

int month_of(std::string_view text) {
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (text == kMonths[i]) return static_cast<int>(i) + 1;
  }
  return 0;
}

int small_number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

// The parts of a written-out date, found by their looks and not by their order.
struct DateWords {
  int year = 0;
  int month = 0;
  int day = 0;
  std::string_view clock;
  std::string_view offset;

  bool take(std::string_view word) {
    if (const int named = month_of(word); named != 0 && month == 0) {
      month = named;
    } else if (word.find(':') != std::string_view::npos && is_digit(word.front())) {
      if (!clock.empty()) return false;
      clock = word;
    } else if (all_digits(word) && word.size() == 4 && year == 0) {
      year = small_number(word);
    } else if (all_digits(word) && word.size() <= 2 && day == 0) {
      day = small_number(word);
    } else if ((word.front() == '+' || word.front() == '-') && word.size() <= 6) {
      offset = word;
    } else {
      return is_letter(word.front());  // a weekday or a zone's name
    }
    return true;
  }
};

// See readable_time().
std::string_view dated_time(CalendarTime time, TimeNs written, Arena& arena) {
  constexpr TimeNs kClocksApart = 86'400 * kNsPerSecond;  // zones, and clocks that are wrong
  constexpr int kYearsTried = 9;                          // 29 February may be eight years ago
  time.year = to_calendar_time(written).year + 1;
  for (int i = 0; i < kYearsTried; ++i, --time.year) {
    const TimeNs candidate = to_time_ns(time);
    const bool exists = to_calendar_time(candidate).day == time.day || time.hour == 24;
    if (exists && candidate <= written + kClocksApart) return time_text(candidate, arena);
  }
  return {};
}

}  // namespace

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

std::size_t find_or_end(std::string_view text, char c, std::size_t from) {
  if (from >= text.size()) return text.size();
  const auto* found =
      static_cast<const char*>(std::memchr(text.data() + from, c, text.size() - from));
  return found == nullptr ? text.size() : static_cast<std::size_t>(found - text.data());
}

std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t end = find_or_end(rest, separator);
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == rest.size() ? end : end + 1);
  return part;
}

event::Kind kind_of_number(std::string_view text) {
  constexpr event::Kind kText = event::Kind::kString;
  std::size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
  const std::size_t whole = count_digits(text, at);
  if (whole == 0 || (whole > 1 && text[at] == '0')) return kText;
  at += whole;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = count_digits(text, at + 1);
    if (fraction == 0) return kText;
    at += 1 + fraction;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t exponent = count_digits(text, at);
    if (exponent == 0) return kText;
    at += exponent;
  }
  return at == text.size() ? event::Kind::kNumber : kText;
}

bool decode_hex(std::string_view pairs, char* out) {
  if (pairs.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    const int high = hex_digit(pairs[i]);
    const int low = hex_digit(pairs[i + 1]);
    if (high < 0 || low < 0) return false;
    *out++ = static_cast<char>(high * 16 + low);
  }
  return true;
}

std::string_view time_text(TimeNs time, Arena& arena) {
  const CalendarTime parts = to_calendar_time(time);
  constexpr std::size_t kSize = 30;  // "2023-11-14T22:13:20.123456789Z"
  char* const start = arena.allocate(kSize);
  char* out = write_digits(start, static_cast<std::uint64_t>(parts.year), 4);
  constexpr std::string_view kMarks = "--T::";
  const std::array<int, 5> rest = {parts.month, parts.day, parts.hour, parts.minute, parts.second};
  for (std::size_t i = 0; i < rest.size(); ++i) {
    *out++ = kMarks[i];
    out = write_digits(out, static_cast<std::uint64_t>(rest[i]), 2);
  }
  auto fraction = static_cast<std::uint64_t>(parts.nanosecond);
  if (fraction != 0) {
    int digits = 9;
    while (digits > 3 && fraction % 1000 == 0) {
      fraction /= 1000;
      digits -= 3;
    }
    *out++ = '.';
    out = write_digits(out, fraction, digits);
  }
  *out++ = 'Z';
  const auto size = static_cast<std::size_t>(out - start);
  arena.shrink(start, size);
  return {start, size};
}

std::string_view readable_time(std::string_view text, Arena& arena, TimeNs written) {
  constexpr std::size_t kLongest = 64;
  if (text.empty() || text.size() > kLongest) return {};
  if (const auto time = parse_calendar_time(text)) {
    // Of what is read so far only RFC 3164 begins with a letter.
    return written == 0 || !is_letter(text[0]) ? text : dated_time(*time, written, arena);
  }
  DateWords words;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view word = take_until(rest, ' ');
    if (!word.empty() && !words.take(word)) return {};
  }
  if (words.year == 0 || words.month == 0 || words.day == 0 || words.clock.empty()) return {};
  char* const start = arena.allocate(kLongest + 16);
  char* out = write_digits(start, static_cast<std::uint64_t>(words.year), 4);
  *out++ = '-';
  out = write_digits(out, static_cast<std::uint64_t>(words.month), 2);
  *out++ = '-';
  out = write_digits(out, static_cast<std::uint64_t>(words.day), 2);
  *out++ = 'T';
  for (const std::string_view part : {words.clock, words.offset}) {
    if (part.empty()) continue;
    std::memcpy(out, part.data(), part.size());
    out += part.size();
  }
  const auto size = static_cast<std::size_t>(out - start);
  arena.shrink(start, size);
  const std::string_view made(start, size);
  return parse_time(made) ? made : std::string_view();
}

}  // namespace vedette::formats::logs
