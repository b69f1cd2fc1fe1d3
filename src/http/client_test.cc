// SPDX-License-Identifier: Apache-2.0
#include "http/client.h"

#include "http/test_server.h"

namespace vedette::http {
namespace {

TEST(Client, AsksWhereItIsToldToConnect) {
  TestServer server([](const TestRequest&) { return TestServer::answer(204, "words"); });
  ClientOptions options;
  options.url = "http://api.acme.example/me";
  const std::string url = server.url("");
  options.connect_to = url.substr(url.find("//") + 2);
  options.user_agent = "tester";
  Result<Client> client = Client::create(options);
  ASSERT_TRUE(client);
  const Result<Response> response = client->request("GET", {"X-Key: abc"});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 204);
  ASSERT_TRUE(client->request("POST", {}));
  ASSERT_TRUE(client->request("GET", {}));
  const std::vector<TestRequest> requests = server.requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_TRUE(requests[0].head.starts_with("GET /me HTTP/1.1"));
  EXPECT_EQ(requests[0].header("Host"), "api.acme.example");
  EXPECT_EQ(requests[0].header("X-Key"), "abc");
  EXPECT_EQ(requests[0].header("User-Agent"), "tester");
  EXPECT_TRUE(requests[1].head.starts_with("POST /me HTTP/1.1"));
  EXPECT_EQ(requests[1].header("Content-Length"), "0");
  EXPECT_TRUE(requests[2].head.starts_with("GET /me HTTP/1.1"));
}

TEST(Client, FollowsNoRedirection) {
  TestServer server([](const TestRequest&) {
    return TestServer::answer(302, "", "Location: http://127.0.0.1:1/\r\n");
  });
  ClientOptions options;
  options.url = server.url();
  Result<Client> client = Client::create(options);
  ASSERT_TRUE(client);
  const Result<Response> response = client->request("GET", {});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(server.requests().size(), 1U);
}

}  // namespace
}  // namespace vedette::http
