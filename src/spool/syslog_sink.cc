// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "spool/local_sinks.h"

namespace vedette::spool {
namespace {

// Severities of RFC 5424 section 6.2.1 by level: informational, notice, warning, error, critical.
constexpr std::array<int, 5> kSeverities = {6, 5, 4, 3, 2};

class SyslogSink final : public DeliverySink {
 public:
  explicit SyslogSink(const SyslogSinkOptions& options)
      : options_(options), name_("syslog " + options.address) {}
  ~SyslogSink() override { close(); }
  SyslogSink(const SyslogSink&) = delete;
  SyslogSink& operator=(const SyslogSink&) = delete;

  std::string_view name() const override { return name_; }

  SendResult send(std::string_view instance, std::span<const Record> records) override {
    SendResult result;
    if (gone()) close();
    for (const Record& record : records) {
      if (const Result<void> ready = connect(); !ready.has_value()) {
        result.error = ready.error();
        return result;
      }
      std::string message = encode_syslog(options_, instance, record);
      if (options_.transport == SyslogTransport::kTcp) {
        message = fmt::format("{} {}", message.size(), message);
      }
      if (!write_whole(message)) {
        if (errno == EMSGSIZE) {
          ++result.refused;
        } else {
          result.error = Error{ErrorCode::kSystem,
                               fmt::format("cannot write to {}: {}", name_, std::strerror(errno))};
          close();
          return result;
        }
      }
      ++result.done;
    }
    return result;
  }

 private:
  bool write_whole(std::string_view message) {
    while (!message.empty()) {
      const ssize_t sent = ::send(socket_, message.data(), message.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return false;
      message.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // Whether the other side of a stream closed it: the first write after that would be lost.
  bool gone() const {
    if (socket_ < 0 || options_.transport != SyslogTransport::kTcp) return false;
    char byte = 0;
    const ssize_t got = ::recv(socket_, &byte, 1, MSG_DONTWAIT | MSG_PEEK);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
  }

  Result<void> connect() {
    if (socket_ >= 0) return {};
    if (options_.transport == SyslogTransport::kUnix) return connect_unix();
    const std::size_t colon = options_.address.rfind(':');
    std::string host = options_.address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    addrinfo wanted{};
    wanted.ai_socktype = options_.transport == SyslogTransport::kTcp ? SOCK_STREAM : SOCK_DGRAM;
    addrinfo* found = nullptr;
    const int code =
        ::getaddrinfo(host.c_str(), options_.address.c_str() + colon + 1, &wanted, &found);
    if (code != 0) {
      return failure(ErrorCode::kNotFound, fmt::format("{}: {}", name_, ::gai_strerror(code)));
    }
    int error = ECONNREFUSED;
    for (const addrinfo* at = found; at != nullptr && socket_ < 0; at = at->ai_next) {
      error = try_address(at->ai_family, at->ai_socktype, at->ai_addr, at->ai_addrlen);
    }
    ::freeaddrinfo(found);
    return socket_ >= 0 ? Result<void>() : refused(error);
  }

  Result<void> connect_unix() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    options_.address.copy(address.sun_path, sizeof(address.sun_path) - 1);
    const int error =
        try_address(AF_UNIX, SOCK_DGRAM, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    return socket_ >= 0 ? Result<void>() : refused(error);
  }

  int try_address(int family, int type, const sockaddr* address, socklen_t size) {
    const int opened = ::socket(family, type | SOCK_CLOEXEC, 0);
    if (opened < 0) return errno;
    // Bounds connect() too.
    const timeval time{options_.timeout_ms / 1000, options_.timeout_ms % 1000 * 1000};
    ::setsockopt(opened, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time));
    if (::connect(opened, address, size) != 0) {
      const int error = errno;
      ::close(opened);
      return error;
    }
    socket_ = opened;
    return 0;
  }

  std::unexpected<Error> refused(int error) const {
    return failure(ErrorCode::kSystem,
                   fmt::format("cannot connect to {}: {}", name_, std::strerror(error)));
  }

  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

  SyslogSinkOptions options_;
  std::string name_;
  int socket_ = -1;
};

}  // namespace

std::string encode_syslog(const SyslogSinkOptions& options, std::string_view instance,
                          const Record& record) {
  const int priority = options.facility * 8 + kSeverities[static_cast<std::size_t>(record.level)];
  // TIME-SECFRAC has at most six digits.
  const std::string time = format_time(record.time - record.time % 1000);
  // 32473 is the number that RFC 5612 sets aside for those who have none of their own.
  return fmt::format("<{}>1 {} {} vedette-agent - {} [vedette@32473 id=\"{}\"] {}", priority, time,
                     options.host.empty() ? "-" : options.host,
                     kRecordKindNames[static_cast<std::size_t>(record.kind)],
                     record_id(instance, record.sequence), record.body);
}

Result<std::unique_ptr<DeliverySink>> make_syslog_sink(const SyslogSinkOptions& options) {
  const std::size_t colon = options.address.rfind(':');
  if (options.transport == SyslogTransport::kUnix
          ? !options.address.starts_with('/') ||
                options.address.size() >= sizeof(sockaddr_un::sun_path)
          : colon == std::string::npos || colon == 0 || colon + 1 == options.address.size()) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("syslog: expected a path or host:port as the transport wants it, "
                               "found '{}'",
                               options.address));
  }
  return std::make_unique<SyslogSink>(options);
}

}  // namespace vedette::spool
