// SPDX-License-Identifier: Apache-2.0
#include "spool/http_sink.h"

#include <fstream>
#include <zlib.h>

#include "http/test_server.h"
#include "spool/spool_test_support.h"

namespace vedette::spool {
namespace {

const std::string kInstance = "00000000-0000-4000-8000-000000000001";

std::vector<Record> three() {
  return {
      {5, 1'700'000'000'123'456'789, RecordKind::kAlert, event::Level::kHigh, R"({"a":1})"},
      {6, 1'700'000'000'123'456'790, RecordKind::kEvent, event::Level::kLow, R"({"a":"\"2\""})"},
      {9, 1'700'000'000'123'456'791, RecordKind::kLoss, event::Level::kCritical, R"({"a":3})"}};
}

SendResult send(const HttpSinkOptions& options, const std::vector<Record>& records = three()) {
  const auto sink = make_http_sink(options);
  EXPECT_TRUE(sink.has_value());
  return (*sink)->send(kInstance, records);
}

TEST(HttpSink, PostsLinesAndNamesThem) {
  http::TestServer server([](const http::TestRequest&) { return http::TestServer::answer(200); });
  HttpSinkOptions options;
  options.http.url = server.url("/in");
  const SendResult result = send(options);
  EXPECT_EQ(result.done, 3U);
  EXPECT_FALSE(result.error.has_value());
  const http::TestRequest request = server.requests().at(0);
  EXPECT_TRUE(request.head.starts_with("POST /in HTTP/1.1"));
  EXPECT_EQ(request.body, "{\"a\":1}\n{\"a\":\"\\\"2\\\"\"}\n{\"a\":3}\n");
  EXPECT_EQ(request.header("Vedette-Instance"), kInstance);
  EXPECT_EQ(request.header("Vedette-First"), "5");
  EXPECT_EQ(request.header("Vedette-Ids"), "5-6,9");
  EXPECT_EQ(request.header("Expect"), "");
}

TEST(HttpSink, ABodyMayAcknowledgeAPart) {
  http::TestServer server([](const http::TestRequest&) {
    return http::TestServer::answer(200, R"({"acknowledged": ")" + kInstance + R"(:6"})");
  });
  HttpSinkOptions options;
  options.http.url = server.url();
  const SendResult result = send(options);
  EXPECT_EQ(result.done, 2U);
  EXPECT_TRUE(result.error.has_value());
}

TEST(HttpSink, AnIdThatWasNotSentAcknowledgesNothing) {
  http::TestServer server([](const http::TestRequest&) {
    return http::TestServer::answer(200, R"({"acknowledged": "other:999"})");
  });
  HttpSinkOptions options;
  options.http.url = server.url();
  const SendResult result = send(options);
  EXPECT_EQ(result.done, 0U);
  EXPECT_TRUE(result.error.has_value());
}

TEST(HttpSink, JudgesStatuses) {
  EXPECT_TRUE(judge_status({400, "", 0}, "x", 3).smaller);
  EXPECT_EQ(judge_status({413, "", 0}, "x", 1).refused, 1U);
  EXPECT_EQ(judge_status({401, "", 0}, "x", 1).done, 0U);
  EXPECT_NE(judge_status({401, "", 0}, "x", 1).error->message.find("token"), std::string::npos);
  EXPECT_EQ(judge_status({503, "", 7}, "x", 1).retry_after, 7);
  EXPECT_TRUE(judge_status({302, "", 0}, "x", 1).error.has_value());
}

TEST(HttpSink, TokenComesFromItsFileAtEachRequest) {
  TestFolder folder;
  http::TestServer server([](const http::TestRequest& request) {
    return http::TestServer::answer(request.header("Authorization") == "Bearer two" ? 204 : 401);
  });
  HttpSinkOptions options;
  options.http.url = server.url();
  options.http.token_file = folder.path("token");
  std::ofstream(options.http.token_file) << "one\n";
  EXPECT_EQ(send(options).done, 0U);
  std::ofstream(options.http.token_file) << "two\n";
  EXPECT_EQ(send(options).done, 3U);
  std::ofstream(options.http.token_file) << "two\r\nEvil: header";
  EXPECT_EQ(send(options).error->code, ErrorCode::kInvalid);
  options.http.token_file = folder.path("absent");
  EXPECT_EQ(send(options).error->code, ErrorCode::kNotFound);
}

TEST(HttpSink, PacksWhenAsked) {
  http::TestServer server([](const http::TestRequest&) { return http::TestServer::answer(200); });
  HttpSinkOptions options;
  options.http.url = server.url();
  options.gzip = true;
  EXPECT_EQ(send(options).done, 3U);
  const http::TestRequest request = server.requests().at(0);
  EXPECT_EQ(request.header("Content-Encoding"), "gzip");
  std::string plain(1000, '\0');
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
  std::string packed = request.body;
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = static_cast<uInt>(plain.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  plain.resize(stream.total_out);
  inflateEnd(&stream);
  EXPECT_TRUE(plain.starts_with("{\"a\":1}\n"));
}

TEST(HttpSink, NobodyThereIsANamedError) {
  std::string url;
  {
    url = http::TestServer([](const http::TestRequest&) { return std::string(); }).url();
  }
  HttpSinkOptions options;
  options.http.url = url;
  const SendResult result = send(options);
  EXPECT_EQ(result.done, 0U);
  EXPECT_NE(result.error->message.find("no answer of " + url), std::string::npos);
  options.http.url = "ftp://127.0.0.1/";
  EXPECT_FALSE(make_http_sink(options).has_value());
}

TEST(HttpSink, RetryAfterIsPassedOn) {
  http::TestServer server([](const http::TestRequest&) {
    return http::TestServer::answer(429, "", "Retry-After: 17\r\n");
  });
  HttpSinkOptions options;
  options.http.url = server.url();
  EXPECT_EQ(send(options).retry_after, 17 * kNsPerSecond);
}

TEST(HttpSink, ResumeAsksForTheLastIdOfThisSpool) {
  http::TestServer server([](const http::TestRequest& request) {
    EXPECT_EQ(request.body, "");
    return http::TestServer::answer(
        200, R"({"acknowledged":")" + request.header("Vedette-Instance") + R"(:77"})");
  });
  HttpSinkOptions options;
  options.http.url = server.url();
  options.resume = true;
  const auto sink = make_http_sink(options);
  EXPECT_EQ((*sink)->resume(kInstance).value(), 77U);
  options.resume = false;
  EXPECT_FALSE((*make_http_sink(options))->resume(kInstance).value().has_value());
}

TEST(OtlpSink, EncodesLogRecords) {
  const std::vector<Record> records = three();
  EXPECT_EQ(
      encode_otlp(kInstance, "h", std::span(records).first(1)),
      R"({"resourceLogs":[{"resource":{"attributes":[)"
      R"({"key":"service.name","value":{"stringValue":"vedette-agent"}},)"
      R"({"key":"service.instance.id","value":{"stringValue":"00000000-0000-4000-8000-000000000001"}},)"
      R"({"key":"host.name","value":{"stringValue":"h"}}]},)"
      R"("scopeLogs":[{"scope":{"name":"vedette"},"logRecords":[)"
      R"({"timeUnixNano":"1700000000123456789","observedTimeUnixNano":"1700000000123456789",)"
      R"("severityNumber":17,"severityText":"high","body":{"stringValue":"{\"a\":1}"},)"
      R"("attributes":[{"key":"vedette.id","value":{"stringValue":"00000000-0000-4000-8000-000000000001:5"}},)"
      R"({"key":"vedette.kind","value":{"stringValue":"alert"}}]}]}]}]})");
}

TEST(OtlpSink, APartialSuccessRefusesSome) {
  http::TestServer server([](const http::TestRequest&) {
    return http::TestServer::answer(
        200, R"({"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"no"}})");
  });
  OtlpSinkOptions options;
  options.http.url = server.url("/v1/logs");
  const std::vector<Record> records = three();
  const SendResult result = (*make_otlp_sink(options))->send(kInstance, records);
  EXPECT_EQ(result.done, 3U);
  EXPECT_EQ(result.refused, 2U);
  EXPECT_EQ(server.requests().at(0).header("Content-Type"), "application/json");
}

}  // namespace
}  // namespace vedette::spool
