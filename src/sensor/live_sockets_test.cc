// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <cstring>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "sensor/live_test.h"

namespace vedette::sensor::live {
namespace {

class LiveSockets : public LiveTest {
 protected:
  void SetUp() override {
    LiveTest::SetUp();
    start(options_);
  }
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

template <typename Address>
const sockaddr* plain(const Address& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// A socket that listens on the loopback, and its port.
int listener(std::uint16_t& port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof(address);
  bind(socket, plain(address), size);
  listen(socket, 5);
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return socket;
}

TEST_F(LiveSockets, ConnectAndAcceptGiveBothEnds) {
  const std::vector<Record> records = watch([] {
    std::uint16_t port = 0;
    const int server = listener(port);
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = loopback(port);
    if (connect(client, plain(address), sizeof(address)) != 0) return;
    const int accepted = accept(server, nullptr, nullptr);
    if (write(client, "12345", 5) < 0) return;
    char buffer[8];
    if (read(accepted, buffer, sizeof(buffer)) < 0) return;
    dup2(client, 50);
    close(50);
    close(client);
    close(accepted);
    usleep(50'000);
  });
  const Record connected = only(records, SYS_connect);
  const auto client = connected.as<vedette_socket>(VEDETTE_FIELD_SOCKET);
  EXPECT_EQ(client.family, AF_INET);
  EXPECT_EQ(client.type, SOCK_STREAM);
  EXPECT_EQ(client.remote[0], 127);
  EXPECT_EQ(client.listening_side, 0);
  const auto given = connected.as<sockaddr_in>(VEDETTE_FIELD_ADDRESS);
  EXPECT_EQ(client.remote_port, ntohs(given.sin_port));
  const Record accepted = only(records, SYS_accept);
  const auto server = accepted.as<vedette_socket>(VEDETTE_FIELD_SOCKET);
  EXPECT_EQ(server.local_port, client.remote_port);
  EXPECT_EQ(server.remote_port, client.local_port);
  EXPECT_EQ(server.listening_side, 1);
  EXPECT_EQ(accepted.as<vedette_file>(VEDETTE_FIELD_FILE).type, '4');
  const Record copied = only(records, SYS_dup2);
  EXPECT_EQ(copied.as<vedette_socket>(VEDETTE_FIELD_SOCKET).local_port, client.local_port);
  EXPECT_EQ(only(records, SYS_listen).as<vedette_socket>(VEDETTE_FIELD_SOCKET).local_port,
            client.remote_port);
  const std::vector<Record> flows = of_kind(records, VEDETTE_KIND_FLOW);
  ASSERT_EQ(flows.size(), 2U);
  for (const Record& flow : flows) {
    const bool from_client = flow.as<vedette_socket>(VEDETTE_FIELD_SOCKET).listening_side == 0;
    const auto sent = flow.as<__u64>(from_client ? VEDETTE_FIELD_SENT : VEDETTE_FIELD_RECEIVED);
    EXPECT_GE(sent, 5U);
    EXPECT_LE(sent, 7U);  // the ends of a connection count as a byte each
  }
}

TEST_F(LiveSockets, UnixSocketsHavePaths) {
  const std::vector<Record> records = watch([] {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, "socket");
    const int server = socket(AF_UNIX, SOCK_STREAM, 0);
    bind(server, plain(address), sizeof(address));
    listen(server, 1);
    connect(socket(AF_UNIX, SOCK_STREAM, 0), plain(address), sizeof(address));
    sockaddr_un abstract = {};
    abstract.sun_family = AF_UNIX;
    std::strcpy(abstract.sun_path + 1, "vedette_test");
    bind(socket(AF_UNIX, SOCK_DGRAM, 0), plain(abstract), sizeof(sa_family_t) + 13);
  });
  EXPECT_EQ(only(records, SYS_connect).text(VEDETTE_FIELD_SOCKET_PATH), "socket");
  const std::vector<Record> bound = of_call(records, SYS_bind);
  ASSERT_EQ(bound.size(), 2U);
  EXPECT_EQ(bound[0].text(VEDETTE_FIELD_SOCKET_PATH), "socket");
  EXPECT_EQ(bound[1].text(VEDETTE_FIELD_SOCKET_PATH), "@vedette_test");
  EXPECT_EQ(bound[1].as<vedette_file>(VEDETTE_FIELD_FILE).type, 'u');
}

TEST_F(LiveSockets, Ipv6) {
  const std::vector<Record> records = watch([] {
    sockaddr_in6 address = {};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(9);
    address.sin6_addr = in6addr_loopback;
    connect(socket(AF_INET6, SOCK_DGRAM, 0), plain(address), sizeof(address));
  });
  const Record record = only(records, SYS_connect);
  if (record.header.result < 0) GTEST_SKIP() << "no IPv6 here";
  const auto socket = record.as<vedette_socket>(VEDETTE_FIELD_SOCKET);
  EXPECT_EQ(socket.family, AF_INET6);
  EXPECT_EQ(socket.remote_port, 9);
  EXPECT_EQ(socket.remote[15], 1);
}

// A question for example.org, as resolvers send it.
std::string dns_question() {
  using std::string_literals::operator""s;
  return "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07"s + "example\x03org"s +
         "\x00\x00\x01\x00\x01"s;
}

TEST_F(LiveSockets, DnsIsSeenHoweverItIsSent) {
  const std::string question = dns_question();
  const std::vector<Record> records = watch([&] {
    const sockaddr_in server = loopback(53);
    const int one = socket(AF_INET, SOCK_DGRAM, 0);
    sendto(one, question.data(), question.size(), 0, plain(server), sizeof(server));
    const int connected = socket(AF_INET, SOCK_DGRAM, 0);
    connect(connected, plain(server), sizeof(server));
    if (write(connected, question.data(), question.size()) < 0) _exit(1);
    iovec vector = {const_cast<char*>(question.data()), question.size()};
    const int many = socket(AF_INET, SOCK_DGRAM, 0);
    connect(many, plain(server), sizeof(server));
    mmsghdr messages[2] = {};
    for (mmsghdr& message : messages) {
      message.msg_hdr.msg_iov = &vector;
      message.msg_hdr.msg_iovlen = 1;
    }
    sendmmsg(many, messages, 2, 0);
    // Not of the port of DNS.
    const sockaddr_in other = loopback(54);
    sendto(one, question.data(), question.size(), 0, plain(other), sizeof(other));
  });
  const std::vector<Record> found = of_kind(records, VEDETTE_KIND_DNS);
  ASSERT_GE(found.size(), 3U);
  for (const Record& record : found) {
    EXPECT_EQ(record.text(VEDETTE_FIELD_DATA), question);
    EXPECT_EQ(record.header.flags & VEDETTE_FLAG_ANSWER, 0);
  }
  EXPECT_TRUE(found[0].has(VEDETTE_FIELD_ADDRESS));
}

TEST_F(LiveSockets, DnsAnswersAreMarked) {
  if (getuid() != 0) GTEST_SKIP() << "needs root to answer from port 53";
  Told received;
  received.tell(-1);
  const std::string question = dns_question();
  const std::vector<Record> records = watch([&] {
    const int server = socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in address = loopback(53);
    address.sin_addr.s_addr = htonl(0x7F000935);  // 127.0.9.53: of nobody else
    if (bind(server, plain(address), sizeof(address)) != 0) _exit(1);
    const int client = socket(AF_INET, SOCK_DGRAM, 0);
    connect(client, plain(address), sizeof(address));
    sockaddr_in own = {};
    socklen_t size = sizeof(own);
    getsockname(client, reinterpret_cast<sockaddr*>(&own), &size);
    sendto(server, question.data(), question.size(), 0, plain(own), sizeof(own));
    char buffer[512];
    received.tell(recv(client, buffer, sizeof(buffer), 0));
  });
  if (received.value() < 0) GTEST_SKIP() << "port 53 is taken here";
  const std::vector<Record> found = of_kind(records, VEDETTE_KIND_DNS);
  ASSERT_FALSE(found.empty());
  EXPECT_NE(found.back().header.flags & VEDETTE_FLAG_ANSWER, 0);
  EXPECT_EQ(found.back().text(VEDETTE_FIELD_DATA), question);
}

std::string client_hello(const std::string& name) {
  const auto number = [](std::size_t value) {
    return std::string{static_cast<char>(value >> 8), static_cast<char>(value)};
  };
  const std::string entry = std::string(1, '\0') + number(name.size()) + name;
  const std::string list = number(entry.size()) + entry;
  const std::string extension = number(0) + number(list.size()) + list;
  const std::string body = "\x03\x03" + std::string(32, 'r') + std::string(1, '\0') + number(2) +
                           "\x13\x01" + std::string("\x01\0", 2) + number(extension.size()) +
                           extension;
  const std::string handshake = std::string("\x01\0", 2) + number(body.size()) + body;
  return "\x16\x03\x01" + number(handshake.size()) + handshake;
}

TEST_F(LiveSockets, TlsServerNameIsRead) {
  const std::string hello = client_hello("secret.example.org");
  const std::vector<Record> records = watch([&] {
    std::uint16_t port = 0;
    listener(port);
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = loopback(port);
    connect(client, plain(address), sizeof(address));
    if (write(client, hello.data(), hello.size()) < 0) _exit(1);
    if (write(client, "application data that is none", 29) < 0) _exit(1);
  });
  const std::vector<Record> found = of_kind(records, VEDETTE_KIND_TLS);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].text(VEDETTE_FIELD_NAME), "secret.example.org");
  EXPECT_TRUE(found[0].has(VEDETTE_FIELD_SOCKET));
}

}  // namespace
}  // namespace vedette::sensor::live
