// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/agent/agent_config.h"
#include "event/alert.h"
#include "event/ledger.h"
#include "spool/delivery.h"
#include "spool/delivery_sink.h"
#include "spool/disk.h"
#include "spool/spool.h"

namespace vedette::engine {

// What an outlet says about itself.
struct OutletStatus {
  std::string name;
  std::string sink;  // "http https://host/path"
  std::string spool_state;
  std::string problem;  // of the spool, else of the delivery
  bool connected = false;
  std::uint64_t failures = 0;
  std::uint64_t waiting = 0;
  std::uint64_t bytes = 0;  // on the disk
  event::LedgerSnapshot ledger;
};

// One receiver with its spool, the thread that delivers to it, and a ledger of its own. The main
// thread adds and flushes; status() may be asked by any thread.
class Outlet {
 public:
  // `clock` outlives it. Opens the spool; connects to nothing.
  static Result<std::unique_ptr<Outlet>> open(const SinkConfig& config,
                                              const spool::SpoolOptions& common,
                                              const Clock& clock);
  ~Outlet();

  // Begins to deliver.
  void start();
  // Sends what is waiting for a moment, then ends the thread. What is left stays in the spool.
  void stop();

  const SinkConfig& config() const { return config_; }
  bool wants(spool::RecordKind kind, event::Level level) const;
  void add(spool::RecordKind kind, event::Level level, std::string_view body);
  // Stores what was added. False: there is no room for all of it (policy: block); try again.
  bool flush();
  // Counts what could not be stored as dropped.
  void give_up();
  // To be called every so often: syncs as is due, enforces ages.
  void tick();

  OutletStatus status() const;
  // Since when one attempt to deliver is under way, Clock::steady(); 0: none is.
  TimeNs busy_since() const { return busy_since_.load(); }

 private:
  struct Added {
    spool::RecordKind kind;
    event::Level level;
    std::size_t offset;
    std::size_t size;
  };

  Outlet(const SinkConfig& config, const Clock& clock) : config_(config), clock_(clock) {}
  void deliver(const std::stop_token& stop);

  SinkConfig config_;
  const Clock& clock_;
  event::Ledger ledger_;
  spool::Disk disk_;
  std::unique_ptr<spool::Spool> spool_;
  std::unique_ptr<spool::DeliverySink> sink_;
  std::unique_ptr<spool::Delivery> delivery_;
  std::string text_;
  std::vector<Added> added_;
  std::size_t stored_ = 0;  // of added_
  std::vector<spool::NewRecord> records_;
  std::atomic<TimeNs> busy_since_ = 0;
  std::jthread thread_;
};

}  // namespace vedette::engine
