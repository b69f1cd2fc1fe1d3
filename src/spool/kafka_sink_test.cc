// SPDX-License-Identifier: Apache-2.0
#include "spool/kafka_sink.h"

#include <gtest/gtest.h>

namespace vedette::spool {
namespace {

const std::string kInstance = "00000000-0000-4000-8000-000000000001";

// librdkafka brings brokers that live inside the client, which stand in for a cluster here.
TEST(KafkaSink, DeliveryReportsAcknowledge) {
  KafkaSinkOptions options;
  options.brokers = "127.0.0.1:1";
  options.topic = "alerts";
  options.settings = {{"test.mock.num.brokers", "1"}};
  const auto sink = make_kafka_sink(options);
  ASSERT_TRUE(sink.has_value()) << sink.error().message;
  const std::vector<Record> records = {{1, 0, RecordKind::kAlert, event::Level::kLow, "a"},
                                       {2, 0, RecordKind::kAlert, event::Level::kLow, "b"}};
  for (int round = 0; round < 3; ++round) {
    const SendResult result = (*sink)->send(kInstance, records);
    EXPECT_EQ(result.done, 2U) << result.error.value_or(Error{}).message;
    EXPECT_FALSE(result.error.has_value());
  }
}

TEST(KafkaSink, NoBrokerIsANamedErrorAndNothingIsDone) {
  KafkaSinkOptions options;
  options.brokers = "127.0.0.1:1";
  options.topic = "alerts";
  options.timeout_ms = 300;
  const std::vector<Record> records = {{1, 0, RecordKind::kAlert, event::Level::kLow, "a"}};
  const SendResult result = (*make_kafka_sink(options))->send(kInstance, records);
  EXPECT_EQ(result.done, 0U);
  EXPECT_NE(result.error->message.find("kafka 127.0.0.1:1/alerts"), std::string::npos);
}

TEST(KafkaSink, WrongSettingsAreRefusedAtOnce) {
  KafkaSinkOptions options;
  EXPECT_FALSE(make_kafka_sink(options).has_value());
  options.brokers = "127.0.0.1:1";
  options.topic = "alerts";
  options.settings = {{"no.such.setting", "1"}};
  const auto sink = make_kafka_sink(options);
  ASSERT_FALSE(sink.has_value());
  EXPECT_NE(sink.error().message.find("no.such.setting"), std::string::npos);
}

}  // namespace
}  // namespace vedette::spool
