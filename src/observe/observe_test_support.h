// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/syscall.h>

#include "event/batch.h"
#include "formats/kernel/capture.h"
#include "formats/kernel/record_writer.h"
#include "observe/sighting_reader.h"

namespace vedette::observe {

// Writes a stream as the sensor does: a host, and containers of "shop:1" in control groups from
// 100.
class TestStream {
 public:
  TestStream() : bytes_(formats::kernel::capture_header()) {
    record(VEDETTE_KIND_HOST, 0, 1)
        .text(VEDETTE_FIELD_HOSTNAME, "node1")
        .value(VEDETTE_FIELD_BOOT_TIME, std::int64_t{1'600'000'000'000'000'000});
    process(VEDETTE_KIND_TASK, 1, 0, 1, "/sbin/init");
  }

  formats::kernel::RecordWriter record(std::uint16_t kind, std::uint32_t pid, std::uint64_t cgroup,
                                       std::uint32_t call = VEDETTE_NO_SYSCALL,
                                       std::int64_t result = 0) {
    vedette_record header{};
    header.kind = kind;
    header.time = ++time_;
    header.pid = header.tid = pid;
    header.started = pid;
    header.syscall = call;
    header.result = result;
    header.cgroup = cgroup;
    return {bytes_, header};
  }

  // `kind`: TASK, FORK or EXEC.
  void process(std::uint16_t kind, std::uint32_t pid, std::uint32_t parent, std::uint64_t cgroup,
               std::string_view path) {
    struct {
      std::uint32_t pid, zero;
      std::uint64_t started;
    } const who{parent, 0, parent};
    const std::string arguments = std::string(path) + '\0';
    record(kind, pid, cgroup, kind == VEDETTE_KIND_EXEC ? SYS_execve : VEDETTE_NO_SYSCALL)
        .value(VEDETTE_FIELD_PARENT, who)
        .text(VEDETTE_FIELD_EXE_PATH, path)
        .text(VEDETTE_FIELD_ARGUMENTS, arguments);
  }
  void run(std::uint32_t pid, std::uint32_t parent, std::uint64_t cgroup, std::string_view path) {
    process(VEDETTE_KIND_EXEC, pid, parent, cgroup, path);
  }

  void container(std::uint64_t cgroup, std::string_view image, std::string_view labels) {
    const std::string id = std::to_string(cgroup) + std::string(64 - 3, 'a');
    record(VEDETTE_KIND_CGROUP, 0, cgroup).text(VEDETTE_FIELD_CGROUP_PATH, "/docker/" + id);
    record(VEDETTE_KIND_CONTAINER, 0, cgroup)
        .text(VEDETTE_FIELD_CONTAINER_ID, id)
        .text(VEDETTE_FIELD_NAME, "shop-" + std::to_string(cgroup))
        .text(VEDETTE_FIELD_IMAGE, image)
        .text(VEDETTE_FIELD_NAMESPACE, "market")
        .text(VEDETTE_FIELD_LABELS, labels)
        .value(VEDETTE_FIELD_COMPLETE, std::uint8_t{1});
  }

  void open(std::uint32_t pid, std::uint64_t cgroup, std::string_view path, std::uint64_t flags) {
    vedette_file file{};
    file.type = 'f';
    file.mode = 0100644;
    record(VEDETTE_KIND_SYSCALL, pid, cgroup, SYS_openat, 3)
        .argument(0, static_cast<std::uint64_t>(-100))
        .argument(2, flags)
        .text(VEDETTE_FIELD_PATH_GIVEN, path)
        .text(VEDETTE_FIELD_PATH, path)
        .value(VEDETTE_FIELD_FD, std::int32_t{3})
        .value(VEDETTE_FIELD_FILE, file);
  }

  void socket_call(std::uint32_t pid, std::uint64_t cgroup, std::uint32_t call,
                   std::uint16_t protocol, std::uint16_t local_port, std::uint32_t remote,
                   std::uint16_t remote_port) {
    vedette_socket socket{};
    socket.family = AF_INET;
    socket.protocol = protocol;
    socket.local_port = local_port;
    socket.remote_port = remote_port;
    const std::uint32_t address = htonl(remote);
    std::memcpy(socket.remote, &address, sizeof address);
    record(VEDETTE_KIND_SYSCALL, pid, cgroup, call, 0)
        .argument(0, 5)
        .value(VEDETTE_FIELD_FD, std::int32_t{5})
        .value(VEDETTE_FIELD_SOCKET, socket);
  }

