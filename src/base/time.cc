// SPDX-License-Identifier: Apache-2.0
#include "base/time.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <fmt/format.h>

namespace vedette {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// A cursor over the text; every step says whether it matched.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool digits(std::size_t count, int& value) {
    if (text_.size() - at_ < count) return false;
    int sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const char c = text_[at_ + i];
      if (c < '0' || c > '9') return false;
      sum = sum * 10 + (c - '0');
    }
    at_ += count;
    value = sum;
    return true;
  }
  bool one_of(std::string_view set) {
    if (at_ >= text_.size() || set.find(text_[at_]) == std::string_view::npos) return false;
    ++at_;
    return true;
  }
  bool month_name(int& month) {
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
      if (text_.substr(at_, 3) == kMonths[i]) {
        at_ += 3;
        month = static_cast<int>(i) + 1;
        return true;
      }
    }
    return false;
  }
  // Up to nine digits count; further ones are read and dropped.
  bool fraction(std::int32_t& nanosecond) {
    std::int32_t value = 0;
    int count = 0;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
      if (count < 9) value = value * 10 + (text_[at_] - '0');
      ++count;
      ++at_;
    }
    for (int i = count; i < 9; ++i) value *= 10;
    nanosecond = value;
    return count > 0;
  }
  char last() const { return at_ > 0 ? text_[at_ - 1] : '\0'; }
  bool done() const { return at_ == text_.size(); }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

bool read_clock(Reader& reader, CalendarTime& time) {
  if (!reader.digits(2, time.hour) || !reader.one_of(":") || !reader.digits(2, time.minute))
    return false;
  if (reader.one_of(":")) {
    if (!reader.digits(2, time.second)) return false;
    if (reader.one_of(".,") && !reader.fraction(time.nanosecond)) return false;
  }
  return true;
}

// "Z", "+02:00", "+0200", "+02", " UTC"; nothing at all is taken as UTC.
bool read_offset(Reader& reader, CalendarTime& time) {
  reader.one_of(" ");
  if (reader.done() || reader.one_of("Zz")) return reader.done();
  if (reader.one_of("U")) return reader.one_of("T") && reader.one_of("C") && reader.done();
  if (!reader.one_of("+-")) return false;
  const int sign = reader.last() == '-' ? -1 : 1;
  int hours = 0;
  int minutes = 0;
  if (!reader.digits(2, hours)) return false;
  reader.one_of(":");
  if (!reader.done() && !reader.digits(2, minutes)) return false;
  time.offset_s = sign * (hours * 3600 + minutes * 60);
  return reader.done();
}

bool in_range(const CalendarTime& t) {
  return t.year >= 1678 && t.year <= 2261 && t.month >= 1 && t.month <= 12 && t.day >= 1 &&
         t.day <= 31 && t.hour <= 24 && t.minute <= 59 && t.second <= 60;
}

bool read_iso(Reader reader, CalendarTime& time) {
  if (!reader.digits(4, time.year) || !reader.one_of("-/")) return false;
  if (!reader.digits(2, time.month) || !reader.one_of("-/") || !reader.digits(2, time.day))
    return false;
  if (reader.done()) return true;
  return reader.one_of("Tt ") && read_clock(reader, time) && read_offset(reader, time);
}

bool read_common_log(Reader reader, CalendarTime& time) {
  return reader.digits(2, time.day) && reader.one_of("/") && reader.month_name(time.month) &&
         reader.one_of("/") && reader.digits(4, time.year) && reader.one_of(":") &&
         read_clock(reader, time) && read_offset(reader, time);
}

bool read_rfc3164(Reader reader, CalendarTime& time) {
  if (!reader.month_name(time.month) || !reader.one_of(" ")) return false;
  const bool padded = reader.one_of(" ");
  if (!reader.digits(padded ? 1 : 2, time.day) || !reader.one_of(" ")) return false;
  return read_clock(reader, time) && reader.done();
}

