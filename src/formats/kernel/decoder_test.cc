// SPDX-License-Identifier: Apache-2.0
#include "formats/kernel/decoder.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <sys/socket.h>

#include "formats/kernel/capture.h"
#include "formats/kernel/record_writer.h"

namespace vedette::formats::kernel {
namespace {

constexpr std::uint64_t kCgroup = 4711;
const std::string kContainerId(64, 'a');

std::string list(std::initializer_list<std::string_view> elements) {
  std::string text;
  for (const std::string_view element : elements) text.append(element).push_back('\0');
  return text;
}

// Writes a stream as the sensor does.
class Stream {
 public:
  Stream() : bytes_(capture_header()) {
    record(VEDETTE_KIND_HOST, 0)
        .text(VEDETTE_FIELD_HOSTNAME, "node1")
        .value(VEDETTE_FIELD_BOOT_TIME, std::int64_t{1'600'000'000'000'000'000});
    record(VEDETTE_KIND_USER, 0)
        .value(VEDETTE_FIELD_ID, std::uint32_t{1000})
        .text(VEDETTE_FIELD_NAME, "alice");
    process(VEDETTE_KIND_TASK, 1, 0, "init", {"/sbin/init"});
    process(VEDETTE_KIND_TASK, 10, 1, "sshd", {"sshd", "-D"});
  }

  RecordWriter record(std::uint16_t kind, std::uint32_t pid,
                      std::uint32_t call = VEDETTE_NO_SYSCALL, std::int64_t result = 0) {
    vedette_record header{};
    header.kind = kind;
    header.time = ++time_;
    header.pid = header.tid = pid;
    header.started = pid;
    header.syscall = call;
    header.result = result;
    header.cgroup = cgroup;
    return RecordWriter(bytes_, header);
  }

  RecordWriter append(const vedette_record& header) { return RecordWriter(bytes_, header); }

  void process(std::uint16_t kind, std::uint32_t pid, std::uint32_t parent, std::string_view comm,
               std::initializer_list<std::string_view> arguments) {
    struct {
      std::uint32_t pid, zero;
      std::uint64_t started;
    } const who{parent, 0, parent};
    vedette_credentials credentials{};
    credentials.uid = credentials.euid = 1000;
    credentials.login_uid = 0xFFFFFFFF;
    vedette_session session{};
    session.vpid = session.sid = session.pgid = session.vpgid = session.vsid = pid;
    record(kind, pid, 59)
        .text(VEDETTE_FIELD_COMM, comm)
        .text(VEDETTE_FIELD_EXE_NAME, "./" + std::string(comm))
        .text(VEDETTE_FIELD_EXE_PATH, "/usr/bin/" + std::string(comm))
        .text(VEDETTE_FIELD_ARGUMENTS, list(arguments))
        .text(VEDETTE_FIELD_CWD, "/home/alice")
        .value(VEDETTE_FIELD_PARENT, who)
        .value(VEDETTE_FIELD_CREDENTIALS, credentials)
        .value(VEDETTE_FIELD_SESSION, session);
  }

  const std::string& bytes() const { return bytes_; }
  std::uint64_t cgroup = 0;