  void calls_seen(std::uint64_t cgroup, std::initializer_list<int> native,
                  std::initializer_list<int> compat) {
    std::string bits(128, '\0');
    const auto set = [&bits](std::size_t from, int number) {
      char& byte = bits[from + static_cast<std::size_t>(number) / 8];
      byte = static_cast<char>(byte | 1 << (number % 8));
    };
    for (const int number : native) set(0, number);
    for (const int number : compat) set(64, number);
    record(VEDETTE_KIND_CALLS_SEEN, 0, cgroup).text(VEDETTE_FIELD_DATA, bits);
  }

  void lost(std::uint64_t count) {
    record(VEDETTE_KIND_LOST, 0, 0).value(VEDETTE_FIELD_LOST, count);
  }

  // Reads all that was written so far, once.
  void read(const std::function<void(const Sighting&)>& visit) {
    event::Batch batch;
    auto input = std::make_shared<event::Input>();
    input->name = "stream";
    input->format = event::RecordFormat::kKernel;
    batch.input = input;
    batch.offset = offset_;
    batch.buffer.reserve(bytes_.size());
    std::memcpy(batch.buffer.data(), bytes_.data(), bytes_.size());
    batch.buffer.set_size(bytes_.size());
    offset_ += bytes_.size();
    bytes_.clear();
    reader.read(batch, visit);
  }

  SightingReader reader{Limits()};

 private:
  std::string bytes_;
  std::uint64_t offset_ = 0;
  std::uint64_t time_ = 1000;
};

// A shop that serves, writes logs and asks a data base, in control group 100.
inline void ordinary_day(TestStream& stream) {
  constexpr std::uint64_t kShop = 100;
  std::string labels;
  for (const std::string_view label : {"app=shop", "io.kubernetes.pod.name=shop-0"}) {
    labels.append(label).push_back('\0');
  }
  stream.container(kShop, "registry.example/shop:1", labels);
  stream.process(VEDETTE_KIND_FORK, 10, 1, kShop, "/usr/sbin/runc");
  stream.open(10, kShop, "/run/runc/state.json", 0101);  // the runtime's own
  stream.run(10, 1, kShop, "/bin/sh");
  stream.process(VEDETTE_KIND_FORK, 11, 10, kShop, "/bin/sh");
  stream.run(11, 10, kShop, "/usr/bin/python3.11");
  stream.open(11, kShop, "/usr/lib/x86_64-linux-gnu/libssl.so.3", 0);
  stream.open(11, kShop, "/usr/lib/python3/dist-packages/yaml/__init__.py", 0);
  stream.open(11, kShop, "/usr/lib/python3/dist-packages/__pycache__/six.cpython-311.pyc", 0);
  stream.open(11, kShop, "/opt/app/lib/log4j-core-2.17.jar", 0);
  stream.open(11, kShop, "/models/llama/weights.safetensors", 0);
  stream.open(11, kShop, "/etc/shop.conf", 0);
  stream.open(11, kShop, "/proc/self/status", 0);
  stream.open(11, kShop, "/var/log/shop/2026-01-01.log", 0101);
  stream.open(11, kShop, "/var/log/shop/2026-01-02.log", 0101);
  stream.socket_call(11, kShop, SYS_listen, IPPROTO_TCP, 8080, 0, 0);
  stream.socket_call(11, kShop, SYS_listen, IPPROTO_TCP, 40123, 0, 0);
  stream.socket_call(11, kShop, SYS_connect, IPPROTO_TCP, 45000, 0x0A000005, 5432);
  stream.socket_call(11, kShop, SYS_connect, IPPROTO_TCP, 45001, 0x7F000001, 6379);
  stream.calls_seen(kShop, {SYS_read, SYS_openat, SYS_socket, SYS_clone3}, {});
}

}  // namespace vedette::observe
