// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "spool/delivery_sink.h"
#include "spool/http_sink.h"
#include "spool/kafka_sink.h"
#include "spool/local_sinks.h"

namespace vedette::spool {

// The kinds of sinks; the table in sinks.cc makes each.
enum class SinkKind : std::uint8_t { kStdout, kFile, kSyslog, kHttp, kOtlp, kKafka };
inline constexpr std::array<std::string_view, 6> kSinkKindNames = {"stdout", "file", "syslog",
                                                                   "http",   "otlp", "kafka"};

// What one sink is to do; only the member of its kind is looked at.
struct SinkOptions {
  SinkKind kind = SinkKind::kStdout;
  FileSinkOptions file;
  SyslogSinkOptions syslog;
  HttpSinkOptions http;
  OtlpSinkOptions otlp;
  KafkaSinkOptions kafka;

  bool operator==(const SinkOptions&) const = default;
};

// Checks the options; connects to nothing.
Result<std::unique_ptr<DeliverySink>> make_sink(const SinkOptions& options);

}  // namespace vedette::spool