 private:
  std::string bytes_;
  std::uint64_t time_ = 0;
};

event::Batch batch_of(std::string_view bytes) {
  event::Batch batch;
  batch.input =
      std::make_shared<event::Input>(event::Input{"capture", event::RecordFormat::kKernel, 0, 0});
  batch.buffer.reserve(bytes.size());
  std::memcpy(batch.buffer.data(), bytes.data(), bytes.size());
  batch.buffer.set_size(bytes.size());
  return batch;
}

// All events of a stream, as field -> values joined by "|".
using Fields = std::map<std::string, std::string>;
std::vector<Fields> decode(std::string_view bytes, const std::vector<std::string>& names,
                           std::vector<logs::RecordProblem>* problems = nullptr) {
  event::FieldTree::Builder builder;
  for (std::size_t i = 0; i < names.size(); ++i) {
    builder.add(names[i], static_cast<event::Slot>(i), 0);
  }
  const event::FieldTree tree = std::move(builder).build();
  const Limits limits;
  KernelDecoder decoder(tree, limits);
  const event::Batch batch = batch_of(bytes);
  event::Event event(names.size());
  decoder.start(batch);
  std::vector<Fields> events;
  while (decoder.next(event)) {
    Fields& fields = events.emplace_back();
    for (const event::Slot slot : event.present()) {
      std::string text;
      for (const event::Value* value = &event[slot]; value != nullptr; value = event.next(*value)) {
        if (!text.empty()) text += '|';
        text += event::text_of(*value, event.arena());
      }
      fields[names[slot]] = text;
    }
  }
  if (problems != nullptr) *problems = decoder.problems();
  return events;
}

TEST(KernelDecoder, ExecHasTheFieldsOfTheNewProgramAndItsAncestors) {
  Stream stream;
  stream.process(VEDETTE_KIND_EXEC, 20, 10, "bash", {"-bash", "-c", "id"});
  const auto events =
      decode(stream.bytes(), {"evt.type", "proc.name", "proc.cmdline", "proc.pname", "proc.aname",
                              "proc.aname[2]", "proc.exe", "user.name", "user.loginuid", "proc.cwd",
                              "container.id", "evt.hostname", "evt.arg.args", "evt.arg.filename"});
  ASSERT_EQ(events.size(), 1U);
  const Fields expected = {
      {"evt.type", "execve"},       {"proc.name", "bash"},         {"proc.cmdline", "bash -c id"},
      {"proc.pname", "sshd"},       {"proc.aname", "sshd|init"},   {"proc.aname[2]", "init"},
      {"proc.exe", "-bash"},        {"user.name", "alice"},        {"user.loginuid", "-1"},
      {"proc.cwd", "/home/alice/"}, {"container.id", "host"},      {"evt.hostname", "node1"},
      {"evt.arg.args", "-c id"},    {"evt.arg.filename", "./bash"}};
  EXPECT_EQ(events.front(), expected);
}

TEST(KernelDecoder, MakesWhatNoConditionAsksForWhenToldTo) {
  Stream stream;
  stream.process(VEDETTE_KIND_EXEC, 20, 10, "bash", {"-bash", "-c", "id"});
  event::FieldTree::Builder builder;
  const std::vector<std::string> late = {"proc.cmdline", "evt.arg.args", "evt.num"};
  builder.add("proc.name", 0, 0);
  for (event::Slot slot = 1; slot <= late.size(); ++slot)
    builder.add(late[slot - 1], slot, 0, true);
  const event::FieldTree tree = std::move(builder).build();
  KernelDecoder decoder(tree, Limits{});
  const std::string bytes = stream.bytes();
  const event::Batch batch = batch_of(bytes);
  event::Event event(late.size() + 1);
  decoder.start(batch);
  ASSERT_TRUE(decoder.next(event));
  EXPECT_EQ(event.present(), std::vector<event::Slot>{0});
  decoder.complete(event);
  EXPECT_EQ(event[1].bytes(), "bash -c id");
  EXPECT_EQ(event[2].bytes(), "-c id");
  EXPECT_EQ(event[3].bytes(), "1");
}

TEST(KernelDecoder, StampsSingleValuesOfAProcessUntilItChanges) {
  Stream stream;
  for (int i = 0; i < 2; ++i) stream.record(VEDETTE_KIND_SYSCALL, 10, 257, 3);
  stream.process(VEDETTE_KIND_EXEC, 10, 1, "bash", {"bash"});
  event::FieldTree::Builder builder;
  builder.add("proc.name", 0, 0);
  builder.add("proc.aname", 1, 0);
  builder.add("evt.type", 2, 0);
  const event::FieldTree tree = std::move(builder).build();
  KernelDecoder decoder(tree, Limits{});
  const std::string bytes = stream.bytes();
  const event::Batch batch = batch_of(bytes);
  event::Event event(3);
  decoder.start(batch);
  ASSERT_TRUE(decoder.next(event));
  const std::uint32_t first = event[0].stamp;
  EXPECT_NE(first, 0U);
  EXPECT_EQ(event[2].stamp, 0U);
  ASSERT_TRUE(decoder.next(event));
  EXPECT_EQ(event[0].stamp, first);
  ASSERT_TRUE(decoder.next(event));
  EXPECT_EQ(event[0].bytes(), "bash");
  EXPECT_NE(event[0].stamp, first);
}

TEST(KernelDecoder, PathsAreMadeAbsoluteAndKeptAsGiven) {
  Stream stream;
  vedette_file file{};
  file.type = 'f';
  stream.record(VEDETTE_KIND_SYSCALL, 10, 257, 3)
      .argument(0, static_cast<std::uint64_t>(-100))
      .argument(2, 01101)
      .argument(3, 0644)
      .text(VEDETTE_FIELD_PATH_GIVEN, "../../etc/./passwd")
      .text(VEDETTE_FIELD_FOLDER, "/home/alice")
      .text(VEDETTE_FIELD_PATH, "/etc/passwd")
      .value(VEDETTE_FIELD_FILE, file);
  const auto events =
      decode(stream.bytes(), {"fd.name", "fd.nameraw", "fd.directory", "fd.filename", "fd.num",
                              "fd.typechar", "evt.arg.name", "evt.arg.flags", "evt.arg.mode",
                              "evt.arg.dirfd", "evt.is_open_write", "evt.is_open_read"});
  ASSERT_EQ(events.size(), 1U);
  const Fields expected = {{"fd.name", "/etc/passwd"},
                           {"fd.nameraw", "../../etc/./passwd"},
                           {"fd.directory", "/etc"},
                           {"fd.filename", "passwd"},
                           {"fd.num", "3"},
                           {"fd.typechar", "f"},
                           {"evt.arg.name", "/etc/passwd"},
                           {"evt.arg.flags", "O_CREAT|O_TRUNC|O_WRONLY"},
                           {"evt.arg.mode", "0644"},
                           {"evt.arg.dirfd", "AT_FDCWD"},
                           {"evt.is_open_write", "true"},
                           {"evt.is_open_read", "false"}};
  EXPECT_EQ(events.front(), expected);
}

TEST(KernelDecoder, ConnectionsHaveTheirEnds) {
  Stream stream;
  vedette_socket socket{};
  socket.family = AF_INET;
  socket.protocol = IPPROTO_TCP;
  socket.local_port = 40000;
  socket.remote_port = 443;
  inet_pton(AF_INET, "10.0.0.1", socket.local);
  inet_pton(AF_INET, "192.0.2.7", socket.remote);
  stream.record(VEDETTE_KIND_SYSCALL, 10, 42, 0)
      .value(VEDETTE_FIELD_FD, std::int32_t{5})
      .value(VEDETTE_FIELD_SOCKET, socket);
  const auto events = decode(stream.bytes(), {"fd.name", "fd.sip", "fd.cport", "fd.l4proto",
                                              "fd.type", "fd.ip", "evt.res"});
  ASSERT_EQ(events.size(), 1U);
  const Fields expected = {{"fd.name", "10.0.0.1:40000->192.0.2.7:443"},
                           {"fd.sip", "192.0.2.7"},
                           {"fd.cport", "40000"},
                           {"fd.l4proto", "tcp"},
                           {"fd.type", "ipv4"},
                           {"fd.ip", "10.0.0.1|192.0.2.7"},
                           {"evt.res", "SUCCESS"}};
  EXPECT_EQ(events.front(), expected);
}

TEST(KernelDecoder, TheFirstEventOfAContainerKnowsItAndLaterOnesItsImage) {
  Stream stream;
  stream.cgroup = kCgroup;
  stream.record(VEDETTE_KIND_CGROUP, 0).text(VEDETTE_FIELD_CGROUP_PATH, "/docker/" + kContainerId);
  stream.process(VEDETTE_KIND_EXEC, 30, 10, "sh", {"sh"});
  stream.record(VEDETTE_KIND_CONTAINER, 0)
      .text(VEDETTE_FIELD_CONTAINER_ID, kContainerId)
      .text(VEDETTE_FIELD_IMAGE, "localhost:5000/app:v1")
      .value(VEDETTE_FIELD_COMPLETE, std::uint8_t{1});
  stream.record(VEDETTE_KIND_SYSCALL, 30, 87).text(VEDETTE_FIELD_PATH_GIVEN, "/x");
  const auto events = decode(stream.bytes(), {"container.id", "container.image.repository",
                                              "container.image.tag", "evt.type"});
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0], (Fields{{"container.id", "aaaaaaaaaaaa"}, {"evt.type", "execve"}}));
  EXPECT_EQ(events[1], (Fields{{"container.id", "aaaaaaaaaaaa"},
                               {"container.image.repository", "localhost:5000/app"},
                               {"container.image.tag", "v1"},
                               {"evt.type", "unlink"}}));
}

