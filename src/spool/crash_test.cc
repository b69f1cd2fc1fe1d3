// SPDX-License-Identifier: Apache-2.0
// Kills a process that spools and delivers, at random moments, and proves afterwards that nothing
// that was reported as stored is lost, that nothing that was acknowledged comes more than once
// again, and that the counts close.
//
// The child writes numbered records and delivers them over a socket pair to the parent, which is
// the receiver. What the child was told is kept in memory that both share and that outlives it: a
// byte for each number, set behind append(). The parent answers each batch with the last sequence
// that it has, and, where the round says so, answers what it has already when a new child asks.
#include <csignal>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>

#include "base/file.h"
#include "spool/delivery.h"
#include "spool/spool_test_support.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define VEDETTE_SLOW_BUILD 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define VEDETTE_SLOW_BUILD 1
#endif
#endif

namespace vedette::spool {
namespace {

#ifdef VEDETTE_SLOW_BUILD
constexpr int kKills = 40;
#else
constexpr int kKills = 200;
#endif
constexpr std::uint64_t kNumbersMax = 4'000'000;

// Shared by parent and children; a process that dies leaves it as it is.
struct Shared {
  std::atomic<std::uint64_t> next;                // the next number
  std::atomic<std::uint8_t> stored[kNumbersMax];  // append() reported the record as stored
};

struct Message {
  std::uint64_t count = 0;  // 0 asks what the receiver has
};
struct Line {
  std::uint64_t sequence = 0;
  std::uint64_t number = 0;
};

bool transfer(int socket, void* bytes, std::size_t size, bool out) {
  auto* at = static_cast<char*>(bytes);
  while (size > 0) {
    const ssize_t done = out ? ::send(socket, at, size, MSG_NOSIGNAL) : ::recv(socket, at, size, 0);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    at += done;
    size -= static_cast<std::size_t>(done);
  }
  return true;
}

class SocketSink final : public DeliverySink {
 public:
  SocketSink(int socket, bool resumes) : socket_(socket), resumes_(resumes) {}
  std::string_view name() const override { return "socket"; }
  SendResult send(std::string_view, std::span<const Record> records) override {
    Message message{records.size()};
    std::vector<Line> lines;
    for (const Record& record : records) {
      lines.push_back({record.sequence, std::stoull(std::string(record.body))});
    }
    std::uint64_t last = 0;
    if (!transfer(socket_, &message, sizeof(message), true) ||
        !transfer(socket_, lines.data(), lines.size() * sizeof(Line), true) ||
        !transfer(socket_, &last, sizeof(last), false)) {
      return SendResult::failed(0, {ErrorCode::kSystem, "the receiver is gone"});
    }
    return SendResult::all(records.size());
  }
  Result<std::optional<std::uint64_t>> resume(std::string_view) override {
    if (!resumes_) return std::optional<std::uint64_t>();
    Message message;
    std::uint64_t last = 0;
    if (!transfer(socket_, &message, sizeof(message), true) ||
        !transfer(socket_, &last, sizeof(last), false)) {
      return failure(ErrorCode::kSystem, "the receiver is gone");
    }
    return std::optional<std::uint64_t>(last);
  }

 private:
  int socket_;
  bool resumes_;
};

enum class Trouble : std::uint8_t { kNone, kTornTail, kFullDisk };

struct Round {
  Trouble trouble = Trouble::kNone;
  bool resumes = true;
  bool last = false;  // writes nothing, sends all, ends by itself
  int boot = 0;       // another one after a loss of power
};

SpoolOptions spool_options(const std::string& folder, int boot = 0) {
  SpoolOptions options;
  options.boot = std::to_string(boot);
  options.folder = folder;
  options.segment_bytes = 16384;
  options.bytes_max = std::uint64_t{256} << 20;
  options.overflow = Overflow::kBlock;
  options.sync_interval = kNsPerSecond / 50;
  return options;
}

void write_records(Spool& spool, SmallDisk& disk, Shared& shared, const Round& round) {
  std::minstd_rand random(static_cast<unsigned>(shared.next.load() + 1));
  for (std::uint64_t turn = 0;; ++turn) {
    // The disk is full for a while, again and again.
    if (round.trouble == Trouble::kFullDisk)
      disk.room = turn % 64 < 16 ? random() % 300 : UINT64_MAX;
    const std::uint64_t count = 1 + random() % 20;
    const std::uint64_t first = shared.next.fetch_add(count);
    if (first + count > kNumbersMax) ::pause();
    std::vector<std::string> bodies;
    for (std::uint64_t i = 0; i < count; ++i) {
      bodies.push_back(std::to_string(first + i) + std::string(random() % 90, ' '));
    }
    std::vector<NewRecord> records;
    for (const std::string& body : bodies) {
      records.push_back({RecordKind::kAlert, event::Level::kLow, body});
    }
    const Result<Appended> appended = spool.append(records);
    if (!appended.has_value()) continue;
    for (std::uint64_t i = 0; i < appended->stored; ++i) shared.stored[first + i] = 1;
    spool.give_up(count - appended->stored);
    if (spool.waiting() > 2000) ::usleep(1000);
  }
}

[[noreturn]] void child(const std::string& folder, int socket, Shared& shared, const Round& round) {
  event::Ledger ledger;
  const SystemClock clock;
  SmallDisk disk;
  auto spool = Spool::open(spool_options(folder, round.boot), ledger, clock, disk);
  if (!spool.has_value()) ::_exit(3);
  SocketSink sink(socket, round.resumes);
  DeliveryOptions options;
  options.batch_count_max = 64;
  Delivery delivery(**spool, sink, ledger, clock, options);
  if (!round.last) {
    std::thread deliver([&] { delivery.run({}); });
    write_records(**spool, disk, shared, round);
  }
  while (delivery.step().outcome == Delivery::Outcome::kSent) {
  }
  if (!event::check(ledger.snapshot(), event::LedgerState::kAtRest).has_value()) ::_exit(4);
  spool->reset();
  ::_exit(0);
}

class CrashTest : public testing::Test {
 protected:
  void SetUp() override {
    void* const memory =
        ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    shared = static_cast<Shared*>(memory);
  }
  void TearDown() override { ::munmap(shared, sizeof(Shared)); }

