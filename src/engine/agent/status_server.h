// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/result.h"

namespace vedette::engine {

struct Endpoint {
  std::string address;  // IPv4 or IPv6, in numbers
  std::uint16_t port = 0;
};
// "127.0.0.1:9464", "[::1]:9464"; port 0: any free one.
std::optional<Endpoint> parse_endpoint(std::string_view text);

// Answers whoever asks how the agent is: on a local socket, readable by the owner only, with one
// JSON object or with text for people; over HTTP with Prometheus' text format on GET /metrics.
// Nothing else that a client says is looked at; one client at a time, each for a bounded time.
class StatusServer {
 public:
  using Text = std::function<std::string()>;  // called by the server's thread
  struct Answers {
    Text json;
    Text people;
    Text prometheus;
  };

  // Opens both sockets, which must happen before the process confines itself. `metrics` may be
  // empty. A socket that a dead process left is replaced; one that answers is an error.
  static Result<std::unique_ptr<StatusServer>> open(const std::string& socket_path,
                                                    const std::string& metrics);
  ~StatusServer();
  StatusServer(const StatusServer&) = delete;
  StatusServer& operator=(const StatusServer&) = delete;

  void start(Answers answers);
  std::uint16_t metrics_port() const { return metrics_port_; }

 private:
  StatusServer() = default;
  Result<void> open_local(const std::string& path);
  Result<void> open_metrics(const Endpoint& endpoint);
  void serve();
  void answer_local(int client) const;
  void answer_http(int client) const;

  std::string socket_path_;
  int local_ = -1;
  int http_ = -1;
  int wake_ = -1;
  std::uint16_t metrics_port_ = 0;
  Answers answers_;
  std::thread thread_;
};

enum class StatusForm : std::uint8_t { kJson, kPeople };

// What the agent that listens there says of itself.
Result<std::string> ask_status(const std::string& socket_path, StatusForm form);

}  // namespace vedette::engine
