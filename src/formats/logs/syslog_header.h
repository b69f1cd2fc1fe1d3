// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "base/time.h"
#include "event/field_writer.h"

// The head of a syslog line, apart from what its message says: RFC 5424, and what is written under
// the name of RFC 3164 (with or without PRI; times of that RFC, with a year, with a fraction, as
// ISO 8601, as Cisco devices write them).
namespace vedette::formats::logs {

struct SyslogHeader {
  int priority = -1;           // facility * 8 + severity; -1: none written
  bool is_5424 = false;        // else RFC 3164
  std::string_view timestamp;  // as written; all texts are empty where absent or "-"
  std::string_view host;
  std::string_view program;
  std::string_view pid;
  std::string_view message_id;
  std::string_view structured_data;  // RFC 5424: "[id name="value" …]…"
  std::string_view message;
};

// ErrorCode::kInvalid when the line begins with neither a PRI nor a time.
Result<SyslogHeader> split_syslog(std::string_view line);

// Writes the fields of the head: timestamp, EventTime (see readable_time(); `written` is 0 or when
// the log was last written to), hostname, host, program, process, app_name, pid, msgid, message;
// priority, facility and severity (names of RFC 5424 table 1 and 2 as syslog.conf abbreviates them)
// with facility_code and severity_code; each PARAM of structured data as PARAM and sd.ID.PARAM.
void write_syslog(const SyslogHeader& header, event::FieldWriter& writer, TimeNs written);

}  // namespace vedette::formats::logs
