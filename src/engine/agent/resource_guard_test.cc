// SPDX-License-Identifier: Apache-2.0
#include "engine/agent/resource_guard.h"

#include <gtest/gtest.h>

namespace vedette::engine {
namespace {

class TestClock final : public Clock {
 public:
  TimeNs now() const override { return time; }
  TimeNs steady() const override { return time; }
  TimeNs time = 0;
};

class ResourceGuardTest : public testing::Test {
 protected:
  // One second passes in which so much of a core was used.
  std::optional<ShedDecision> second(double cpu, std::uint64_t memory = 0) {
    clock.time += kNsPerSecond;
    use.cpu += static_cast<TimeNs>(cpu * kNsPerSecond);
    use.memory_bytes = memory;
    return guard.sample().value();
  }
  // The decisions of so many seconds: "+a-b".
  std::string seconds(int count, double cpu, std::uint64_t memory = 0) {
    std::string text;
    for (int i = 0; i < count; ++i) {
      const std::optional<ShedDecision> decision = second(cpu, memory);
      if (decision.has_value()) {
        text += (decision->shed ? "+" : "-") + guard.kinds()[decision->kind];
      }
    }
    return text;
  }

  TestClock clock;
  ResourceUse use;
  ResourceGuard guard{{0.25, 1000}, {"read", "open", "net"}, [this] { return use; }, clock};
};

TEST_F(ResourceGuardTest, ShedsTheLeastValuableFirstAndNamesTheReason) {
  EXPECT_FALSE(second(0).has_value());
  EXPECT_EQ(seconds(2, 0.5), "");
  const std::optional<ShedDecision> decision = second(0.5);
  ASSERT_TRUE(decision.has_value());
  EXPECT_TRUE(decision->shed);
  EXPECT_EQ(decision->reason, "cpu 50.0 % of a core is above 25.0 %");
  EXPECT_TRUE(guard.sheds(0));
  EXPECT_FALSE(guard.sheds(1));
  EXPECT_EQ(seconds(6, 0.5), "+open+net");
  EXPECT_EQ(seconds(3, 0.5), "");
  EXPECT_TRUE(guard.exhausted());
}

TEST_F(ResourceGuardTest, APeakIsNoReason) {
  second(0);
  EXPECT_EQ(seconds(2, 0.9) + seconds(1, 0.1) + seconds(2, 0.9), "");
}

TEST_F(ResourceGuardTest, TakesBackInReverseAndOnlyWithRoom) {
  second(0);
  EXPECT_EQ(seconds(6, 0.5), "+read+open");
  EXPECT_EQ(seconds(50, 0.2), "");  // below the limit, but not by enough
  EXPECT_EQ(seconds(9, 0.1), "");
  EXPECT_EQ(seconds(11, 0.1), "-open-read");
  EXPECT_EQ(seconds(50, 0.1), "");
}

TEST_F(ResourceGuardTest, MemoryIsALimitToo) {
  second(0);
  EXPECT_EQ(seconds(3, 0.0, 2000), "+read");
  EXPECT_EQ(seconds(30, 0.0, 900), "");
  EXPECT_EQ(seconds(10, 0.0, 600), "-read");
}

TEST_F(ResourceGuardTest, AReaderThatFailsDecidesNothing) {
  ResourceGuard broken(
      {0.1, 0}, {"a"}, []() -> Result<ResourceUse> { return failure(ErrorCode::kSystem, "gone"); },
      clock);
  EXPECT_FALSE(broken.sample().has_value());
  EXPECT_FALSE(broken.sheds(0));
}

TEST(ResourceUse, ReadsProcEvenWithAHostileName) {
  const std::string stat = "77 (a) R 1 (b)) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 1 0 100 1000 50";
  const Result<ResourceUse> use = parse_resource_use(stat, "900 300 20 1 0 40 0", 100, 4096);
  ASSERT_TRUE(use.has_value());
  EXPECT_EQ(use->cpu, 3 * kNsPerSecond);
  EXPECT_EQ(use->memory_bytes, 300U * 4096);
  EXPECT_FALSE(parse_resource_use("", "", 100, 4096).has_value());
  EXPECT_FALSE(parse_resource_use("1 (a) S 1 2", "1 2", 100, 4096).has_value());
  EXPECT_GT(read_resource_use().value().memory_bytes, 0U);
}

}  // namespace
}  // namespace vedette::engine
