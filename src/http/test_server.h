// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <atomic>
#include <functional>
#include <gtest/gtest.h>
#include <mutex>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

// An HTTP receiver on a free port of the loopback interface, for tests: one connection at a time,
// each request answered by a function.
namespace vedette::http {

struct TestRequest {
  std::string head;  // with its last empty line
  std::string body;
  std::string header(const std::string& name) const {
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    const std::size_t from = at + name.size() + 4;
    return head.substr(from, head.find("\r\n", from) - from);
  }
};

class TestServer {
 public:
  // Gives the whole response: use answer().
  using Handler = std::function<std::string(const TestRequest&)>;
  static std::string answer(int status, const std::string& body = "",
                            const std::string& headers = "") {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  explicit TestServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~TestServer() {
    stop_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    const int open = connection_;
    if (open >= 0) ::shutdown(open, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  std::vector<TestRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    while (!stop_) {
      const int opened = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (opened < 0) return;
      connection_ = opened;
      std::string bytes;
      while (one(opened, bytes)) {
      }
      connection_ = -1;
      ::close(opened);
    }
  }

  bool one(int connection, std::string& bytes) {
    TestRequest request;
    std::size_t end = 0;
    while ((end = bytes.find("\r\n\r\n")) == std::string::npos) {
      if (!more(connection, bytes)) return false;
    }
    request.head = bytes.substr(0, end + 4);
    bytes.erase(0, end + 4);
    const std::string length = request.header("Content-Length");
    const std::size_t size = length.empty() ? 0 : std::stoul(length);
    while (bytes.size() < size) {
      if (!more(connection, bytes)) return false;
    }
    request.body = bytes.substr(0, size);
    bytes.erase(0, size);
    const std::string response = handler_(request);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(std::move(request));
    }
    const bool sent = ::send(connection, response.data(), response.size(), MSG_NOSIGNAL) ==
                      static_cast<ssize_t>(response.size());
    return sent && !response.contains("\r\nConnection: close\r\n");
  }

  static bool more(int connection, std::string& bytes) {
    char chunk[65536];
    const ssize_t got = ::recv(connection, chunk, sizeof(chunk), 0);
    if (got <= 0) return false;
    bytes.append(chunk, static_cast<std::size_t>(got));
    return true;
  }

  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connection_ = -1;
  std::atomic<bool> stop_ = false;
  mutable std::mutex mutex_;
  std::vector<TestRequest> requests_;
  std::thread thread_;
};

}  // namespace vedette::http
