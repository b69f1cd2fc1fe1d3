// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sensor/live_test.h"

// Denials by the kernel's security hooks, with tables made by hand. Where the kernel refuses such
// programs, what it says is the reason to skip.
namespace vedette::sensor::live {
namespace {

constexpr EntrySets kNone = {};
constexpr EntrySets kFirst = {{1, 1, 1}};

// A table whose first entry of `action` agrees with everything, until a test says otherwise.
EnforcementTable one_entry(vedette_action action) {
  EnforcementTable table;
  table.all.of[action] = 1;
  table.rules[action] = {"the rule"};
  for (EntrySets* sets :
       {&table.host, &table.starts.otherwise, &table.ends.otherwise, &table.exes.otherwise,
        &table.names.otherwise, &table.parents.otherwise, &table.networks.otherwise, &table.port,
        &table.no_network, &table.no_port, &table.created}) {
    *sets = kFirst;
  }
  table.access.fill(kFirst);
  table.types.fill(kFirst);
  return table;
}

// errno of a call, 0 when it succeeded.
int error_of(long result) { return result < 0 ? errno : 0; }

class LiveEnforcement : public LiveTest {
 protected:
  // Starts with the table; the test is skipped where the kernel does not take it.
  void enforce(const EnforcementTable& table) {
    options_.enforcement = std::make_shared<const EnforcementTable>(table);
    auto source = KernelSource::create(options_);
    if (!source && source.error().code == ErrorCode::kUnsupported) {
      GTEST_SKIP() << source.error().message;
    }
    if (!source) return start(options_);
    source_ = std::move(*source);
  }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
  }
  // What `work` gave in a child, and the records of what was denied meanwhile.
  struct Outcome {
    long value = 0;
    std::vector<Record> denied;
  };
  Outcome attempt(const std::function<long()>& work) {
    Told told;
    const std::vector<Record> records = watch([&] { told.tell(work()); });
    return {told.value(), of_kind(records, VEDETTE_KIND_BLOCKED)};
  }
};

TEST_F(LiveEnforcement, OpeningAFileIsDenied) {
  EnforcementTable table = one_entry(VEDETTE_OPEN);
  table.starts.otherwise = kNone;
  table.wholes.by_text[path("forbidden")] = kFirst;
  write("forbidden", "planted");
  write("allowed", "planted");
  enforce(table);
  if (IsSkipped()) return;
  Outcome open = attempt([&] { return error_of(::open("forbidden", O_RDONLY)); });
  EXPECT_EQ(open.value, EPERM);
  ASSERT_EQ(open.denied.size(), 1U);
  EXPECT_EQ(open.denied[0].text(VEDETTE_FIELD_PATH), path("forbidden"));
  EXPECT_EQ(open.denied[0].text(VEDETTE_FIELD_NAME), "the rule");
  EXPECT_EQ(open.denied[0].header.result, -EPERM);
  open = attempt([&] { return error_of(::open("allowed", O_RDONLY)); });
  EXPECT_EQ(open.value, 0);
  EXPECT_TRUE(open.denied.empty());
  // Another name of the same file leads to where the kernel finds it.
  open = attempt([&] {
    if (symlink("forbidden", "other") != 0) return -1;
    return error_of(::open("other", O_RDONLY));
  });
  EXPECT_EQ(open.value, EPERM);
}

TEST_F(LiveEnforcement, WhatMayNotBeWrittenIsNotMade) {
  EnforcementTable table = one_entry(VEDETTE_OPEN);
  table.starts.otherwise = kNone;
  table.starts.by_text[path("models/")] = kFirst;
  table.access[0] = kNone;
  std::filesystem::create_directory(path("models"));
  write("models/old", "planted");
  enforce(table);
  if (IsSkipped()) return;
  const std::string made = path("models/new");
  Outcome create =
      attempt([&] { return error_of(::open(made.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644)); });
  EXPECT_EQ(create.value, EPERM);
  EXPECT_EQ(create.denied.size(), 1U);
  EXPECT_FALSE(std::filesystem::exists(made));
  create = attempt([&] { return error_of(::creat(made.c_str(), 0644)); });
  EXPECT_EQ(create.value, EPERM);
  EXPECT_FALSE(std::filesystem::exists(made));
  create = attempt([&] {
    open_how how = {};
    how.flags = O_RDWR | O_CREAT;
    how.mode = 0644;
    return error_of(syscall(SYS_openat2, AT_FDCWD, made.c_str(), &how, sizeof how));
  });
  EXPECT_EQ(create.value, EPERM);
  EXPECT_FALSE(std::filesystem::exists(made));
  // What exists keeps its content, also against O_TRUNC, and is told of once.
  create =
      attempt([&] { return error_of(::open("models/old", O_WRONLY | O_CREAT | O_TRUNC, 0644)); });
  EXPECT_EQ(create.value, EPERM);
  EXPECT_EQ(create.denied.size(), 1U);
  EXPECT_EQ(std::filesystem::file_size(path("models/old")), 7U);
  EXPECT_EQ(attempt([&] { return error_of(::open("models/old", O_RDONLY)); }).value, 0);
  EXPECT_EQ(attempt([&] { return error_of(::open("elsewhere", O_WRONLY | O_CREAT, 0644)); }).value,
            0);
}

TEST_F(LiveEnforcement, APathThatIsTooDeepToBeKnownIsDenied) {
  EnforcementTable table = one_entry(VEDETTE_OPEN);
  table.starts.otherwise = kNone;
  table.wholes.by_text["/nowhere"] = kFirst;
  constexpr int kDepth = 170;
  std::string deep = folder_;
  for (int i = 0; i < kDepth; ++i) deep += "/d";
  std::filesystem::create_directories(deep);
  std::ofstream(deep + "/file") << "planted";
  enforce(table);
  if (IsSkipped()) return;
  EXPECT_EQ(attempt([&] { return error_of(::open((deep + "/file").c_str(), O_RDONLY)); }).value,
            EPERM);
}

TEST_F(LiveEnforcement, EndsNamesAndProgramsAreAskedTogether) {
  EnforcementTable table = one_entry(VEDETTE_OPEN);
  table.asks_ends = true;
  table.ends.otherwise = kNone;
  table.ends.by_text[".key"] = kFirst;
  table.names.by_text["trusted"] = kNone;
  write("a.key", "planted");
  enforce(table);
  if (IsSkipped()) return;
  EXPECT_EQ(attempt([&] { return error_of(::open("a.key", O_RDONLY)); }).value, EPERM);
  EXPECT_EQ(attempt([&] {
              std::ofstream("/proc/self/comm") << "trusted";
              return error_of(::open("a.key", O_RDONLY));
            }).value,
            0);
}

TEST_F(LiveEnforcement, AProgramIsNotRun) {
  EnforcementTable table = one_entry(VEDETTE_EXEC);
  table.starts.otherwise = kNone;
  table.wholes.by_text[path("forbidden")] = kFirst;
  const auto made = std::filesystem::perms::all;
  for (const char* name : {"forbidden", "allowed"}) {
    std::filesystem::copy_file("/proc/self/exe", path(name));
    std::filesystem::permissions(path(name), made);
  }
  enforce(table);
  if (IsSkipped()) return;
  const auto run_it = [&](const std::string& name) {
    char first[] = "it";
    char list[] = "--gtest_list_tests";
    char* const arguments[] = {first, list, nullptr};
    const pid_t child = fork();
    if (child == 0) {
      // A failed exec leaves its error, a successful one what the program ends with.
      close(STDOUT_FILENO);
      execv(path(name).c_str(), arguments);
      _exit(100 + errno);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return static_cast<long>(WEXITSTATUS(status));
  };
  EXPECT_EQ(run_it("forbidden"), 100 + EPERM);
  EXPECT_EQ(run_it("allowed"), 0);
}

struct Listener {
  explicit Listener(int family) : socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    sockaddr_in6 own = {};
    own.sin6_family = static_cast<sa_family_t>(family);
    if (family == AF_INET6) own.sin6_addr = in6addr_loopback;
    if (family == AF_INET)
      reinterpret_cast<sockaddr_in&>(own).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    EXPECT_EQ(bind(socket, reinterpret_cast<sockaddr*>(&own), size), 0);
    EXPECT_EQ(listen(socket, 4), 0);
    EXPECT_EQ(getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size), 0);
    address_size = size;
  }
  ~Listener() { close(socket); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  std::uint16_t port() const { return ntohs(address.sin6_port); }
  long connect_to() const {
    const int client = ::socket(address.sin6_family, SOCK_STREAM, 0);
    return error_of(connect(client, reinterpret_cast<const sockaddr*>(&address), address_size));
  }
  // Whether anybody came.
  bool reached() const { return accept(socket, nullptr, nullptr) >= 0; }

  int socket;
  sockaddr_in6 address = {};
  socklen_t address_size = 0;
};

TEST_F(LiveEnforcement, AConnectionIsNotBegun) {
  EnforcementTable table = one_entry(VEDETTE_CONNECT);
  const Listener forbidden(AF_INET);
  const Listener allowed(AF_INET);
  table.networks.otherwise = kNone;
  const unsigned char network[17] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 0, 104};
  table.networks.by_text[std::string(reinterpret_cast<const char*>(network), 17)] = kFirst;
  table.port = kNone;
  table.ports[forbidden.port()] = kFirst;
  enforce(table);
  if (IsSkipped()) return;
  const Outcome denied = attempt([&] { return forbidden.connect_to(); });
  EXPECT_EQ(denied.value, EPERM);
  ASSERT_EQ(denied.denied.size(), 1U);
  const auto told = denied.denied[0].as<sockaddr_in>(VEDETTE_FIELD_ADDRESS);
  EXPECT_EQ(ntohs(told.sin_port), forbidden.port());
  EXPECT_FALSE(forbidden.reached());
  EXPECT_EQ(attempt([&] { return allowed.connect_to(); }).value, 0);
  EXPECT_TRUE(allowed.reached());
}

TEST_F(LiveEnforcement, WhatIsDeniedIsInTheLedger) {
  EnforcementTable table = one_entry(VEDETTE_OPEN);
  table.starts.otherwise = kNone;
  table.wholes.by_text[path("forbidden")] = kFirst;
  write("forbidden", "planted");
  enforce(table);
  if (IsSkipped()) return;
  constexpr int kAttempts = 500;
  const Outcome many = attempt([&] {
    long denied = 0;
    for (int i = 0; i < kAttempts; ++i) denied += ::open("forbidden", O_RDONLY) < 0 ? 1 : 0;
    return denied;
  });
  EXPECT_EQ(many.value, kAttempts);
  EXPECT_EQ(many.denied.size(), static_cast<std::size_t>(kAttempts));
  const KernelStatistics statistics = source_->statistics();
  EXPECT_EQ(
      statistics.produced[VEDETTE_KIND_BLOCKED],
      statistics.delivered[VEDETTE_KIND_BLOCKED] + statistics.reserve_failed[VEDETTE_KIND_BLOCKED]);
}

}  // namespace
}  // namespace vedette::sensor::live
