// SPDX-License-Identifier: Apache-2.0
#include "spool/local_sinks.h"

#include <fcntl.h>
#include <fstream>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "spool/spool_test_support.h"

namespace vedette::spool {
namespace {

const std::string kInstance = "00000000-0000-4000-8000-000000000001";

std::vector<Record> lines(const std::vector<std::string>& bodies) {
  std::vector<Record> records;
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    records.push_back(
        {i + 1, 1'700'000'000'123'456'789, RecordKind::kAlert, event::Level::kHigh, bodies[i]});
  }
  return records;
}

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(StreamSink, WritesLinesAndContinuesWhatWasTakenInPart) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const auto sink = make_stream_sink(ends[1], "standard output");
  const std::vector<std::string> bodies = {"one", "two"};
  EXPECT_EQ(sink->send(kInstance, lines(bodies)).done, 2U);
  char buffer[64];
  EXPECT_EQ(std::string(buffer, static_cast<std::size_t>(::read(ends[0], buffer, 64))),
            "one\ntwo\n");
  ::close(ends[0]);
  ::close(ends[1]);
  const SendResult result = sink->send(kInstance, lines(bodies));
  EXPECT_EQ(result.done, 0U);
  EXPECT_NE(result.error->message.find("standard output"), std::string::npos);
}

TEST(FileSink, RotatesAtItsSize) {
  TestFolder folder;
  FileSinkOptions options;
  options.path = folder.path("alerts.ndjson");
  options.bytes_max = 10;
  options.files_max = 3;
  const auto sink = make_file_sink(options);
  const std::vector<std::string> bodies = {"aaaa", "bbbb", "cccc", "dddd", "eeee", "ffff", "gggg"};
  EXPECT_EQ((*sink)->send(kInstance, lines(bodies)).done, 7U);
  EXPECT_EQ(content(options.path), "gggg\n");
  EXPECT_EQ(content(options.path + ".1"), "eeee\nffff\n");
  EXPECT_EQ(content(options.path + ".2"), "cccc\ndddd\n");
  EXPECT_FALSE(std::filesystem::exists(options.path + ".3"));
}

TEST(FileSink, CutsOffWhatACrashLeftOfALine) {
  TestFolder folder;
  FileSinkOptions options;
  options.path = folder.path("alerts.ndjson");
  std::ofstream(options.path) << "whole\nhal";
  const std::vector<std::string> bodies = {"half"};
  EXPECT_EQ((*make_file_sink(options))->send(kInstance, lines(bodies)).done, 1U);
  EXPECT_EQ(content(options.path), "whole\nhalf\n");
  options.path = folder.path("absent/x");
  EXPECT_EQ((*make_file_sink(options))->send(kInstance, lines(bodies)).error->code,
            ErrorCode::kSystem);
}

const std::string kHead =
    "<83>1 2023-11-14T22:13:20.123456Z h vedette-agent - alert [vedette@32473 id=\"" + kInstance +
    ":1\"] ";

TEST(SyslogSink, SendsDatagramsOfTheUnixKind) {
  TestFolder folder;
  SyslogSinkOptions options;
  options.address = folder.path("log");
  options.host = "h";
  const int receiver = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  options.address.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const auto sink = make_syslog_sink(options);
  const std::vector<std::string> bodies = {"{}"};
  EXPECT_TRUE((*sink)->send(kInstance, lines(bodies)).error.has_value());
  ASSERT_EQ(::bind(receiver, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ((*sink)->send(kInstance, lines(bodies)).done, 1U);
  char buffer[512];
  const ssize_t got = ::recv(receiver, buffer, sizeof(buffer), 0);
  EXPECT_EQ(std::string(buffer, static_cast<std::size_t>(got)), kHead + "{}");
  ::close(receiver);
}

int bound_socket(int type, std::string& address) {
  const int opened = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(where);
  EXPECT_EQ(::bind(opened, reinterpret_cast<sockaddr*>(&where), size), 0);
  ::getsockname(opened, reinterpret_cast<sockaddr*>(&where), &size);
  address = "127.0.0.1:" + std::to_string(ntohs(where.sin_port));
  return opened;
}

TEST(SyslogSink, SendsOverUdpAndRefusesWhatNoDatagramHolds) {
  SyslogSinkOptions options;
  options.transport = SyslogTransport::kUdp;
  options.host = "h";
  const int receiver = bound_socket(SOCK_DGRAM, options.address);
  const std::vector<std::string> bodies = {"{}", std::string(70000, 'x'), "[]"};
  const SendResult result = (*make_syslog_sink(options))->send(kInstance, lines(bodies));
  EXPECT_EQ(result.done, 3U);
  EXPECT_EQ(result.refused, 1U);
  char buffer[512];
  const ssize_t got = ::recv(receiver, buffer, sizeof(buffer), 0);
  EXPECT_EQ(std::string(buffer, static_cast<std::size_t>(got)), kHead + "{}");
  ::close(receiver);
}

TEST(SyslogSink, CountsOctetsOverTcp) {
  SyslogSinkOptions options;
  options.transport = SyslogTransport::kTcp;
  options.host = "h";
  const int listener = bound_socket(SOCK_STREAM, options.address);
  ASSERT_EQ(::listen(listener, 1), 0);
  const std::vector<std::string> bodies = {"{}"};
  EXPECT_EQ((*make_syslog_sink(options))->send(kInstance, lines(bodies)).done, 1U);
  const int connection = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  char buffer[512];
  const ssize_t got = ::recv(connection, buffer, sizeof(buffer), 0);
  const std::string message = kHead + "{}";
  EXPECT_EQ(std::string(buffer, static_cast<std::size_t>(got)),
            std::to_string(message.size()) + " " + message);
  ::close(connection);
  ::close(listener);
}

TEST(SyslogSink, WrongAddressesAreRefused) {
  SyslogSinkOptions options;
  options.address = "localhost:514";
  EXPECT_FALSE(make_syslog_sink(options).has_value());
  options.transport = SyslogTransport::kTcp;
  options.address = "/dev/log";
  EXPECT_FALSE(make_syslog_sink(options).has_value());
}

}  // namespace
}  // namespace vedette::spool
