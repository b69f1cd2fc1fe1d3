// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/syslog.h"

#include <array>

#include "formats/logs/auditd_fields.h"
#include "formats/logs/cef.h"
#include "formats/logs/leef.h"
#include "formats/logs/syslog_header.h"
#include "formats/logs/syslog_messages.h"
#include "formats/logs/windows_xml.h"

namespace vedette::formats::logs {
namespace {

// What audispd's syslog plugin and the kernel write: one record of an audit event, which stays
// alone because the others of its event are lines of their own.
Result<void> parse_audit_message(std::string_view message, event::FieldWriter& writer) {
  constexpr std::size_t kValuesMax = 4096;  // of one record; a line holds fewer
  if (message.starts_with("audit: ")) message.remove_prefix(7);
  const auto record = split_audit_record(message);
  if (!record) return {};
  AuditFields fields(kValuesMax);
  fields.start(writer, record->type == "EXECVE");
  fields.add(*record);
  return fields.finish();
}

struct MessageRow {
  std::string_view prefix;
  Result<void> (*parse)(std::string_view message, event::FieldWriter& writer);
};
// Messages that are records of another format, told by how they begin. A message that its parser
// refuses keeps the fields of its syslog head. Whoever adds a format that travels in syslog adds
// its row here.
constexpr auto kMessageFormats = std::to_array<MessageRow>({
    {"CEF:", parse_cef_message},
    {"LEEF:", parse_leef_message},
    {"type=", parse_audit_message},
    {"node=", parse_audit_message},
    {"audit: type=", parse_audit_message},
    {"<Event>", parse_windows_xml},  // Sysmon for Linux
    {"<Event ", parse_windows_xml},
});

// "[   12.345678] audit: …": the kernel's own clock stands before the message.
std::string_view without_kernel_clock(const SyslogHeader& header) {
  if (header.program != "kernel" || !header.message.starts_with('[')) return header.message;
  const std::size_t close = header.message.find("] ");
  return close == std::string_view::npos ? header.message : header.message.substr(close + 2);
}

}  // namespace

Result<void> parse_syslog(std::string_view line, event::FieldWriter& writer, TimeNs written) {
  TRY(const SyslogHeader header, split_syslog(line));
  write_syslog(header, writer, written);
  const std::string_view message = without_kernel_clock(header);
  for (const MessageRow& row : kMessageFormats) {
    if (!message.starts_with(row.prefix)) continue;
    static_cast<void>(row.parse(message, writer));
    return {};
  }
  write_known_message(header.program, header.message, writer);
  return {};
}

}  // namespace vedette::formats::logs
