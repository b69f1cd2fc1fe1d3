// SPDX-License-Identifier: Apache-2.0
#include "spool/sinks.h"

#include <unistd.h>

namespace vedette::spool {
namespace {

using Made = Result<std::unique_ptr<DeliverySink>>;
using Make = Made (*)(const SinkOptions&);

// By SinkKind.
constexpr auto kMakers = std::to_array<Make>({
    [](const SinkOptions&) -> Made { return make_stream_sink(STDOUT_FILENO, "standard output"); },
    [](const SinkOptions& options) { return make_file_sink(options.file); },
    [](const SinkOptions& options) { return make_syslog_sink(options.syslog); },
    [](const SinkOptions& options) { return make_http_sink(options.http); },
    [](const SinkOptions& options) { return make_otlp_sink(options.otlp); },
    [](const SinkOptions& options) { return make_kafka_sink(options.kafka); },
});
static_assert(kMakers.size() == kSinkKindNames.size());

}  // namespace

Result<std::unique_ptr<DeliverySink>> make_sink(const SinkOptions& options) {
  return kMakers[static_cast<std::size_t>(options.kind)](options);
}

}  // namespace vedette::spool
