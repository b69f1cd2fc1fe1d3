// SPDX-License-Identifier: Apache-2.0
#include "cmd/live/watch.h"

#include <atomic>
#include <bit>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <mutex>
#include <thread>

#include "cmd/content_folder.h"
#include "cmd/detect.h"
#include "cmd/live/observe_flags.h"
#include "cmd/report_flags.h"
#include "cmd/rule_flags.h"
#include "cmd/terminal.h"
#include "engine/live/live_source.h"
#include "engine/live/watch_run.h"
#include "engine/observe/observation.h"

namespace vedette::cmd {
namespace {

constexpr std::uint64_t kRingMegabytesMax = 1024;

struct WatchFlags {
  RuleFlags rules;
  ReportFlags report;
  ObserveFlags observe;
  std::string record;
  bool record_matching = false;
  bool enforce = false;
  std::string duration;
  std::string identity_wait;
  std::uint64_t ring_megabytes = 4;
  std::string lateness;
  std::uint64_t state_max = 1'000'000;
  bool profile_rules = false;
  bool quiet = false;
};

// Stops after a time, or with the signal; its thread ends with the object.
class StopTimer {
 public:
  StopTimer(const std::atomic<bool>& signal, std::int64_t duration_ns) : signal_(signal) {
    thread_ = std::thread([this, duration_ns] { run(duration_ns); });
  }
  ~StopTimer() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }
  StopTimer(const StopTimer&) = delete;
  StopTimer& operator=(const StopTimer&) = delete;

  const std::atomic<bool>& stop() const { return stop_; }

 private:
  void run(std::int64_t duration_ns) {
    constexpr std::chrono::milliseconds kLook(100);
    const auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds(duration_ns);
    std::unique_lock lock(mutex_);
    while (!ended_ && !signal_.load() &&
           (duration_ns == 0 || std::chrono::steady_clock::now() < end)) {
      changed_.wait_for(lock, kLook);
    }
    stop_.store(true);
  }

  const std::atomic<bool>& signal_;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;  // guarded by mutex_
  std::thread thread_;
};

struct WatchSettings {
  engine::WatchOptions watch;
  engine::LiveOptions live;
  std::int64_t duration_ns = 0;
};

Result<WatchSettings> watch_settings(const WatchFlags& flags) {
  TRY_VOID(flags.report.check());
  TRY_VOID(flags.observe.check());
  if (!flags.observe.learn.empty() && !flags.duration.empty()) {
    return failure(ErrorCode::kInvalid,
                   "expected --learn or --duration, found both; learning ends by itself");
  }
  WatchSettings settings;
  TRY(settings.watch.rules, rule_options(flags.rules));
  settings.watch.record = flags.record;
  settings.watch.record_everything = !flags.record_matching;
  settings.watch.state_max = flags.state_max;
  settings.watch.profile = flags.profile_rules;
  settings.watch.enforce = flags.enforce;
  TRY(settings.watch.lateness_ns,
      parse_duration_ns(flags.lateness.empty() ? "0s" : flags.lateness));
  TRY(settings.duration_ns,
      parse_duration_ns(flags.observe.learn.empty() ? flags.duration : flags.observe.learn));
  TRY(settings.live.identity_wait_ns,
      parse_duration_ns(flags.identity_wait.empty() ? "1s" : flags.identity_wait));
  if (!std::has_single_bit(flags.ring_megabytes) || flags.ring_megabytes > kRingMegabytesMax) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected a power of two up to {} for --ring-size, found {}",
                               kRingMegabytesMax, flags.ring_megabytes));
  }
  settings.live.ring_bytes = flags.ring_megabytes << 20;
  return settings;
}

// Null when nothing is observed besides rules.
Result<std::unique_ptr<engine::Observation>> observation_of(const ObserveFlags& flags) {
  if (flags.usage.empty() && flags.learn.empty() && flags.profile.empty()) return nullptr;
  return engine::Observation::create({.usage = flags.usage,
                                      .learn = !flags.learn.empty(),
                                      .profile = flags.profile,
                                      .seccomp = flags.seccomp,
                                      .network_policy = flags.network_policy,
                                      .live = true,
                                      .limits = {}});
}

