// SPDX-License-Identifier: Apache-2.0
#include "engine/agent/outlet.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace vedette::engine {

Result<std::unique_ptr<Outlet>> Outlet::open(const SinkConfig& config,
                                             const spool::SpoolOptions& common,
                                             const Clock& clock) {
  std::unique_ptr<Outlet> outlet(new Outlet(config, clock));
  spool::SpoolOptions options = common;
  options.folder = common.folder + "/" + config.name;
  TRY(outlet->spool_, spool::Spool::open(options, outlet->ledger_, clock, outlet->disk_));
  TRY(outlet->sink_, spool::make_sink(config.options));
  spool::DeliveryOptions delivery;
  delivery.seed = static_cast<std::uint64_t>(clock.now());
  outlet->delivery_ = std::make_unique<spool::Delivery>(*outlet->spool_, *outlet->sink_,
                                                        outlet->ledger_, clock, delivery);
  return outlet;
}

Outlet::~Outlet() { stop(); }

void Outlet::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { deliver(stop); });
}

void Outlet::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

// As Delivery::run, and tells since when an attempt is under way.
void Outlet::deliver(const std::stop_token& stop) {
  std::mutex sleeping;
  std::condition_variable_any alarm;
  const std::stop_callback on_stop(stop, [this] { spool_->wake(); });
  const auto step = [this] {
    busy_since_.store(clock_.steady());
    const spool::Delivery::Step made = delivery_->step();
    busy_since_.store(0);
    return made;
  };
  while (!stop.stop_requested()) {
    const spool::Delivery::Step made = step();
    if (made.outcome == spool::Delivery::Outcome::kIdle) spool_->wait(kNsPerSecond);
    if (made.outcome == spool::Delivery::Outcome::kFailed) {
      std::unique_lock lock(sleeping);
      alarm.wait_for(lock, stop, std::chrono::nanoseconds(made.wait), [] { return false; });
    }
  }
  const TimeNs end = clock_.steady() + spool::DeliveryOptions().drain_max;
  while (clock_.steady() < end && step().outcome == spool::Delivery::Outcome::kSent) {
  }
}

bool Outlet::wants(spool::RecordKind kind, event::Level level) const {
  switch (kind) {
    case spool::RecordKind::kAlert:
      return config_.alerts && level >= config_.level_min;
    case spool::RecordKind::kEvent:
      return config_.events;
    case spool::RecordKind::kLoss:
      return config_.losses;
  }
  return false;
}

void Outlet::add(spool::RecordKind kind, event::Level level, std::string_view body) {
  added_.push_back({kind, level, text_.size(), body.size()});
  text_ += body;
}

bool Outlet::flush() {
  if (stored_ == added_.size()) return true;
  records_.clear();
  for (std::size_t i = stored_; i < added_.size(); ++i) {
    const Added& added = added_[i];
    records_.push_back(
        {added.kind, added.level, std::string_view(text_).substr(added.offset, added.size)});
  }
  const Result<spool::Appended> appended = spool_->append(records_);
  // A record that is too large to be stored at all must not hold up those behind it.
  if (!appended && appended.error().code == ErrorCode::kLimit) {
    for (const spool::NewRecord& record : records_) {
      const Result<spool::Appended> one = spool_->append(std::span(&record, 1));
      if (!one || one->stored == 0) spool_->give_up(1);
    }
    stored_ = added_.size();
  } else if (appended) {
    stored_ += appended->stored;
  }
  const spool::SpoolState state = spool_->state();
  const bool waits = state == spool::SpoolState::kLimit;
  if (stored_ != added_.size() && !waits) {
    // The disk is full or refuses: waiting would stop the watching.
    give_up();
  }
  if (stored_ != added_.size()) return false;
  added_.clear();
  text_.clear();
  stored_ = 0;
  return true;
}

void Outlet::give_up() {
  const std::size_t left = added_.size() - stored_;
  if (left != 0) spool_->give_up(left);
  stored_ = added_.size();
}

void Outlet::tick() { static_cast<void>(spool_->tick()); }

OutletStatus Outlet::status() const {
  OutletStatus status;
  const spool::DeliveryStatus delivery = delivery_->status();
  status.name = config_.name;
  status.sink = sink_->name();
  status.spool_state = spool::kSpoolStateNames[static_cast<std::size_t>(spool_->state())];
  status.problem = spool_->problem();
  if (status.problem.empty()) status.problem = delivery.problem;
  status.connected = delivery.connected;
  status.failures = delivery.failures;
  status.waiting = spool_->waiting();
  status.bytes = spool_->bytes();
  status.ledger = ledger_.snapshot();
  return status;
}

}  // namespace vedette::engine
