// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Points in time as nanoseconds since 1970-01-01T00:00:00Z (years 1678 to 2261).
namespace vedette {

using TimeNs = std::int64_t;
constexpr TimeNs kNsPerSecond = 1'000'000'000;

// The calendar fields of a time exactly as written, before any time zone is applied.
struct CalendarTime {
  int year = 1970;
  int month = 1;  // 1..12
  int day = 1;    // 1..31
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::int32_t nanosecond = 0;
  std::int32_t offset_s = 0;  // east of UTC; 0 where none is written
};

// Reads the forms that logs use: RFC 3339 and ISO 8601 ("2020-10-22T18:32:43.779Z", blank for T,
// comma for the point, offsets +02:00 and +0200, date alone), the common log format
// ("22/Oct/2020:18:32:43 +0000"), RFC 3164 ("Oct 22 18:32:43", needs `year`), and a plain number of
// seconds, milliseconds, microseconds or nanoseconds since 1970 (told apart by magnitude, fractions
// allowed). Nothing else, nothing around it.
std::optional<CalendarTime> parse_calendar_time(std::string_view text, int year = 1970);
std::optional<TimeNs> parse_time(std::string_view text, int year = 1970);

// 0 where the seconds since 1970 are out of range.
constexpr TimeNs time_of_seconds(std::int64_t seconds) {
  constexpr std::int64_t kSecondsMax = INT64_MAX / kNsPerSecond;
  return seconds < -kSecondsMax || seconds > kSecondsMax ? 0 : seconds * kNsPerSecond;
}
TimeNs to_time_ns(const CalendarTime& time);
CalendarTime to_calendar_time(TimeNs time);  // in UTC

// Days since 1970-01-01 of a proleptic Gregorian date.
std::int64_t days_from_civil(int year, int month, int day);
// ISO 8601 week number (1..53).
int iso_week(int year, int month, int day);

// "2020-10-22T18:32:43.779Z"; the fraction has 0, 3, 6 or 9 digits, as few as are exact.
std::string format_time(TimeNs time);

}  // namespace vedette
