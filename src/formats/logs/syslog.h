// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "event/field_writer.h"
#include "formats/logs/line_decoder.h"

namespace vedette::formats::logs {

// One syslog line: the fields of write_syslog() (syslog_header.h); where the message has a format
// of its own (CEF, LEEF, an audit record, Sysmon for Linux's XML), the fields of that; and of
// well-known messages of sshd, su, sudo and cron the fields that syslog_messages.h names. `written`
// tells the year of times without one; see readable_time().
Result<void> parse_syslog(std::string_view line, event::FieldWriter& writer, TimeNs written);

using SyslogDecoder = LineDecoder<parse_syslog>;

}  // namespace vedette::formats::logs
