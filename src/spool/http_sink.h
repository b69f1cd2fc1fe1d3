// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "http/client.h"
#include "spool/delivery_sink.h"

namespace vedette::spool {

struct HttpSinkOptions {
  http::ClientOptions http;
  bool gzip = false;
  bool resume = false;  // ask the receiver at start what it has

  bool operator==(const HttpSinkOptions&) const = default;
};

// Records as NDJSON in a POST. Headers: Vedette-Instance is the spool's, Vedette-First and
// Vedette-Last the sequences of the first and the last line; Vedette-Ids the sequences of all lines
// ("5-9,12"), so that each has its id. Any 2xx acknowledges all, unless its body is a JSON object
// whose "acknowledged" is the id of the last record that the receiver has. A POST without lines
// asks for that id (HttpSinkOptions::resume).
Result<std::unique_ptr<DeliverySink>> make_http_sink(const HttpSinkOptions& options);

// OTLP logs over HTTP with JSON (opentelemetry-proto, logs/v1); the URL usually ends in /v1/logs.
struct OtlpSinkOptions {
  http::ClientOptions http;
  bool gzip = false;
  std::string host;  // the resource's host.name

  bool operator==(const OtlpSinkOptions&) const = default;
};
Result<std::unique_ptr<DeliverySink>> make_otlp_sink(const OtlpSinkOptions& options);
std::string encode_otlp(std::string_view instance, std::string_view host,
                        std::span<const Record> records);

// What a status other than 2xx means for `count` records.
SendResult judge_status(const http::Response& response, std::string_view name, std::size_t count);

}  // namespace vedette::spool
