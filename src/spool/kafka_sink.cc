// SPDX-License-Identifier: Apache-2.0
#include "spool/kafka_sink.h"

#include <array>
#include <chrono>
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

namespace vedette::spool {
namespace {

// What is known of the records of one send(); a report names one by its index and round.
struct Reports {
  std::uint64_t round = 0;
  std::size_t missing = 0;
  std::vector<rd_kafka_resp_err_t> errors;
};

struct Ticket {
  std::uint64_t round = 0;
  std::size_t index = 0;
};

class KafkaSink final : public DeliverySink {
 public:
  explicit KafkaSink(const KafkaSinkOptions& options)
      : options_(options), name_("kafka " + options.brokers + "/" + options.topic) {}
  ~KafkaSink() override {
    if (producer_ == nullptr) return;
    rd_kafka_purge(producer_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(producer_, kCloseMs);  // hands out the reports, whose tickets are freed
    rd_kafka_destroy(producer_);
  }
  KafkaSink(const KafkaSink&) = delete;
  KafkaSink& operator=(const KafkaSink&) = delete;

  Result<void> configure() {
    rd_kafka_conf_t* const settings = rd_kafka_conf_new();
    std::vector<std::pair<std::string, std::string>> all = {
        {"bootstrap.servers", options_.brokers},
        {"acks", "all"},
        {"enable.idempotence", "true"},
        {"linger.ms", "1"},
        {"message.timeout.ms", std::to_string(options_.timeout_ms)},
        {"client.id", "vedette-agent"},
        // Its messages would go to standard error; what matters comes back as errors.
        {"log_level", "0"}};
    all.insert(all.end(), options_.settings.begin(), options_.settings.end());
    std::array<char, 512> reason{};
    for (const auto& [key, value] : all) {
      if (rd_kafka_conf_set(settings, key.c_str(), value.c_str(), reason.data(), reason.size()) !=
          RD_KAFKA_CONF_OK) {
        rd_kafka_conf_destroy(settings);
        return failure(ErrorCode::kInvalid, fmt::format("kafka: {}", reason.data()));
      }
    }
    rd_kafka_conf_set_opaque(settings, &reports_);
    rd_kafka_conf_set_dr_msg_cb(settings, &take_report);
    settings_ = std::unique_ptr<rd_kafka_conf_t, FreeSettings>(settings);
    return {};
  }

  std::string_view name() const override { return name_; }

  SendResult send(std::string_view instance, std::span<const Record> records) override {
    if (const Result<void> started = start(); !started.has_value()) {
      return SendResult::failed(0, started.error());
    }
    ++reports_.round;
    reports_.missing = records.size();
    reports_.errors.assign(records.size(), RD_KAFKA_RESP_ERR__TIMED_OUT);
    for (std::size_t i = 0; i < records.size(); ++i) produce(instance, records[i], i);
    const auto end =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(options_.timeout_ms);
    while (reports_.missing > 0 && std::chrono::steady_clock::now() < end) {
      rd_kafka_poll(producer_, kPollMs);
    }
    SendResult result;
    while (result.done < records.size()) {
      const rd_kafka_resp_err_t error = reports_.errors[result.done];
      if (error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
        ++result.refused;
      } else if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        result.error =
            Error{ErrorCode::kSystem, fmt::format("{}: {}", name_, rd_kafka_err2str(error))};
        // What is still under way would come after what is sent anew.
        rd_kafka_purge(producer_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_poll(producer_, 0);
        return result;
      }
      ++result.done;
    }
    return result;
  }

 private:
  static constexpr int kPollMs = 50;
  static constexpr int kCloseMs = 500;
  struct FreeSettings {
    void operator()(rd_kafka_conf_t* settings) const { rd_kafka_conf_destroy(settings); }
  };

  Result<void> start() {
    if (producer_ != nullptr) return {};
    std::array<char, 512> reason{};
    rd_kafka_conf_t* const settings = rd_kafka_conf_dup(settings_.get());
    producer_ = rd_kafka_new(RD_KAFKA_PRODUCER, settings, reason.data(), reason.size());
    if (producer_ == nullptr) {
      rd_kafka_conf_destroy(settings);
      return failure(ErrorCode::kSystem, fmt::format("{}: {}", name_, reason.data()));
    }
    return {};
  }

  void produce(std::string_view instance, const Record& record, std::size_t index) {
    const std::string id = record_id(instance, record.sequence);
    auto ticket = std::make_unique<Ticket>(Ticket{reports_.round, index});
    // The interface predates const; with F_COPY nothing is kept or changed.
    std::array<rd_kafka_vu_t, 6> fields{};
    fields[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    fields[0].u.cstr = options_.topic.c_str();
    fields[1].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    fields[1].u.i = RD_KAFKA_MSG_F_COPY;
    fields[2].vtype = RD_KAFKA_VTYPE_VALUE;
    fields[2].u.mem = {const_cast<char*>(record.body.data()), record.body.size()};
    fields[3].vtype = RD_KAFKA_VTYPE_KEY;
    fields[3].u.mem = {const_cast<char*>(instance.data()), instance.size()};
    fields[4].vtype = RD_KAFKA_VTYPE_HEADER;
    fields[4].u.header = {"vedette-id", id.data(), static_cast<ssize_t>(id.size())};
    fields[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
    fields[5].u.ptr = ticket.get();
    rd_kafka_error_t* const refused = rd_kafka_produceva(producer_, fields.data(), fields.size());
    const rd_kafka_resp_err_t error = rd_kafka_error_code(refused);
    if (refused != nullptr) rd_kafka_error_destroy(refused);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      static_cast<void>(ticket.release());  // take_report() frees it
    } else {
      reports_.errors[index] = error;
      --reports_.missing;
    }
  }

  static void take_report(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    const std::unique_ptr<Ticket> ticket(static_cast<Ticket*>(message->_private));
    Reports& reports = *static_cast<Reports*>(opaque);
    if (ticket->round != reports.round) return;  // of a batch that was given up
    reports.errors[ticket->index] = message->err;
    --reports.missing;
  }

  KafkaSinkOptions options_;
  std::string name_;
  std::unique_ptr<rd_kafka_conf_t, FreeSettings> settings_;
  rd_kafka_t* producer_ = nullptr;
  Reports reports_;
};

}  // namespace

Result<std::unique_ptr<DeliverySink>> make_kafka_sink(const KafkaSinkOptions& options) {
  if (options.brokers.empty() || options.topic.empty()) {
    return failure(ErrorCode::kInvalid, "kafka: expected brokers and a topic");
  }
  auto sink = std::make_unique<KafkaSink>(options);
  TRY_VOID(sink->configure());
  return sink;
}

}  // namespace vedette::spool
