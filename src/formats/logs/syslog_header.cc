// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/syslog_header.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "formats/logs/field_text.h"

namespace vedette::formats::logs {
namespace {

constexpr std::array<std::string_view, 24> kFacilities = {
    "kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
    "uucp",   "cron",   "authpriv", "ftp",    "ntp",    "audit",  "alert",  "clock",
    "local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7"};
constexpr std::array<std::string_view, 8> kSeverities = {"emerg",   "alert",  "crit", "err",
                                                         "warning", "notice", "info", "debug"};
// The codes as text, so that no number has to be written for an event.
constexpr std::array<std::string_view, 24> kCodes = {
    "0",  "1",  "2",  "3",  "4",  "5",  "6",  "7",  "8",  "9",  "10", "11",
    "12", "13", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool is_month(std::string_view word) {
  return std::find(kMonths.begin(), kMonths.end(), word) != kMonths.end();
}

bool is_number(std::string_view word, std::size_t digits_max) {
  return !word.empty() && word.size() <= digits_max &&
         std::all_of(word.begin(), word.end(), is_digit);
}

bool is_clock(std::string_view word) {
  return word.size() >= 5 && is_digit(word[0]) && word.find(':') != std::string_view::npos;
}

// "<34>": takes it off and returns the number, or -1.
int take_priority(std::string_view& text) {
  constexpr int kHighest = 191;  // RFC 5424 section 6.2.1
  if (!text.starts_with('<')) return -1;
  const std::size_t close = text.substr(0, 5).find('>');
  if (close == std::string_view::npos || !is_number(text.substr(1, close - 1), 3)) return -1;
  int value = 0;
  for (const char c : text.substr(1, close - 1)) value = value * 10 + (c - '0');
  if (value > kHighest) return -1;
  text.remove_prefix(close + 1);
  return value;
}

// The next word and the blanks before it.
std::string_view take_word(std::string_view& text) {
  const std::size_t start = std::min(text.find_first_not_of(' '), text.size());
  text.remove_prefix(start);
  return take_until(text, ' ');
}

bool is_iso_time(std::string_view word) {
  return word.size() >= 19 && is_digit(word[0]) && word[4] == '-' && word[7] == '-' &&
         (word[10] == 'T' || word[10] == 't');
}

// Takes the time off `text`; empty when it begins with none. Forms: ISO 8601 in one word or two,
// "Nov 14 22:13:20", "Nov 14 2023 22:13:20", "2023 Nov 14 22:13:20", "Nov 14 22:13:20 2023", each
// with a fraction, and Cisco's "*Nov 14 22:13:20.123: ".
std::string_view take_time(std::string_view& text) {
  std::string_view rest = text;
  if (rest.starts_with('*') || rest.starts_with('.')) rest.remove_prefix(1);
  const char* const start = rest.data();
  std::string_view word = take_word(rest);
  if (is_iso_time(word)) {
    text = rest;
    return word;
  }
  if (word.size() == 10 && word[4] == '-' && word[7] == '-' && is_digit(word[0])) {
    word = take_word(rest);
  } else {
    if (word.size() == 4 && is_number(word, 4)) word = take_word(rest);
    if (!is_month(word) || !is_number(take_word(rest), 2)) return {};
    word = take_word(rest);
    if (word.size() == 4 && is_number(word, 4)) word = take_word(rest);
  }
  if (!is_clock(word)) return {};
  if (word.ends_with(':')) word.remove_suffix(1);
  text = rest;
  const char* end = word.data() + word.size();
  const std::string_view year = rest.substr(0, find_or_end(rest, ' '));
  if (year.size() == 4 && is_number(year, 4) &&
      (year.starts_with("19") || year.starts_with("20"))) {
    take_until(text, ' ');
    end = year.data() + year.size();
  }
  return {start, static_cast<std::size_t>(end - start)};
}

bool is_tag_char(char c) {
  return is_letter(c) || is_digit(c) ||
         std::string_view("_-./@%+()#").find(c) != std::string_view::npos;
}

// RFC 3164 section 4.1.3: "program[pid]: text". Where no such tag stands, all is message.
void take_tag(std::string_view text, SyslogHeader& header) {
  constexpr std::size_t kTagMax = 128;
  header.message = text;
  std::size_t end = 0;
  while (end < text.size() && end < kTagMax && is_tag_char(text[end])) ++end;
  if (end == 0 || end == text.size()) return;
  const std::string_view program = text.substr(0, end);
  std::string_view pid;
  if (text[end] == '[') {
    const std::size_t close = text.find(']', end);
    if (close == std::string_view::npos || close - end > kTagMax) return;
    pid = text.substr(end + 1, close - end - 1);
    end = close + 1;
  }
  if (end >= text.size() || text[end] != ':') return;
  header.program = program;
  header.pid = pid;
  header.message = text.substr(end + 1);
  if (header.message.starts_with(' ')) header.message.remove_prefix(1);
}

// A message that begins with the name of its own format has no tag, though it looks like one.
bool has_own_format(std::string_view text) {
  return text.starts_with("CEF:") || text.starts_with("LEEF:");
}

// Cisco devices name the zone of their clock: "*Mar  1 18:48:50.483 UTC: %SYS-5-CONFIG_I: …".
std::string_view behind_zone(std::string_view text) {
  constexpr std::size_t kZoneMax = 5;
  const std::size_t end = text.substr(0, kZoneMax + 3).find(": %");
  if (end == 0 || end == std::string_view::npos || end > kZoneMax) return text;
  const bool is_zone = std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end),
                                   [](char c) { return c >= 'A' && c <= 'Z'; });
  return is_zone ? text.substr(end + 2) : text;
}

bool split_3164(std::string_view text, SyslogHeader& header) {
  // Cisco devices number their lines: "<189>29: *Nov 14 …".
  std::string_view numbered = text;
  const std::string_view number = take_until(numbered, ':');
  if (is_number(number, 10) && numbered.starts_with(' ')) text = numbered.substr(1);
  header.timestamp = take_time(text);
  if (header.timestamp.empty()) {
    if (header.priority < 0) return false;
    if (has_own_format(text)) {
      header.message = text;
    } else {
      take_tag(text, header);
    }
    return true;
  }
  text = behind_zone(text);
  std::string_view rest = text;
  const std::string_view host = take_word(rest);
  const bool is_tag = host.ends_with(':') || (host.ends_with(']') && host.find('[') < host.size());
  if (!has_own_format(host) && !is_tag) {
    header.host = host;
    text = rest;
  }
  text = text.substr(std::min(text.find_first_not_of(' '), text.size()));
  if (has_own_format(text)) {
    header.message = text;
  } else {
    take_tag(text, header);
  }
  return true;
}

std::string_view unless_nil(std::string_view word) {
  return word == "-" ? std::string_view() : word;
}

// "[id a="b" c="d"][id2]": returns its size, 0 when it is malformed.
std::size_t structured_data_size(std::string_view text) {
  bool in_quotes = false;
  bool in_element = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_quotes && c == '\\') {
      ++i;
    } else if (c == '"' && in_element) {
      in_quotes = !in_quotes;
    } else if (in_quotes) {
      continue;
    } else if (c == '[' && !in_element) {
      in_element = true;
    } else if (c == ']' && in_element) {
      in_element = false;
    } else if (!in_element) {
      return c == ' ' ? i : 0;
    }
  }
  return in_element ? 0 : text.size();
}

