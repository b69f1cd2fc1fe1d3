// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/worker_slots.h"

#include <atomic>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace vedette::engine {
namespace {

TEST(WorkerSlots, NoMoreWorkAtOnceThanThereAreSlots) {
  WorkerSlots slots(2, true);
  std::atomic<int> at_work = 0;
  std::atomic<int> most = 0;
  {
    std::vector<std::jthread> threads;
    for (std::uint32_t stage = 0; stage < 6; ++stage) {
      threads.emplace_back([&, stage] {
        for (int i = 0; i < 200; ++i) {
          WorkTurn turn({&slots, stage});
          const int now = ++at_work;
          int seen = most.load();
          while (seen < now && !most.compare_exchange_weak(seen, now)) {
          }
          --at_work;
        }
      });
    }
  }
  EXPECT_LE(most.load(), 2);
  EXPECT_EQ(slots.spans().size(), 6U * 200U);
  EXPECT_EQ(slots.spans_lost(), 0U);
}

TEST(WorkerSlots, ALongPieceGivesWayToAStageBeforeIt) {
  WorkerSlots slots(1, false);
  std::atomic<bool> done = false;
  std::jthread first;
  {
    WorkTurn turn({&slots, 3});
    turn.give_way();  // nobody waits: it goes on
    first = std::jthread([&] {
      const WorkTurn mine({&slots, 1});
      done = true;
    });
    while (!slots.is_awaited(3)) std::this_thread::yield();
    EXPECT_FALSE(done.load());
    turn.give_way();
    EXPECT_TRUE(done.load());
  }
  EXPECT_FALSE(slots.is_awaited(3));
}

TEST(WorkerSlots, WithoutSlotsNobodyWaits) {
  WorkTurn first({});
  WorkTurn second({});
  first.give_way();
}

}  // namespace
}  // namespace vedette::engine