int run_watch(WatchFlags flags) {
  flags.report.settle();
  flags.report.live = true;
  const Terminal terminal = look_at_terminal();
  Result<WatchSettings> settings = watch_settings(flags);
  if (!settings) return usage_error(settings.error());
  const Result<std::unique_ptr<engine::Observation>> observation = observation_of(flags.observe);
  if (!observation) return usage_error(observation.error());
  settings->watch.observer = observation->get();
  const std::string content = settings->watch.rules.content.empty()
                                  ? find_content_folder().value_or("")
                                  : settings->watch.rules.content;
  Result<Report> report = open_report(flags.report, terminal, content);
  if (!report) return usage_error(report.error());
  std::vector<event::Sink*> sinks = {report->sink.get()};
  LevelWatch level(level_by_name(flags.report.fail_on));
  if (!flags.report.fail_on.empty()) sinks.push_back(&level);

  const StopTimer timer(install_stop_signal(), settings->duration_ns);
  const auto open = [&](const engine::Interest& interest) {
    auto source = engine::open_kernel(interest, settings->live, timer.stop());
    if (source && !flags.quiet && interest.blocking_rules != 0 && !flags.enforce) {
      fmt::print(
          stderr,
          "vedette: {} rules would block, but only detect; --enforce denies what they match\n",
          interest.blocking_rules);
    }
    if (source && terminal.errors && !flags.quiet) {
      fmt::print(stderr,
                 "watching {} system calls with tracepoints; enforcement: {}; Ctrl-C ends\n",
                 interest.calls.size(), interest.enforcement == nullptr ? "off" : "BPF-LSM");
    }
    return source;
  };
  Result<event::Summary> summary = engine::watch(settings->watch, open, sinks, nullptr);
  if (!summary) return usage_error(summary.error());
  const Result<void> observed = finish_observation(observation->get());
  if (!observed) return usage_error(observed.error());
  if (!flags.report.stats.empty()) {
    const Result<void> written = write_stats(*summary, flags.report.stats);
    if (!written) return usage_error(written.error());
  }
  if (!flags.quiet) fmt::print(stderr, "{}", loss_report(*summary));
  return exit_code_of(*summary, level.reached());
}

std::vector<Flag> watch_rows(WatchFlags& flags) {
  std::vector<Flag> rows = flags.rules.rows();
  const std::vector<Flag> own = {
      {"--record",
       "FILE",
       "Also writes the events to a capture, which vedette detect reads.",
       &flags.record,
       {},
       ValueKind::kPath},
      {"--record-matching", "", "Records only what the loaded rules ask for.",
       &flags.record_matching},
      {"--enforce", "", "Denies what rules with action: block match, before it happens.",
       &flags.enforce},
      {"--duration", "TIME", "Ends after this time: 30s, 5m; default: with Ctrl-C.",
       &flags.duration},
      {"--identity-wait", "TIME",
       "How long events of a new container wait for its name and image; default 1s, 0s: not at "
       "all.",
       &flags.identity_wait},
      {"--ring-size", "MEGABYTES", "Room for events between kernel and program; default 4.",
       &flags.ring_megabytes},
      {"--lateness", "TIME", "Correlations wait so long for late events; default 0s.",
       &flags.lateness},
      {"--state-max", "COUNT", "Matches and values that correlations hold at most.",
       &flags.state_max},
      {"--profile-rules", "", "Counts evaluations and time of each rule (with --stats).",
       &flags.profile_rules},
      {"-q,--quiet", "", "No report of losses on stderr.", &flags.quiet},
  };
  rows.insert(rows.end(), own.begin(), own.end());
  const std::vector<Flag> observe = flags.observe.rows();
  rows.insert(rows.end(), observe.begin(), observe.end());
  const std::vector<Flag> report = flags.report.rows();
  rows.insert(rows.end(), report.begin(), report.end());
  return rows;
}

}  // namespace

Command watch_command() {
  const auto flags = std::make_shared<WatchFlags>();
  Command command{"watch", "Runs rules over what this machine's kernel does, as it happens.",
                  "  vedette watch                              # our rules, until Ctrl-C\n"
                  "  vedette watch --rules falco_rules.yaml --format falco\n"
                  "  vedette watch --learn 10m --profile normal.yaml\n"
                  "  vedette watch --profile normal.yaml        # and alerts on what is new\n"
                  "  vedette watch --record day.capture --duration 1h\n"
                  "  vedette detect day.capture                 # the same alerts again\n"};
  command.flags = watch_rows(*flags);
  command.run = [flags] { return run_watch(*flags); };
  return command;
}

}  // namespace vedette::cmd
