// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "spool/local_sinks.h"

namespace vedette::spool {
namespace {

class StreamSink final : public DeliverySink {
 public:
  StreamSink(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}

  std::string_view name() const override { return name_; }

  SendResult send(std::string_view, std::span<const Record> records) override {
    for (std::size_t i = 0; i < records.size(); ++i) {
      const Result<void> written = write_line(records[i]);
      if (!written.has_value()) return SendResult::failed(i, written.error());
    }
    return SendResult::all(records.size());
  }

 private:
  static constexpr int kWaitMs = 5000;

  Result<void> write_line(const Record& record) {
    if (record.sequence != begun_) taken_ = 0;
    begun_ = record.sequence;
    line_.assign(record.body);
    line_ += '\n';
    while (taken_ < line_.size()) {
      const ssize_t written = ::write(descriptor_, line_.data() + taken_, line_.size() - taken_);
      if (written >= 0) {
        taken_ += static_cast<std::size_t>(written);
      } else if (errno == EAGAIN) {
        pollfd ready{descriptor_, POLLOUT, 0};
        if (::poll(&ready, 1, kWaitMs) == 0) {
          return failure(ErrorCode::kSystem, fmt::format("{}: nobody reads", name_));
        }
      } else if (errno != EINTR) {
        return failure(ErrorCode::kSystem,
                       fmt::format("cannot write to {}: {}", name_, std::strerror(errno)));
      }
    }
    begun_ = 0;
    return {};
  }

  int descriptor_;
  std::string name_;
  std::string line_;
  std::uint64_t begun_ = 0;  // the record whose line was taken in part
  std::size_t taken_ = 0;
};

}  // namespace

std::unique_ptr<DeliverySink> make_stream_sink(int descriptor, std::string name) {
  return std::make_unique<StreamSink>(descriptor, std::move(name));
}

}  // namespace vedette::spool