TEST(KernelDecoder, ContainersAreForgottenWithTheirLastControlGroup) {
  Stream stream;
  constexpr std::uint64_t kInner = 4712;
  const auto group = [&](std::uint64_t cgroup, std::string_view path, bool gone) {
    vedette_record header{};
    header.kind = VEDETTE_KIND_CGROUP;
    header.cgroup = cgroup;
    header.flags = gone ? VEDETTE_FLAG_GONE : 0;
    stream.append(header).text(VEDETTE_FIELD_CGROUP_PATH, path);
  };
  const std::string path = "/docker/" + kContainerId;
  group(kCgroup, path, false);
  group(kInner, path + "/inner", false);
  stream.record(VEDETTE_KIND_USER, 0)
      .value(VEDETTE_FIELD_ID, std::uint32_t{7})
      .text(VEDETTE_FIELD_NAME, "inside")
      .text(VEDETTE_FIELD_CONTAINER_ID, kContainerId);
  group(kCgroup, path, true);
  const std::string before = stream.bytes();
  group(kInner, path + "/inner", true);
  const event::FieldTree tree = event::FieldTree::Builder().build();
  const Limits limits;
  event::Event event(0);
  for (const bool gone : {false, true}) {
    KernelDecoder decoder(tree, limits);
    const event::Batch batch = batch_of(gone ? std::string_view(stream.bytes()) : before);
    decoder.start(batch);
    while (decoder.next(event)) {
    }
    EXPECT_EQ(decoder.state().container(kContainerId) == nullptr, gone);
  }
}