// Behind "<PRI>1 ".
bool split_5424(std::string_view text, SyslogHeader& header) {
  header.is_5424 = true;
  header.timestamp = unless_nil(take_until(text, ' '));
  if (!header.timestamp.empty() && !is_iso_time(header.timestamp)) return false;
  header.host = unless_nil(take_until(text, ' '));
  header.program = unless_nil(take_until(text, ' '));
  header.pid = unless_nil(take_until(text, ' '));
  header.message_id = unless_nil(take_until(text, ' '));
  if (text.starts_with('[')) {
    const std::size_t size = structured_data_size(text);
    header.structured_data = text.substr(0, size);
    text.remove_prefix(size);
  } else if (text.starts_with('-')) {
    text.remove_prefix(1);
  }
  if (text.starts_with(' ')) text.remove_prefix(1);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  header.message = text;
  return true;
}

// RFC 5424 section 6.3.3: a backslash before '"', '\' and ']'.
std::string_view unescape_parameter(std::string_view text, Arena& arena) {
  if (find_or_end(text, '\\') == text.size()) return text;
  char* const start = arena.allocate(text.size());
  char* out = start;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escapes = text[i] == '\\' && i + 1 < text.size() &&
                         std::string_view("\"\\]").find(text[i + 1]) != std::string_view::npos;
    if (escapes) ++i;
    *out++ = text[i];
  }
  return {start, static_cast<std::size_t>(out - start)};
}

