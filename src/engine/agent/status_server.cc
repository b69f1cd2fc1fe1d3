// SPDX-License-Identifier: Apache-2.0
#include "engine/agent/status_server.h"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace vedette::engine {
namespace {

constexpr int kClientMs = 2000;
constexpr char kFormJson = 'j';
constexpr char kFormPeople = 'p';
constexpr std::size_t kRequestMax = 8192;
constexpr std::size_t kAnswerMax = std::size_t{16} << 20;

std::unexpected<Error> system_failure(const std::string& what) {
  return failure(ErrorCode::kSystem, what + ": " + std::strerror(errno));
}

bool ready(int descriptor, short events) {
  pollfd entry{descriptor, events, 0};
  return ::poll(&entry, 1, kClientMs) == 1;
}

void send_all(int client, std::string_view bytes) {
  while (!bytes.empty() && ready(client, POLLOUT)) {
    const ssize_t sent = ::write(client, bytes.data(), bytes.size());
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

Result<sockaddr_un> local_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected the path of a socket of at most {} bytes, found '{}'",
                               sizeof address.sun_path - 1, path));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

Result<int> connect_local(const std::string& path) {
  TRY(const sockaddr_un address, local_address(path));
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return system_failure("cannot make a socket");
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return socket;
  }
  const int error = errno;
  ::close(socket);
  errno = error;
  return system_failure("no agent answers at " + path);
}

}  // namespace

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  Endpoint endpoint;
  std::string_view address = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const auto parsed = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (parsed.ec != std::errc() || parsed.ptr != port.data() + port.size()) return std::nullopt;
  const bool bracketed = address.starts_with('[') && address.ends_with(']');
  if (bracketed) address = address.substr(1, address.size() - 2);
  endpoint.address = address;
  in6_addr binary{};
  const int family = bracketed ? AF_INET6 : AF_INET;
  if (::inet_pton(family, endpoint.address.c_str(), &binary) != 1) return std::nullopt;
  return endpoint;
}

Result<std::unique_ptr<StatusServer>> StatusServer::open(const std::string& socket_path,
                                                         const std::string& metrics) {
  std::unique_ptr<StatusServer> server(new StatusServer());
  server->wake_ = ::eventfd(0, EFD_CLOEXEC);
  TRY_VOID(server->open_local(socket_path));
  if (!metrics.empty()) {
    const std::optional<Endpoint> endpoint = parse_endpoint(metrics);
    if (!endpoint) {
      return failure(ErrorCode::kInvalid, "expected address:port, found '" + metrics + "'");
    }
    TRY_VOID(server->open_metrics(*endpoint));
  }
  return server;
}

Result<void> StatusServer::open_local(const std::string& path) {
  TRY(const sockaddr_un address, local_address(path));
  const Result<int> other = connect_local(path);
  if (other) {
    ::close(*other);
    return failure(ErrorCode::kInvalid, "another agent answers at " + path);
  }
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) ::unlink(path.c_str());
  const std::size_t slash = path.rfind('/');
  if (slash != std::string::npos && slash != 0) ::mkdir(path.substr(0, slash).c_str(), 0700);
  local_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const mode_t before = ::umask(0077);
  const bool bound = local_ >= 0 && ::bind(local_, reinterpret_cast<const sockaddr*>(&address),
                                           sizeof address) == 0;
  ::umask(before);
  if (!bound || ::listen(local_, 8) != 0) return system_failure("cannot listen at " + path);
  socket_path_ = path;
  return {};
}

