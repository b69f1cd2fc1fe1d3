// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <fmt/format.h>
#include <utility>

#include "base/json_writer.h"
#include "formats/yaml/yaml.h"
#include "spool/http_sink.h"

namespace vedette::spool {
namespace {

// SeverityNumber of opentelemetry-proto: INFO 9, INFO3 11, WARN 13, ERROR 17, FATAL 21.
constexpr std::array<int, 5> kSeverities = {9, 11, 13, 17, 21};

void attribute(JsonWriter& json, std::string_view key, std::string_view value) {
  json.begin_object().key("key").string(key).key("value").begin_object();
  json.key("stringValue").string(value).end_object().end_object();
}

// ExportLogsPartialSuccess::rejected_log_records of a 2xx; these are not to be sent again.
std::size_t rejected_count(std::string_view body) {
  if (body.find("partialSuccess") == std::string_view::npos) return 0;
  const auto document = formats::yaml::Document::parse(body, {});
  if (!document.has_value() || document->roots().empty()) return 0;
  const formats::yaml::Node* const partial = document->roots()[0]->find("partialSuccess");
  const formats::yaml::Node* const count =
      partial == nullptr ? nullptr : partial->find("rejectedLogRecords");
  std::size_t number = 0;
  if (count != nullptr) {
    std::from_chars(count->text.data(), count->text.data() + count->text.size(), number);
  }
  return number;
}

class OtlpSink final : public DeliverySink {
 public:
  OtlpSink(const OtlpSinkOptions& options, http::Client client)
      : options_(options), name_("otlp " + options.http.url), client_(std::move(client)) {}

  std::string_view name() const override { return name_; }

  SendResult send(std::string_view instance, std::span<const Record> records) override {
    std::string body = encode_otlp(instance, options_.host, records);
    std::vector<std::string> headers = {"Content-Type: application/json"};
    if (options_.gzip) {
      headers.emplace_back("Content-Encoding: gzip");
      body = http::gzip_body(body);
    }
    const Result<http::Response> response = client_.post(headers, body);
    if (!response.has_value()) return SendResult::failed(0, response.error());
    if (response->status / 100 != 2) return judge_status(*response, name_, records.size());
    SendResult result = SendResult::all(records.size());
    result.refused = std::min(rejected_count(response->body), records.size());
    return result;
  }

 private:
  OtlpSinkOptions options_;
  std::string name_;
  http::Client client_;
};

}  // namespace

std::string encode_otlp(std::string_view instance, std::string_view host,
                        std::span<const Record> records) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("resourceLogs").begin_array().begin_object();
  json.key("resource").begin_object().key("attributes").begin_array();
  attribute(json, "service.name", "vedette-agent");
  attribute(json, "service.instance.id", instance);
  if (!host.empty()) attribute(json, "host.name", host);
  json.end_array().end_object();
  json.key("scopeLogs").begin_array().begin_object();
  json.key("scope").begin_object().key("name").string("vedette").end_object();
  json.key("logRecords").begin_array();
  for (const Record& record : records) {
    const auto level = static_cast<std::size_t>(record.level);
    // 64-bit numbers are strings in the JSON form of protocol buffers.
    json.begin_object().key("timeUnixNano").string(std::to_string(record.time));
    json.key("observedTimeUnixNano").string(std::to_string(record.time));
    json.key("severityNumber").number(kSeverities[level]);
    json.key("severityText").string(event::kLevelNames[level]);
    json.key("body").begin_object().key("stringValue").string(record.body).end_object();
    json.key("attributes").begin_array();
    attribute(json, "vedette.id", record_id(instance, record.sequence));
    attribute(json, "vedette.kind", kRecordKindNames[static_cast<std::size_t>(record.kind)]);
    json.end_array().end_object();
  }
  json.end_array().end_object().end_array().end_object().end_array().end_object();
  return out;
}

Result<std::unique_ptr<DeliverySink>> make_otlp_sink(const OtlpSinkOptions& options) {
  TRY(http::Client client, http::Client::create(options.http));
  return std::make_unique<OtlpSink>(options, std::move(client));
}

}  // namespace vedette::spool