void write_parameter(std::string_view id, std::string_view name, std::string_view value,
                     event::FieldWriter& writer) {
  const std::string_view text = unescape_parameter(value, writer.arena());
  writer.append(name, event::plain(text));
  const std::size_t size = id.size() + name.size() + 4;
  char* const path = writer.arena().allocate(size);
  char* out = path;
  for (const std::string_view part : {std::string_view("sd."), id, std::string_view("."), name}) {
    out = std::copy(part.begin(), part.end(), out);
  }
  writer.append({path, size}, event::plain(text));
}

void write_structured_data(std::string_view text, event::FieldWriter& writer) {
  constexpr int kParametersMax = 4096;
  int count = 0;
  while (text.starts_with('[')) {
    text.remove_prefix(1);
    const std::size_t id_end = std::min(text.find_first_of(" ]"), text.size());
    const std::string_view id = text.substr(0, id_end);
    text.remove_prefix(id_end);
    while (text.starts_with(' ')) {
      text.remove_prefix(1);
      const std::size_t equals = text.find("=\"");
      if (equals == std::string_view::npos) return;
      const std::string_view name = text.substr(0, equals);
      std::size_t end = equals + 2;
      while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
      if (end >= text.size() || ++count > kParametersMax) return;
      write_parameter(id, name, text.substr(equals + 2, end - equals - 2), writer);
      text.remove_prefix(end + 1);
    }
    if (!text.starts_with(']')) return;
    text.remove_prefix(1);
  }
}

}  // namespace

Result<SyslogHeader> split_syslog(std::string_view line) {
  SyslogHeader header;
  std::string_view text = line;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  header.priority = take_priority(text);
  if (header.priority >= 0 && text.starts_with("1 ")) {
    if (split_5424(text.substr(2), header)) return header;
    header = {};
  } else if (split_3164(text, header)) {
    return header;
  }
  return failure(ErrorCode::kInvalid,
                 "expected a syslog line, <PRI>1 … or a time such as \"Nov 14 22:13:20\" first");
}

void write_syslog(const SyslogHeader& header, event::FieldWriter& writer, TimeNs written) {
  if (header.priority >= 0) {
    const auto facility = static_cast<std::size_t>(header.priority) / 8;
    const auto severity = static_cast<std::size_t>(header.priority) % 8;
    writer.put("facility", kFacilities[facility]);
    writer.put("severity", kSeverities[severity]);
    writer.put("facility_code", kCodes[facility], event::Kind::kNumber);
    writer.put("severity_code", kCodes[severity], event::Kind::kNumber);
  }
  const auto put = [&writer](std::string_view text, auto... names) {
    if (!text.empty()) (writer.put(names, text), ...);
  };
  put(header.timestamp, "timestamp");
  if (!header.timestamp.empty() && writer.wants("EventTime")) {
    put(readable_time(header.timestamp, writer.arena(), written), "EventTime");
  }
  put(header.host, "hostname", "host");
  put(header.program, "program", "process", "app_name");
  if (!header.pid.empty()) writer.put("pid", header.pid, kind_of_number(header.pid));
  put(header.message_id, "msgid");
  write_structured_data(header.structured_data, writer);
  put(header.message, "message");
}

}  // namespace vedette::formats::logs
