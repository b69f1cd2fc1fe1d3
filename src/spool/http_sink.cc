// SPDX-License-Identifier: Apache-2.0
#include "spool/http_sink.h"

#include <charconv>
#include <fmt/format.h>
#include <utility>

#include "formats/yaml/yaml.h"

namespace vedette::spool {
namespace {

// The member "acknowledged" of a JSON object, which is read as the YAML that it also is; nothing
// when the body is anything else.
std::optional<std::string> acknowledged_id(std::string_view body) {
  if (body.find("acknowledged") == std::string_view::npos) return std::nullopt;
  const auto document = formats::yaml::Document::parse(body, {});
  if (!document.has_value() || document->roots().empty()) return std::nullopt;
  const formats::yaml::Node* const id = document->roots()[0]->find("acknowledged");
  if (id == nullptr) return std::nullopt;
  return std::string(id->text);
}

// "5-9,12"
std::string ranges_of(std::span<const Record> records) {
  std::string text;
  for (std::size_t i = 0; i < records.size();) {
    std::size_t end = i + 1;
    while (end < records.size() && records[end].sequence == records[end - 1].sequence + 1) ++end;
    if (!text.empty()) text += ',';
    text += std::to_string(records[i].sequence);
    if (end - i > 1) text += "-" + std::to_string(records[end - 1].sequence);
    i = end;
  }
  return text;
}

class HttpSink final : public DeliverySink {
 public:
  HttpSink(const HttpSinkOptions& options, http::Client client)
      : options_(options), name_("http " + options.http.url), client_(std::move(client)) {}

  std::string_view name() const override { return name_; }

  SendResult send(std::string_view instance, std::span<const Record> records) override {
    std::string body;
    for (const Record& record : records) {
      body += record.body;
      body += '\n';
    }
    std::vector<std::string> headers = {"Content-Type: application/x-ndjson",
                                        fmt::format("Vedette-Instance: {}", instance),
                                        fmt::format("Vedette-First: {}", records.front().sequence),
                                        fmt::format("Vedette-Last: {}", records.back().sequence)};
    // A header line has its limits at most receivers; runs without gaps are short.
    constexpr std::size_t kRangesMax = 4096;
    std::string ranges = ranges_of(records);
    if (ranges.size() <= kRangesMax) headers.push_back("Vedette-Ids: " + std::move(ranges));
    if (options_.gzip) {
      headers.emplace_back("Content-Encoding: gzip");
      body = http::gzip_body(body);
    }
    const Result<http::Response> response = client_.post(headers, body);
    if (!response.has_value()) return SendResult::failed(0, response.error());
    if (response->status / 100 != 2) return judge_status(*response, name_, records.size());
    const std::optional<std::string> id = acknowledged_id(response->body);
    if (!id.has_value()) return SendResult::all(records.size());
    for (std::size_t i = records.size(); i-- > 0;) {
      if (record_id(instance, records[i].sequence) == *id) {
        if (i + 1 == records.size()) return SendResult::all(records.size());
        return SendResult::failed(
            i + 1, {ErrorCode::kSystem,
                    fmt::format("{} took {} of {} records", name_, i + 1, records.size())});
      }
    }
    return SendResult::failed(
        0, {ErrorCode::kInvalid,
            fmt::format("{} acknowledged '{}', which was not sent", name_, id->substr(0, 80))});
  }

  Result<std::optional<std::uint64_t>> resume(std::string_view instance) override {
    if (!options_.resume) return std::optional<std::uint64_t>();
    TRY(const http::Response response, client_.post({"Content-Type: application/x-ndjson",
                                                     fmt::format("Vedette-Instance: {}", instance)},
                                                    ""));
    if (response.status / 100 != 2) {
      return std::unexpected(*judge_status(response, name_, 0).error);
    }
    const std::optional<std::string> id = acknowledged_id(response.body);
    const std::string prefix = std::string(instance) + ":";
    if (!id.has_value() || !id->starts_with(prefix)) return std::optional<std::uint64_t>();
    std::uint64_t sequence = 0;
    const char* const end = id->data() + id->size();
    const auto parsed = std::from_chars(id->data() + prefix.size(), end, sequence);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::optional<std::uint64_t>();
    return std::optional<std::uint64_t>(sequence);
  }

 private:
  HttpSinkOptions options_;
  std::string name_;
  http::Client client_;
};

}  // namespace

SendResult judge_status(const http::Response& response, std::string_view name, std::size_t count) {
  const long status = response.status;
  SendResult result;
  result.retry_after = response.retry_after;
  result.error = Error{ErrorCode::kSystem, fmt::format("{} answered {}", name, status)};
  switch (status) {
    case 400:
    case 413:
    case 422:  // about these records: alone, the one that is meant is given up
      if (count > 1) {
        result.smaller = true;
      } else if (count == 1) {
        result.done = 1;
        result.refused = 1;
        result.error.reset();
      }
      break;
    case 401:
    case 403:
      result.error->message += "; expected 2xx: check the token file and what it allows";
      break;
    case 404:
    case 405:
      result.error->message += "; expected 2xx: check the URL";
      break;
    default:
      if (status / 100 == 3) result.error->message += "; redirections are not followed";
      break;
  }
  return result;
}

Result<std::unique_ptr<DeliverySink>> make_http_sink(const HttpSinkOptions& options) {
  TRY(http::Client client, http::Client::create(options.http));
  return std::make_unique<HttpSink>(options, std::move(client));
}

}  // namespace vedette::spool
