// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "spool/delivery_sink.h"

namespace vedette::spool {

struct KafkaSinkOptions {
  std::string brokers;  // "host:9092,other:9092"
  std::string topic;
  std::int64_t timeout_ms = 30000;  // for a batch, delivery reports included
  // Further settings of librdkafka (security.protocol, sasl.mechanism …).
  std::vector<std::pair<std::string, std::string>> settings;

  bool operator==(const KafkaSinkOptions&) const = default;
};

// Records to Apache Kafka's protocol; the only place that knows librdkafka. acks=all and an
// idempotent producer; a record is done when its delivery report says so. The key is the spool's
// instance, which keeps its records in one partition and so in order; the header "vedette-id" is
// the record's id. Which records behind a failed one arrived is not used: they are sent again.
Result<std::unique_ptr<DeliverySink>> make_kafka_sink(const KafkaSinkOptions& options);

}  // namespace vedette::spool
