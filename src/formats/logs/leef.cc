// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/leef.h"

#include <array>

#include "formats/logs/field_text.h"
#include "formats/logs/syslog_header.h"

namespace vedette::formats::logs {
namespace {

constexpr auto kHeaderNames = std::to_array<std::string_view>(
    {"LeefVersion", "DeviceVendor", "DeviceProduct", "DeviceVersion", "EventID"});

// How rsyslog writes a tab that it received (its parser's escapeControlCharacterTab).
constexpr std::string_view kEscapedTab = "#011";

// The delimiter field of LEEF 2.0: one character, or its code as "x5E" or "0x5E"; empty is a tab.
// False when the text is no such field.
bool read_delimiter(std::string_view text, char& delimiter) {
  delimiter = '\t';
  if (text.empty() || text == "\\t") return true;
  if (text.size() == 1) {
    delimiter = text[0];
    return true;
  }
  if (text.starts_with('0')) text.remove_prefix(1);
  if (text.size() < 2 || text.size() > 5 || (text[0] != 'x' && text[0] != 'X')) return false;
  int code = 0;
  for (const char c : text.substr(1)) {
    const int digit = hex_digit(c);
    if (digit < 0) return false;
    code = code * 16 + digit;
  }
  delimiter = static_cast<char>(code);
  return code > 0 && code < 0x80;
}

void write_attribute(std::string_view attribute, event::FieldWriter& writer) {
  const std::size_t equals = find_or_end(attribute, '=');
  const std::string_view key = trim(attribute.substr(0, equals));
  if (equals == attribute.size() || key.empty()) return;
  const std::string_view value = trim(attribute.substr(equals + 1));
  writer.put(key, value, kind_of_number(value));
  if (key != "devTime") return;
  const std::string_view time = readable_time(value, writer.arena());
  if (!time.empty()) writer.put("EventTime", time);
}

void write_attributes(std::string_view text, std::string_view delimiter,
                      event::FieldWriter& writer) {
  while (!text.empty()) {
    const std::size_t end = text.find(delimiter);
    write_attribute(text.substr(0, end), writer);
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + delimiter.size());
  }
}

}  // namespace

Result<void> parse_leef_message(std::string_view message, event::FieldWriter& writer) {
  constexpr std::string_view kMark = "LEEF:";
  if (!message.starts_with(kMark)) {
    return failure(ErrorCode::kInvalid, "expected a LEEF record, LEEF:2.0|vendor|product|…");
  }
  std::string_view rest = message.substr(kMark.size());
  const bool second = rest.starts_with('2');
  std::array<std::string_view, kHeaderNames.size()> fields;
  for (std::string_view& field : fields) {
    const bool last = &field == &fields.back();
    if (!last && find_or_end(rest, '|') == rest.size()) {
      return failure(ErrorCode::kTruncated,
                     "the LEEF header ends before its fifth field; expected "
                     "LEEF:version|vendor|product|version|id|");
    }
    field = trim(take_until(rest, '|'));
  }
  for (std::size_t i = 0; i < fields.size(); ++i) writer.put(kHeaderNames[i], fields[i]);
  char delimiter = '\t';
  if (second) {
    // Some senders of 2.0 leave the delimiter's field out.
    std::string_view attributes = rest;
    if (read_delimiter(take_until(attributes, '|'), delimiter)) {
      rest = attributes;
    } else {
      delimiter = '\t';
    }
  }
  std::string_view separator(&delimiter, 1);
  if (delimiter == '\t' && find_or_end(rest, '\t') == rest.size()) separator = kEscapedTab;
  write_attributes(rest, separator, writer);
  return {};
}

Result<void> parse_leef(std::string_view line, event::FieldWriter& writer) {
  const std::size_t start = line.find("LEEF:");
  if (start == std::string_view::npos) {
    return failure(ErrorCode::kInvalid, "expected a LEEF record, LEEF:2.0|vendor|product|…");
  }
  if (start != 0) {
    // Some senders put words of their own before the record; those cost nothing but themselves.
    if (const auto header = split_syslog(line)) write_syslog(*header, writer, 0);
  }
  return parse_leef_message(line.substr(start), writer);
}

}  // namespace vedette::formats::logs
