// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "spool/delivery_sink.h"

namespace vedette::spool {

// Lines to an open descriptor, which stays the caller's (standard output). A record is done when
// all of its line was taken; a line that was taken in part is continued, not begun again. The
// process ignores SIGPIPE.
std::unique_ptr<DeliverySink> make_stream_sink(int descriptor, std::string name);

struct FileSinkOptions {
  std::string path;
  std::uint64_t bytes_max = std::uint64_t{100} << 20;  // of one file; at least one line is written
  std::uint32_t files_max = 5;                         // path, path.1 … path.4: the oldest goes
  bool sync = true;                                    // a record is done when it is on the disk

  bool operator==(const FileSinkOptions&) const = default;
};

// Lines to a file that is renamed when it is full. What a crash left of a line is cut off at the
// start; a full disk leaves whole lines.
Result<std::unique_ptr<DeliverySink>> make_file_sink(const FileSinkOptions& options);

enum class SyslogTransport : std::uint8_t { kUnix, kUdp, kTcp };
inline constexpr std::array<std::string_view, 3> kSyslogTransportNames = {"unix", "udp", "tcp"};

struct SyslogSinkOptions {
  SyslogTransport transport = SyslogTransport::kUnix;
  std::string address = "/dev/log";  // a path, or "host:port"
  std::string host;                  // HOSTNAME; "-" when empty
  int facility = 10;                 // authpriv
  std::int64_t timeout_ms = 5000;

  bool operator==(const SyslogSinkOptions&) const = default;
};

// RFC 5424, one message a record, its id as structured data; over TCP with octet counting (RFC 6587
// section 3.4.1). Syslog acknowledges nothing: a record is done when the kernel took it, so a
// receiver that dies loses what was on its way. A message too large for a datagram is refused.
Result<std::unique_ptr<DeliverySink>> make_syslog_sink(const SyslogSinkOptions& options);
std::string encode_syslog(const SyslogSinkOptions& options, std::string_view instance,
                          const Record& record);

}  // namespace vedette::spool