  // Receives until the child is gone; kills it after so many microseconds.
  int run(const Round& round, std::uint64_t kill_after_us) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    const pid_t process = ::fork();
    if (process == 0) {
      ::close(ends[0]);
      child(folder.path(), ends[1], *shared, round);
    }
    ::close(ends[1]);
    std::thread killer;
    if (!round.last) {
      killer = std::thread([process, kill_after_us] {
        std::this_thread::sleep_for(std::chrono::microseconds(kill_after_us));
        ::kill(process, SIGKILL);
      });
    }
    receive(ends[0]);
    if (killer.joinable()) killer.join();
    int status = 0;
    EXPECT_EQ(::waitpid(process, &status, 0), process);
    ::close(ends[0]);
    return status;
  }

  void receive(int socket) {
    Message message;
    while (transfer(socket, &message, sizeof(message), false)) {
      std::vector<Line> lines(message.count);
      if (!transfer(socket, lines.data(), lines.size() * sizeof(Line), false)) return;
      for (const Line& line : lines) {
        const auto [place, is_new] = numbers.emplace(line.sequence, line.number);
        if (!is_new) {
          ++again[line.sequence];
          if (place->second != line.number) ++mixed;
        } else if (line.sequence < last) {
          ++disordered;
        }
        received.insert(line.number);
        last = std::max(last, line.sequence);
      }
      if (!transfer(socket, &last, sizeof(last), true)) return;
    }
  }

  // What a torn write leaves: a random piece is taken off the last segment. Whole records that this
  // takes were never on the disk, so what was said of them does not count: a loss of power.
  void tear(std::minstd_rand& random) {
    const std::vector<std::string> segments = folder.segments(folder.path());
    if (segments.empty()) return;
    const std::string& path = segments.back();
    const std::string bytes = *read_file(path, 1 << 20);
    const Result<SegmentHeader> header = parse_header(bytes);
    if (!header.has_value()) return;
    const std::size_t cut = std::min<std::size_t>(1 + random() % 300, bytes.size());
    const std::size_t kept = bytes.size() - cut;
    for (std::size_t at = kSegmentHeaderBytes; at < bytes.size();) {
      const ParsedRecord parsed =
          parse_record(*header, std::string_view(bytes).substr(at), 1 << 20);
      if (parsed.state != RecordState::kWhole) break;
      at += parsed.size;
      if (at > kept) shared->stored[std::stoull(std::string(parsed.record.body))] = 0;
    }
    std::filesystem::resize_file(path, kept);
    ++torn;
  }

  std::uint64_t lost() const {
    std::uint64_t count = 0;
    const std::uint64_t end = std::min<std::uint64_t>(shared->next, kNumbersMax);
    for (std::uint64_t number = 0; number < end; ++number) {
      if (shared->stored[number] != 0 && !received.contains(number)) ++count;
    }
    return count;
  }
  std::uint64_t most_again() const {
    std::uint64_t most = 0;
    for (const auto& [sequence, count] : again) most = std::max(most, count);
    return most;
  }

  void finish(bool expect_counts) {
    Round round;
    round.last = true;
    const int status = run(round, 0);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0) << "3: the spool did not open, 4: the ledger is open";
    EXPECT_EQ(lost(), 0U);
    EXPECT_EQ(disordered, 0U);
    event::Ledger ledger;
    const SystemClock clock;
    Disk disk;
    const auto spool = Spool::open(spool_options(folder.path()), ledger, clock, disk);
    ASSERT_TRUE(spool.has_value()) << spool.error().message;
    const Position position = (*spool)->position();
    EXPECT_EQ((*spool)->waiting(), 0U);
    EXPECT_EQ(position.spooled, position.acknowledged + position.dropped + position.damaged);
    if (expect_counts) {
      EXPECT_EQ(position.dropped, 0U);
      EXPECT_EQ(position.damaged, 0U);
      EXPECT_EQ(position.spooled, received.size());
    }
    RecordProperty("received", static_cast<int>(received.size()));
  }

