// SPDX-License-Identifier: Apache-2.0
#include "http/download.h"

#include "http/test_server.h"

namespace vedette::http {
namespace {

std::string read_slowly(Download& download) {
  std::string body;
  std::string piece(7, '\0');
  while (true) {
    const Result<std::size_t> got = download.read(piece.data(), piece.size());
    EXPECT_TRUE(got);
    if (!got || *got == 0) return body;
    body.append(piece, 0, *got);
  }
}

TEST(Download, IsReadAsSlowlyAsTheReaderLikes) {
  std::string large;
  for (int i = 0; i < 200'000; ++i) large += std::to_string(i);
  TestServer server([&](const TestRequest& request) {
    return TestServer::answer(request.header("X-Small").empty() ? 200 : 404,
                              request.header("X-Small").empty() ? large : "none",
                              "X-Kind: words\r\n");
  });
  const auto download = Download::create({});
  ASSERT_TRUE(download);
  const Result<ResponseHead> head = (*download)->open(server.url(), {});
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->header("x-kind"), "words");
  EXPECT_EQ(head->header("x-other"), "");
  EXPECT_EQ(read_slowly(**download), large);
  const Result<ResponseHead> second = (*download)->open(server.url(), {"X-Small: 1"});
  ASSERT_TRUE(second);
  EXPECT_EQ(second->status, 404);
  EXPECT_EQ(read_slowly(**download), "none");
  ASSERT_TRUE((*download)->open(server.url(), {"X-Small: 1"}, "body"));
  EXPECT_EQ(server.requests().back().body, "body");
}

TEST(Download, AsksWithTheMethodOfEachRequest) {
  TestServer server([](const TestRequest&) { return TestServer::answer(200, "done"); });
  const auto download = Download::create({});
  ASSERT_TRUE(download);
  std::string methods;
  for (const std::string method : {"PATCH", "", "PUT", "POST", "GET"}) {
    const std::string body = method.empty() || method == "GET" ? "" : "of " + method;
    ASSERT_TRUE((*download)->open(server.url("/a"), {}, body, method));
    EXPECT_EQ((*download)->read_all(100).value_or(""), "done");
    const TestRequest request = server.requests().back();
    methods += request.head.substr(0, request.head.find('/'));
    EXPECT_EQ(request.body, body);
  }
  EXPECT_EQ(methods, "PATCH GET PUT POST GET ");
}

TEST(Download, IsGivenUpForAnother) {
  TestServer server([](const TestRequest&) {
    return TestServer::answer(200, std::string(std::size_t{1} << 20, 'x'), "Connection: close\r\n");
  });
  const auto download = Download::create({});
  ASSERT_TRUE(download);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE((*download)->open(server.url(), {}));
    const Result<std::string> all = (*download)->read_all(1000);
    ASSERT_FALSE(all);
    EXPECT_EQ(all.error().code, ErrorCode::kLimit);
  }
}

TEST(Download, BrokenBodiesGiveWhatCameAndAnError) {
  TestServer server([](const TestRequest&) {
    return "HTTP/1.1 200 X\r\nConnection: close\r\nContent-Length: 100\r\n\r\nhalf";
  });
  const auto download = Download::create({});
  ASSERT_TRUE(download);
  ASSERT_TRUE((*download)->open(server.url("/a?secret=1"), {}));
  std::string piece(100, '\0');
  EXPECT_EQ((*download)->read(piece.data(), piece.size()), 4U);
  const Result<std::size_t> after = (*download)->read(piece.data(), piece.size());
  ASSERT_FALSE(after);
  EXPECT_EQ(after.error().message.find("secret"), std::string::npos);
}

TEST(Download, RedirectionsAreSaidAndStopsAreHeard) {
  TestServer server(
      [](const TestRequest&) { return TestServer::answer(302, "", "Location: ../b?c\r\n"); });
  std::atomic<bool> stop = false;
  const auto download = Download::create({}, &stop);
  ASSERT_TRUE(download);
  const Result<ResponseHead> head = (*download)->open(server.url("/x/a"), {});
  ASSERT_TRUE(head);
  EXPECT_EQ(head->location, server.url("/b?c"));
  stop = true;
  EXPECT_FALSE((*download)->open(server.url(), {}));
}

}  // namespace
}  // namespace vedette::http
