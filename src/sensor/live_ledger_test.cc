// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <numeric>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sensor/live_test.h"

namespace vedette::sensor::live {
namespace {

class LiveLedger : public LiveTest {
 protected:
  void SetUp() override {
    LiveTest::SetUp();
    options_.stop = &stop_;
  }

  std::atomic<bool> stop_ = false;
};

// `count` opens that fail, each with a number in its flags.
void open_often(int count) {
  for (int i = 0; i < count; ++i) {
    const long refused = syscall(SYS_openat, AT_FDCWD, "not_there", O_RDONLY, i);
    static_cast<void>(refused);
  }
}

struct Sums {
  std::uint64_t opens = 0;  // of the child
  std::uint64_t lost = 0;   // as LOST records tell
};

// Reads to the end of the source.
Sums read_all(KernelSource& source, pid_t child) {
  Sums sums;
  event::Batch batch;
  while (source.next(batch)) {
    for (const Record& record : take_apart(batch.buffer.view())) {
      const bool ours = record.header.pid == static_cast<__u32>(child);
      if (ours && record.header.kind == VEDETTE_KIND_SYSCALL &&
          record.header.syscall == SYS_openat) {
        ++sums.opens;
      }
      if (record.header.kind == VEDETTE_KIND_LOST)
        sums.lost += record.as<__u64>(VEDETTE_FIELD_LOST);
    }
  }
  return sums;
}

std::uint64_t sum(const KernelStatistics::Counts& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

void expect_closed(const KernelStatistics& statistics) {
  for (std::size_t kind = 0; kind < statistics.produced.size(); ++kind) {
    EXPECT_EQ(statistics.produced[kind],
              statistics.delivered[kind] + statistics.reserve_failed[kind])
        << "kind " << kind;
  }
}

TEST_F(LiveLedger, NothingIsLostWhileThereIsRoom) {
  constexpr int kCount = 5000;
  options_.ring_bytes = std::size_t{32} << 20;
  start(options_);
  if (source_ == nullptr) return;
  const pid_t child = run([] { open_often(kCount); });
  stop_ = true;
  const Sums sums = read_all(*source_, child);
  EXPECT_EQ(sums.opens, std::uint64_t{kCount});
  EXPECT_EQ(sums.lost, 0U);
  expect_closed(source_->statistics());
}

TEST_F(LiveLedger, WhatIsLostIsCounted) {
  constexpr int kCount = 50000;
  // Only this call, so that all that is lost is of the child, or of others who do just this.
  options_.wishes = {};
  options_.wishes.calls = {{SYS_openat, true, true, false}};
  options_.ring_bytes = std::size_t{256} << 10;
  start(options_);
  if (source_ == nullptr) return;
  const pid_t child = run([] { open_often(kCount); });
  stop_ = true;
  const Sums sums = read_all(*source_, child);
  const KernelStatistics statistics = source_->statistics();
  expect_closed(statistics);
  EXPECT_GT(sums.lost, 0U);
  EXPECT_EQ(sums.lost, sum(statistics.reserve_failed) + statistics.not_run);
  EXPECT_LT(sums.opens, std::uint64_t{kCount});
  EXPECT_GE(sums.opens + sums.lost, std::uint64_t{kCount});
  EXPECT_GE(statistics.produced[VEDETTE_KIND_SYSCALL] + statistics.not_run, std::uint64_t{kCount});
}

TEST_F(LiveLedger, UrgentRecordsWakeTheReader) {
  options_.wishes = {};
  options_.wishes.calls = {{SYS_personality, true, true, true}};
  start(options_);
  if (source_ == nullptr) return;
  event::Batch batch;
  ASSERT_TRUE(source_->next(batch));  // the state
  const std::uint64_t before = source_->statistics().wakeups;
  run([] { syscall(SYS_personality, 0xFFFFFFFF); });
  bool found = false;
  for (int i = 0; i < 10 && !found; ++i) {
    ASSERT_TRUE(source_->next(batch));
    for (const Record& record : take_apart(batch.buffer.view())) {
      found = found || (record.header.flags & VEDETTE_FLAG_URGENT) != 0;
    }
  }
  EXPECT_TRUE(found);
  EXPECT_GT(source_->statistics().wakeups, before);
}

TEST_F(LiveLedger, UnwantedCallsCostNothing) {
  options_.wishes = {};
  options_.wishes.calls = {{SYS_personality, true, false, false}};
  start(options_);
  if (source_ == nullptr) return;
  run([] {
    open_often(10);
    syscall(SYS_personality, 0xFFFFFFFF);
  });
  stop_ = true;
  read_all(*source_, 0);
  const KernelStatistics statistics = source_->statistics();
  EXPECT_GE(statistics.produced[VEDETTE_KIND_SYSCALL], 1U);
  EXPECT_EQ(statistics.produced[VEDETTE_KIND_EXEC], 0U);
  EXPECT_EQ(statistics.produced[VEDETTE_KIND_FORK], 0U);
}

}  // namespace
}  // namespace vedette::sensor::live