  TestFolder folder;
  Shared* shared = nullptr;
  std::map<std::uint64_t, std::uint64_t> numbers;  // by sequence
  std::map<std::uint64_t, std::uint64_t> again;    // times that a sequence came once more
  std::set<std::uint64_t> received;
  std::uint64_t last = 0;
  std::uint64_t disordered = 0;
  std::uint64_t mixed = 0;  // a sequence that was given to two records
  int torn = 0;
};

TEST_F(CrashTest, KilledAtRandomNothingIsLostOrComesTwiceAgain) {
  std::minstd_rand random(7);
  for (int kill = 0; kill < kKills; ++kill) {
    Round round;
    round.trouble = kill % 4 == 3 ? Trouble::kFullDisk : Trouble::kNone;
    const int status = run(round, 1000 + random() % 30000);
    ASSERT_TRUE(WIFSIGNALED(status)) << "round " << kill << " status " << status;
  }
  finish(true);
  EXPECT_EQ(mixed, 0U);
  EXPECT_LE(most_again(), 1U);
  EXPECT_GT(received.size(), 1000U);
}

// A receiver that does not remember gets the batch that was on its way again, once for each crash
// that hits it; with a crash in every round none is hit three times in a row but by rare chance.
TEST_F(CrashTest, WithoutResumeOnlyTheBatchInDoubtComesAgain) {
  std::minstd_rand random(11);
  std::size_t before = 0;
  for (int kill = 0; kill < kKills / 4; ++kill) {
    Round round;
    round.resumes = false;
    ASSERT_TRUE(WIFSIGNALED(run(round, 3000 + random() % 20000)));
    std::size_t total = 0;
    for (const auto& [sequence, count] : again) total += count;
    EXPECT_LE(total - before, 64U) << "more than one batch came again after one crash";
    before = total;
  }
  finish(true);
  EXPECT_EQ(mixed, 0U);
}

TEST_F(CrashTest, TornLastSegmentsCostWhatTheyHeld) {
  std::minstd_rand random(13);
  for (int kill = 0; kill < kKills / 4; ++kill) {
    Round round;
    round.boot = kill;
    ASSERT_TRUE(WIFSIGNALED(run(round, 1000 + random() % 20000)));
    tear(random);
  }
  EXPECT_GT(torn, kKills / 8);
  finish(false);
  EXPECT_EQ(mixed, 0U);
}

// A real file system of one MiB that runs full.
TEST_F(CrashTest, ARealFullDiskRefusesCountsAndRecovers) {
  TestFolder mount;
  if (::mount("tmpfs", mount.path().c_str(), "tmpfs", 0, "size=1m") != 0) {
    GTEST_SKIP() << "needs root to mount a small file system";
  }
  {
    event::Ledger ledger;
    const SystemClock clock;
    Disk disk;
    SpoolOptions options = spool_options(mount.path("spool"));
    options.segment_bytes = 65536;
    auto opened = Spool::open(options, ledger, clock, disk);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    Spool& spool = **opened;
    const std::string body(1000, 'x');
    const NewRecord record{RecordKind::kAlert, event::Level::kLow, body};
    std::uint64_t stored = 0;
    for (int i = 0; i < 2000; ++i) {
      const Result<Appended> appended = spool.append({&record, 1});
      ASSERT_TRUE(appended.has_value());
      stored += appended->stored;
      if (appended->stored == 0) spool.give_up(1);
    }
    EXPECT_EQ(spool.state(), SpoolState::kDiskFull);
    EXPECT_GT(stored, 500U);
    EXPECT_LT(stored, 1100U);
    std::uint64_t read = 0;
    RecordBatch batch;
    while (spool.read(batch, 100, 1 << 16).has_value() && !batch.records.empty()) {
      read += batch.records.size();
      ASSERT_TRUE(spool.acknowledge(batch.records.back().sequence).has_value());
    }
    EXPECT_EQ(read, stored);
    EXPECT_EQ(spool.append({&record, 1})->stored, 1U);
    EXPECT_EQ(spool.state(), SpoolState::kReady);
    ledger.add(event::Count::kSent, read);
    const Result<void> closed = event::check(ledger.snapshot(), event::LedgerState::kAtRest);
    EXPECT_TRUE(closed.has_value()) << closed.error().message;
  }
  ::umount2(mount.path().c_str(), MNT_DETACH);
}

}  // namespace
}  // namespace vedette::spool
