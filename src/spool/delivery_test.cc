// SPDX-License-Identifier: Apache-2.0
#include "spool/delivery.h"

#include <functional>
#include <thread>

#include "spool/spool_test_support.h"

namespace vedette::spool {
namespace {

// A receiver that answers as the test says.
class TestSink final : public DeliverySink {
 public:
  std::string_view name() const override { return "test"; }
  SendResult send(std::string_view, std::span<const Record> records) override {
    ++sends;
    SendResult result = answer ? answer(records) : SendResult::all(records.size());
    for (std::size_t i = 0; i < result.done; ++i) received.emplace_back(records[i].body);
    return result;
  }
  Result<std::optional<std::uint64_t>> resume(std::string_view) override { return known; }

  std::function<SendResult(std::span<const Record>)> answer;
  std::optional<std::uint64_t> known;
  std::vector<std::string> received;
  int sends = 0;
};

class DeliveryTest : public testing::Test {
 protected:
  void SetUp() override {
    options.folder = folder.path("spool");
    options.segment_bytes = 65536;
    auto opened = Spool::open(options, ledger, clock, disk);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    spool = *std::move(opened);
    delivery_options.retry_first = kNsPerSecond;
    delivery_options.batch_count_max = 8;
    delivery.emplace(*spool, sink, ledger, clock, delivery_options);
  }
  void append(int first, int count) {
    for (int i = first; i < first + count; ++i) {
      const std::string body = std::to_string(i);
      const NewRecord record{RecordKind::kAlert, event::Level::kLow, body};
      ASSERT_TRUE(spool->append({&record, 1}).has_value());
    }
  }
  // Until nothing waits or a step fails.
  Delivery::Step drain() {
    while (true) {
      const Delivery::Step made = delivery->step();
      if (made.outcome != Delivery::Outcome::kSent) return made;
    }
  }
  void expect_received(int count) {
    ASSERT_EQ(sink.received.size(), static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      EXPECT_EQ(sink.received[static_cast<std::size_t>(i)], std::to_string(i));
    }
  }
  void expect_closed() {
    const Result<void> closed = event::check(ledger.snapshot(), event::LedgerState::kAtRest);
    EXPECT_TRUE(closed.has_value()) << closed.error().message;
  }

  TestFolder folder;
  TestClock clock;
  Disk disk;
  SpoolOptions options;
  event::Ledger ledger;
  std::unique_ptr<Spool> spool;
  TestSink sink;
  DeliveryOptions delivery_options;
  std::optional<Delivery> delivery;
};

const auto kUnreachable = [](std::span<const Record>) {
  return SendResult::failed(0, {ErrorCode::kSystem, "nobody there"});
};

TEST_F(DeliveryTest, SendsInOrderAndCloses) {
  append(0, 30);
  EXPECT_EQ(drain().outcome, Delivery::Outcome::kIdle);
  expect_received(30);
  expect_closed();
  EXPECT_TRUE(delivery->status().connected);
}

TEST_F(DeliveryTest, OfflineForHoursThenCatchesUpInOrder) {
  sink.answer = kUnreachable;
  TimeNs waited = 0;
  int number = 0;
  while (waited < 6 * 3600 * kNsPerSecond) {
    append(number++, 1);
    const Delivery::Step made = drain();
    ASSERT_EQ(made.outcome, Delivery::Outcome::kFailed);
    ASSERT_GT(made.wait, 0);
    ASSERT_LE(made.wait, delivery_options.retry_max);
    clock.time += made.wait;
    waited += made.wait;
  }
  EXPECT_EQ(delivery->status().problem, "nobody there");
  EXPECT_FALSE(delivery->status().connected);
  // The wait doubles to its bound: six hours are some hundred attempts, not thousands.
  EXPECT_LT(sink.sends, 900);
  sink.answer = nullptr;
  EXPECT_EQ(drain().outcome, Delivery::Outcome::kIdle);
  expect_received(number);
  expect_closed();
}

TEST_F(DeliveryTest, WhatAReceiverTookInPartIsNotSentAgain) {
  append(0, 8);
  sink.answer = [](std::span<const Record>) {
    return SendResult::failed(3, {ErrorCode::kSystem, "enough"});
  };
  EXPECT_EQ(delivery->step().outcome, Delivery::Outcome::kFailed);
  EXPECT_EQ(spool->position().acknowledged, 3U);
  sink.answer = nullptr;
  drain();
  expect_received(8);
  expect_closed();
}

TEST_F(DeliveryTest, OneRecordThatIsRefusedCostsItselfOnly) {
  append(0, 20);
  sink.answer = [](std::span<const Record> records) {
    SendResult result = SendResult::all(records.size());
    for (const Record& record : records) {
      if (record.body != "13") continue;
      if (records.size() == 1) {
        result.refused = 1;
      } else {
        result = SendResult();
        result.smaller = true;
        result.error = Error{ErrorCode::kInvalid, "400"};
      }
    }
    return result;
  };
  EXPECT_EQ(drain().outcome, Delivery::Outcome::kIdle);
  EXPECT_EQ(ledger.snapshot()[event::Dropped::kRefused], 1U);
  EXPECT_EQ(ledger.snapshot()[event::Count::kAcknowledged], 19U);
  expect_closed();
}

TEST_F(DeliveryTest, ARestartAsksTheReceiverFirst) {
  append(0, 10);
  sink.known = 6;
  drain();
  EXPECT_EQ(sink.received, (std::vector<std::string>{"6", "7", "8", "9"}));
  expect_closed();
}

TEST_F(DeliveryTest, WaitsAtLeastAsLongAsTheReceiverAsks) {
  append(0, 1);
  sink.answer = [](std::span<const Record>) {
    SendResult result = SendResult::failed(0, {ErrorCode::kSystem, "429"});
    result.retry_after = 30 * kNsPerSecond;
    return result;
  };
  EXPECT_EQ(delivery->step().wait, 30 * kNsPerSecond);
  sink.answer = [](std::span<const Record>) {
    SendResult result = SendResult::failed(0, {ErrorCode::kSystem, "429"});
    result.retry_after = 30 * 86400 * kNsPerSecond;
    return result;
  };
  EXPECT_EQ(delivery->step().wait, delivery_options.retry_after_max);
}

TEST_F(DeliveryTest, TheRandomPartOfTheWaitIsBounded) {
  Backoff one(100, 1600, 1);
  TimeNs expected = 100;
  for (int i = 0; i < 10; ++i) {
    const TimeNs wait = one.next();
    EXPECT_LE(wait, expected);
    EXPECT_GE(wait, expected / 2);
    expected = std::min<TimeNs>(1600, expected * 2);
  }
  one.reset();
  EXPECT_LE(one.next(), 100);
}

TEST_F(DeliveryTest, AStopSendsWhatWaitsAndEnds) {
  std::jthread thread([this](const std::stop_token& stop) { delivery->run(stop); });
  append(0, 100);
  thread.request_stop();
  thread.join();
  expect_received(100);
  expect_closed();
}

}  // namespace
}  // namespace vedette::spool
