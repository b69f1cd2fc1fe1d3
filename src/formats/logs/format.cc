// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/format.h"

#include <algorithm>
#include <array>

#include "formats/kernel/capture.h"
#include "formats/logs/auditd_record.h"
#include "formats/logs/field_text.h"
#include "formats/logs/syslog_header.h"

namespace vedette::formats::logs {
namespace {

using event::RecordFormat;

std::string_view without_bom(std::string_view head) {
  return head.starts_with("\xEF\xBB\xBF") ? head.substr(3) : head;
}

// From the first byte that is no white space on, byte order mark apart.
std::string_view content(std::string_view head) {
  head = without_bom(head);
  return head.substr(std::min(head.find_first_not_of(" \t\r\n"), head.size()));
}

std::string_view first_line(std::string_view head) {
  const std::string_view text = content(head);
  std::string_view line = text.substr(0, find_or_end(text, '\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// The first line that `wanted` holds for among the first few: a log may begin with a comment, a
// continuation or a line that was cut off by rotation.
bool some_line(std::string_view head, bool (*wanted)(std::string_view line)) {
  constexpr int kLinesMax = 5;
  std::string_view rest = content(head);
  for (int i = 0; i < kLinesMax && !rest.empty(); ++i) {
    std::string_view line = take_until(rest, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (wanted(line)) return true;
  }
  return false;
}

// The size of the object or array that `text` begins with, 0 when it does not end within.
std::size_t json_value_size(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) i += text[i] == '\\' ? 1 : 0;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth <= 1) return depth == 1 ? i + 1 : 0;
      --depth;
    }
  }
  return 0;
}

// {"Records":[ …: an object that only wraps the records (AWS CloudTrail, Azure diagnostics).
bool is_wrapper(std::string_view object) {
  const auto skip = [&object](std::string_view mark) {
    if (!object.starts_with(mark)) return false;
    object = content(object.substr(mark.size()));
    return true;
  };
  return skip("{") && (skip("\"Records\"") || skip("\"records\"")) && skip(":") && skip("[");
}

bool is_json(std::string_view head) {
  const std::string_view text = content(head);
  if (!text.starts_with('{') && !text.starts_with('[')) return false;
  // "[192.0.2.1] …" and the like are not JSON: behind the bracket stands a value or its end.
  const std::string_view inside = content(text.substr(1));
  if (inside.empty()) return true;
  return text.starts_with('{')
             ? inside.starts_with('"') || inside.starts_with('}')
             : std::string_view("{[\"]").find(inside.front()) != std::string_view::npos;
}

bool is_json_lines(std::string_view head) {
  const std::string_view line = first_line(head);
  if (!line.starts_with('{') || !is_json(line) || is_wrapper(line)) return false;
  const std::size_t size = json_value_size(line);
  return size != 0 && trim(line.substr(size)).empty();
}

bool is_evtx(std::string_view head) {
  constexpr std::string_view kMagic("ElfFile\0", 8);
  return head.starts_with(kMagic);
}

// The ASCII text at the front of UTF-16, as far as it is ASCII; enough to see how it begins.
struct NarrowHead {
  std::array<char, 256> bytes{};
  std::size_t size = 0;
};

NarrowHead narrow(std::string_view head) {
  NarrowHead result;
  const bool big = head.starts_with("\xFE\xFF");
  if (!big && !head.starts_with("\xFF\xFE")) return result;
  for (std::size_t i = 2; i + 1 < head.size() && result.size < result.bytes.size(); i += 2) {
    if (head[i + (big ? 0 : 1)] != '\0') break;
    result.bytes[result.size++] = head[i + (big ? 1 : 0)];
  }
  return result;
}

bool begins_like_xml(std::string_view text) {
  text = content(text);
  return text.starts_with("<Event ") || text.starts_with("<Event>") ||
         text.starts_with("<Events") || text.starts_with("<?xml");
}

bool is_windows_xml(std::string_view head) {
  const NarrowHead wide = narrow(head);
  return begins_like_xml(wide.size != 0 ? std::string_view(wide.bytes.data(), wide.size) : head);
}

bool is_zeek(std::string_view head) {
  const std::string_view text = content(head);
  return text.starts_with("#separator ") || text.starts_with("#fields\t");
}

bool is_auditd(std::string_view head) {
  return some_line(head,
                   [](std::string_view line) { return split_audit_record(line).has_value(); });
}

bool is_syslog_line(std::string_view line) { return split_syslog(line).has_value(); }

// A record of CEF or LEEF at the front of a line, or behind words that are no syslog head. Behind a
// syslog head the line is syslog, whose decoder reads such messages too and others beside them.
bool holds_record_of(std::string_view line, std::string_view mark) {
  const std::size_t at = line.find(mark);
  if (at == std::string_view::npos) return false;
  const std::size_t version = at + mark.size();
  const bool has_version = version < line.size() && is_digit(line[version]) &&
                           line.find('|', version) != std::string_view::npos;
  return has_version && (at == 0 || !is_syslog_line(line));
}

bool is_cef(std::string_view head) {
  return some_line(head, [](std::string_view line) { return holds_record_of(line, "CEF:"); });
}

bool is_leef(std::string_view head) {
  return some_line(head, [](std::string_view line) { return holds_record_of(line, "LEEF:"); });
}

// … [22/Oct/2020:18:32:43 +0000] "
bool is_web_access_line(std::string_view line) {
  const std::size_t end = line.find("] \"");
  if (end == std::string_view::npos) return false;
  const std::size_t start = line.rfind('[', end);
  if (start == std::string_view::npos || start == 0) return false;
  const std::string_view time = line.substr(start + 1, end - start - 1);
  return time.size() >= 20 && time[2] == '/' && parse_time(time).has_value();
}

bool is_web_access(std::string_view head) { return some_line(head, is_web_access_line); }

// A comment first is none of syslog's: W3C extended logs, whose lines begin with a time too.
bool is_syslog(std::string_view head) {
  return !content(head).starts_with('#') && some_line(head, is_syslog_line);
}

// In the order of asking: what has a magic number or one opening character first, what is told by
// the looks of a line last.
constexpr auto kFormats = std::to_array<FormatRow>({
    {RecordFormat::kEvtx, "evtx", "Windows event log files (.evtx)", is_evtx},
    {RecordFormat::kKernel, "capture", "kernel events that vedette watch --record wrote",
     kernel::is_capture},
    {RecordFormat::kWindowsXml, "windows-xml", "Windows events as XML, UTF-8 or UTF-16",
     is_windows_xml},
    {RecordFormat::kJsonLines, "json-lines", "one JSON object a line", is_json_lines},
    {RecordFormat::kJson, "json",
     "JSON objects in any layout: pretty-printed, in an array, in {\"Records\": […]}", is_json},
    {RecordFormat::kZeekTsv, "zeek", "Zeek logs, tab-separated", is_zeek},
    {RecordFormat::kAuditd, "auditd", "Linux audit logs: raw, enriched, or as ausearch prints them",
     is_auditd},
    {RecordFormat::kCef, "cef", "ArcSight Common Event Format", is_cef},
    {RecordFormat::kLeef, "leef", "QRadar Log Event Extended Format, 1.0 and 2.0", is_leef},
    {RecordFormat::kWebAccess, "web-access",
     "access logs of web servers, common or combined format", is_web_access},
    {RecordFormat::kSyslog, "syslog", "syslog, RFC 5424 and RFC 3164", is_syslog},
});

}  // namespace

std::span<const FormatRow> formats() { return kFormats; }

RecordFormat detect_format(std::string_view head) {
  for (const FormatRow& row : kFormats) {
    if (row.matches(head)) return row.format;
  }
  return RecordFormat::kUnknown;
}

std::optional<RecordFormat> format_by_name(std::string_view name) {
  for (const FormatRow& row : kFormats) {
    if (row.name == name) return row.format;
  }
  return std::nullopt;
}

std::string_view to_string(RecordFormat format) {
  for (const FormatRow& row : kFormats) {
    if (row.format == format) return row.name;
  }
  return "unknown";
}

}  // namespace vedette::formats::logs