TEST(KernelDecoder, ChildrenSeeWhatBecameOfTheirParents) {
  Stream stream;
  stream.process(VEDETTE_KIND_FORK, 20, 10, "sshd", {"sshd"});
  stream.process(VEDETTE_KIND_FORK, 21, 20, "sshd", {"sshd"});
  stream.record(VEDETTE_KIND_SYSCALL, 21, 87).text(VEDETTE_FIELD_PATH_GIVEN, "/a");
  stream.process(VEDETTE_KIND_EXEC, 20, 10, "bash", {"bash"});
  stream.record(VEDETTE_KIND_SYSCALL, 21, 87).text(VEDETTE_FIELD_PATH_GIVEN, "/b");
  stream.record(VEDETTE_KIND_EXIT, 20);
  stream.record(VEDETTE_KIND_SYSCALL, 21, 87).text(VEDETTE_FIELD_PATH_GIVEN, "/c");
  std::vector<std::string> parents;
  for (const Fields& fields : decode(stream.bytes(), {"evt.type", "proc.pname"})) {
    if (fields.at("evt.type") == "unlink") parents.push_back(fields.at("proc.pname"));
  }
  // An orphan goes to the first process of its namespace.
  EXPECT_EQ(parents, (std::vector<std::string>{"sshd", "bash", "init"}));
}

TEST(KernelDecoder, CountsWhatTheKernelHadNoRoomFor) {
  Stream stream;
  stream.record(VEDETTE_KIND_LOST, 0)
      .value(VEDETTE_FIELD_LOST, std::uint64_t{5})
      .text(VEDETTE_FIELD_STAGE, "kernel");
  stream.record(VEDETTE_KIND_SYSCALL, 10, 87).text(VEDETTE_FIELD_PATH_GIVEN, "/a");
  const event::FieldTree tree = event::FieldTree::Builder().build();
  const Limits limits;
  KernelDecoder decoder(tree, limits);
  event::Event event(0);
  const event::Batch batch = batch_of(stream.bytes());
  decoder.start(batch);
  while (decoder.next(event)) {
  }
  EXPECT_EQ(decoder.lost(), 5U);
  EXPECT_EQ(decoder.state().lost(), 5U);
}

TEST(KernelDecoder, DnsMessagesHaveTheirQuestionAndAnswers) {
  const std::string message(
      "\x12\x34\x81\x80\0\1\0\2\0\0\0\0\3www\7example\3org\0\0\1\0\1"
      "\xC0\x0C\0\5\0\1\0\0\0\x3C\0\6\3cdn\xC0\x10"
      "\xC0\x0C\0\1\0\1\0\0\0\x3C\0\4\xC0\0\2\7",
      12 + 21 + 18 + 16);
  Stream stream;
  stream.record(VEDETTE_KIND_DNS, 10).text(VEDETTE_FIELD_DATA, message);
  const auto events =
      decode(stream.bytes(), {"evt.type", "dns.question", "dns.type", "dns.answer", "dns.code"});
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events.front(), (Fields{{"evt.type", "dns"},
                                    {"dns.question", "www.example.org"},
                                    {"dns.type", "A"},
                                    {"dns.answer", "cdn.example.org|192.0.2.7"},
                                    {"dns.code", "0"}}));
}

TEST(KernelDecoder, ACaptureOfAnotherVersionIsRefused) {
  Stream stream;
  stream.record(VEDETTE_KIND_SYSCALL, 10, 87).text(VEDETTE_FIELD_PATH_GIVEN, "/a");
  std::string bytes = stream.bytes();
  bytes[8] = 2;
  std::vector<logs::RecordProblem> problems;
  EXPECT_TRUE(decode(bytes, {"fs.path.name"}, &problems).empty());
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems.front().message.find("found version 2"), std::string::npos);
}

TEST(KernelDecoder, AMalformedRecordCostsItselfOnly) {
  Stream stream;
  const std::size_t before = stream.bytes().size();
  stream.record(VEDETTE_KIND_SYSCALL, 10, 87).text(VEDETTE_FIELD_PATH_GIVEN, "/bad");
  stream.record(VEDETTE_KIND_SYSCALL, 10, 87).text(VEDETTE_FIELD_PATH_GIVEN, "/good");
  std::string bytes = stream.bytes();
  bytes[before] = 3;  // a size that no record has
  std::vector<logs::RecordProblem> problems;
  const auto events = decode(bytes, {"fs.path.name"}, &problems);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events.front().at("fs.path.name"), "/good");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems.front().offset, before);
}

}  // namespace
}  // namespace vedette::formats::kernel