std::optional<TimeNs> read_epoch(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  if (whole.empty() || whole.size() > 19) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), value);
  if (error != std::errc() || end != whole.data() + whole.size() || value < 0) return std::nullopt;
  TimeNs unit = 1;
  if (value < 100'000'000'000) {
    unit = kNsPerSecond;
  } else if (value < 100'000'000'000'000) {
    unit = 1'000'000;
  } else if (value < 100'000'000'000'000'000) {
    unit = 1'000;
  }
  if (value > INT64_MAX / unit) return std::nullopt;
  TimeNs time = value * unit;
  if (point != std::string_view::npos) {
    Reader reader(text.substr(point + 1));
    std::int32_t fraction = 0;
    if (!reader.fraction(fraction) || !reader.done()) return std::nullopt;
    time += fraction / (kNsPerSecond / unit);
  }
  return time;
}

}  // namespace

std::optional<CalendarTime> parse_calendar_time(std::string_view text, int year) {
  CalendarTime time;
  if (read_iso(Reader(text), time) && in_range(time)) return time;
  time = {};
  if (read_common_log(Reader(text), time) && in_range(time)) return time;
  time = {};
  time.year = year;
  if (read_rfc3164(Reader(text), time) && in_range(time)) return time;
  if (const auto epoch = read_epoch(text)) return to_calendar_time(*epoch);
  return std::nullopt;
}

std::optional<TimeNs> parse_time(std::string_view text, int year) {
  if (const auto time = parse_calendar_time(text, year)) return to_time_ns(*time);
  return std::nullopt;
}

// Howard Hinnant's civil calendar algorithms: eras of 400 years that begin on 1 March.
std::int64_t days_from_civil(int year, int month, int day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

TimeNs to_time_ns(const CalendarTime& time) {
  const std::int64_t seconds = days_from_civil(time.year, time.month, time.day) * 86400 +
                               time.hour * 3600 + time.minute * 60 + time.second - time.offset_s;
  return seconds * kNsPerSecond + time.nanosecond;
}

CalendarTime to_calendar_time(TimeNs time) {
  constexpr TimeNs kNsPerDay = 86400 * kNsPerSecond;
  std::int64_t days = time / kNsPerDay;
  TimeNs rest = time % kNsPerDay;
  if (rest < 0) {
    rest += kNsPerDay;
    --days;
  }
  const std::int64_t z = days + 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const std::int64_t day_of_era = z - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_index = (5 * day_of_year + 2) / 153;
  CalendarTime out;
  out.day = static_cast<int>(day_of_year - (153 * month_index + 2) / 5 + 1);
  out.month = static_cast<int>(month_index < 10 ? month_index + 3 : month_index - 9);
  out.year = static_cast<int>(year_of_era + era * 400 + (out.month <= 2 ? 1 : 0));
  const auto seconds = static_cast<int>(rest / kNsPerSecond);
  out.hour = seconds / 3600;
  out.minute = seconds / 60 % 60;
  out.second = seconds % 60;
  out.nanosecond = static_cast<std::int32_t>(rest % kNsPerSecond);
  return out;
}

int iso_week(int year, int month, int day) {
  const std::int64_t days = days_from_civil(year, month, day);
  const auto weekday = [](std::int64_t d) { return ((d + 3) % 7 + 7) % 7; };  // Monday = 0
  // A week belongs to the year that holds its Thursday.
  const std::int64_t thursday = days - weekday(days) + 3;
  const CalendarTime of = to_calendar_time(thursday * 86400 * kNsPerSecond);
  return static_cast<int>((thursday - days_from_civil(of.year, 1, 1)) / 7) + 1;
}

std::string format_time(TimeNs time) {
  const CalendarTime t = to_calendar_time(time);
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", t.year, t.month, t.day,
                                 t.hour, t.minute, t.second);
  if (t.nanosecond % 1'000'000 == 0) {
    if (t.nanosecond != 0) text += fmt::format(".{:03}", t.nanosecond / 1'000'000);
  } else if (t.nanosecond % 1'000 == 0) {
    text += fmt::format(".{:06}", t.nanosecond / 1'000);
  } else {
    text += fmt::format(".{:09}", t.nanosecond);
  }
  return text + "Z";
}

}  // namespace vedette