Result<void> StatusServer::open_metrics(const Endpoint& endpoint) {
  sockaddr_in four{};
  sockaddr_in6 six{};
  four.sin_family = AF_INET;
  four.sin_port = htons(endpoint.port);
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(endpoint.port);
  const bool is_six = ::inet_pton(AF_INET6, endpoint.address.c_str(), &six.sin6_addr) == 1;
  if (!is_six) ::inet_pton(AF_INET, endpoint.address.c_str(), &four.sin_addr);
  auto* const address =
      is_six ? reinterpret_cast<sockaddr*>(&six) : reinterpret_cast<sockaddr*>(&four);
  socklen_t size = is_six ? sizeof six : sizeof four;
  http_ = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(http_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (http_ < 0 || ::bind(http_, address, size) != 0 || ::listen(http_, 8) != 0) {
    return system_failure(
        fmt::format("cannot listen at {}:{} for metrics", endpoint.address, endpoint.port));
  }
  ::getsockname(http_, address, &size);
  metrics_port_ = ntohs(is_six ? six.sin6_port : four.sin_port);
  return {};
}

StatusServer::~StatusServer() {
  const std::uint64_t one = 1;
  if (thread_.joinable()) {
    static_cast<void>(::write(wake_, &one, sizeof one));
    thread_.join();
  }
  for (const int descriptor : {local_, http_, wake_}) {
    if (descriptor >= 0) ::close(descriptor);
  }
  if (!socket_path_.empty()) ::unlink(socket_path_.c_str());
}

void StatusServer::start(Answers answers) {
  answers_ = std::move(answers);
  thread_ = std::thread([this] { serve(); });
}

void StatusServer::serve() {
  while (true) {
    // A negative descriptor is passed over.
    std::array<pollfd, 3> entries = {{{wake_, POLLIN, 0}, {local_, POLLIN, 0}, {http_, POLLIN, 0}}};
    if (::poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR) return;
    if (entries[0].revents != 0) return;
    for (const std::size_t which : {std::size_t{1}, std::size_t{2}}) {
      if (entries[which].revents == 0) continue;
      const int client =
          ::accept4(entries[which].fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (client < 0) continue;
      if (which == 1) {
        answer_local(client);
      } else {
        answer_http(client);
      }
      ::close(client);
    }
  }
}

// A client asks with one letter.
void StatusServer::answer_local(int client) const {
  char form = 0;
  if (!ready(client, POLLIN) || ::read(client, &form, 1) != 1) return;
  send_all(client, (form == kFormPeople ? answers_.people() : answers_.json()) + "\n");
}

void StatusServer::answer_http(int client) const {
  std::string request;
  std::array<char, 1024> bytes{};
  while (request.find("\r\n\r\n") == std::string::npos && request.size() < kRequestMax) {
    if (!ready(client, POLLIN)) return;
    const ssize_t got = ::read(client, bytes.data(), bytes.size());
    if (got <= 0) return;
    request.append(bytes.data(), static_cast<std::size_t>(got));
  }
  const bool known = request.starts_with("GET /metrics ") || request.starts_with("GET / ");
  const std::string body = known ? answers_.prometheus() : "GET /metrics\n";
  send_all(client, fmt::format("HTTP/1.1 {}\r\nContent-Type: text/plain; version=0.0.4\r\n"
                               "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
                               known ? "200 OK" : "404 Not Found", body.size(), body));
  ::shutdown(client, SHUT_WR);
}

Result<std::string> ask_status(const std::string& socket_path, StatusForm form) {
  TRY(const int socket, connect_local(socket_path));
  const char asked = form == StatusForm::kPeople ? kFormPeople : kFormJson;
  send_all(socket, {&asked, 1});
  std::string answer;
  std::array<char, 65536> bytes{};
  while (answer.size() < kAnswerMax && ready(socket, POLLIN)) {
    const ssize_t got = ::read(socket, bytes.data(), bytes.size());
    if (got <= 0) break;
    answer.append(bytes.data(), static_cast<std::size_t>(got));
  }
  ::close(socket);
  if (!answer.ends_with('\n')) {
    return failure(ErrorCode::kTruncated, "the agent at " + socket_path + " did not answer whole");
  }
  answer.pop_back();
  return answer;
}

}  // namespace vedette::engine
