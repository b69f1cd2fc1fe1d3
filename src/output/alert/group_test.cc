// SPDX-License-Identifier: Apache-2.0
#include "output/alert/group.h"

#include <gtest/gtest.h>
#include <vector>

#include "output/alert/kept_alert.h"

namespace vedette::output {
namespace {

class Collector : public event::Sink {
 public:
  explicit Collector(std::vector<KeptAlert>& alerts) : alerts_(alerts) {}
  Result<void> write(const event::Alert& alert) override {
    alerts_.emplace_back(alert);
    return {};
  }
  Result<void> finish(const event::Summary& /*summary*/) override { return {}; }

 private:
  std::vector<KeptAlert>& alerts_;  // the test's
};

class Grouping : public testing::Test {
 protected:
  void write(event::Sink& sink, const event::RuleInfo& rule, std::string host, TimeNs time,
             std::uint64_t record) {
    event::Alert alert;
    alert.rule = &rule;
    alert.has_time = time != 0;
    alert.time = time;
    alert.input = "in";
    alert.record = record;
    alert.roles[static_cast<std::size_t>(event::Role::kHost)] = host;
    ASSERT_TRUE(sink.write(alert).has_value());  // `host` dies after this: views must be copies
  }

  std::vector<KeptAlert> out;
  event::RuleInfo one;
  event::RuleInfo two;
};

TEST_F(Grouping, FoldsByRuleAndHost) {
  const auto sink = make_group_sink(std::make_unique<Collector>(out));
  write(*sink, one, "a", 500, 1);
  write(*sink, two, "a", 600, 2);
  write(*sink, one, "b", 700, 3);
  write(*sink, one, "a", 900, 4);
  write(*sink, one, "a", 100, 5);
  EXPECT_TRUE(out.empty());
  ASSERT_TRUE(sink->finish({}).has_value());
  ASSERT_EQ(out.size(), 3U);
  const event::Alert& first = out[0].alert();
  EXPECT_EQ(first.event_count, 3U);
  EXPECT_EQ(first.first_time, 100);
  EXPECT_EQ(first.time, 900);
  EXPECT_EQ(first.record, 4U);
  EXPECT_EQ(first.role(event::Role::kHost), "a");
  EXPECT_EQ(out[1].alert().rule, &two);
  EXPECT_EQ(out[2].alert().event_count, 1U);
}

TEST_F(Grouping, IsBoundedAndLosesNothing) {
  constexpr std::uint64_t kAlerts = 1000;
  const auto sink = make_group_sink(std::make_unique<Collector>(out), 16 * 1024);
  for (std::uint64_t i = 0; i < kAlerts; ++i) write(*sink, one, std::to_string(i / 2), 1, i + 1);
  EXPECT_FALSE(out.empty());
  ASSERT_TRUE(sink->finish({}).has_value());
  std::uint64_t events = 0;
  for (const KeptAlert& kept : out) events += kept.alert().event_count;
  EXPECT_EQ(events, kAlerts);
  EXPECT_EQ(out.size(), kAlerts / 2);
}

TEST_F(Grouping, KeepsWhatHasNoTime) {
  const auto sink = make_group_sink(std::make_unique<Collector>(out));
  write(*sink, one, "a", 0, 1);
  write(*sink, one, "a", 50, 2);
  write(*sink, one, "a", 0, 3);
  ASSERT_TRUE(sink->finish({}).has_value());
  ASSERT_EQ(out.size(), 1U);
  EXPECT_TRUE(out[0].alert().has_time);
  EXPECT_EQ(out[0].alert().first_time, 50);
  EXPECT_EQ(out[0].alert().record, 2U);
  EXPECT_EQ(out[0].alert().event_count, 3U);
}

}  // namespace
}  // namespace vedette::output
