// SPDX-License-Identifier: Apache-2.0
#include "engine/agent/agent_run.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <linux/capability.h>
#include <malloc.h>
#include <mutex>
#include <thread>
#include <unistd.h>

#include "base/time.h"
#include "engine/agent/agent_records.h"
#include "engine/agent/resource_guard.h"
#include "engine/agent/rule_lane.h"
#include "engine/agent/shedder.h"
#include "engine/agent/status_server.h"
#include "engine/agent/watchdog.h"

// Of later headers than a build may have.
#ifndef CAP_BPF
#define CAP_BPF 39
#endif

namespace vedette::engine {
namespace {

using event::Count;
using event::LedgerSnapshot;

std::string host_of(const AgentConfig& config) {
  if (!config.host.empty()) return config.host;
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

RuleOptions rule_options_of(const AgentConfig& config, const AgentOptions& options) {
  RuleOptions rules;
  rules.rules = config.rules;
  rules.content = options.content;
  return rules;
}

class Agent {
 public:
  Agent(const AgentConfig& config, const AgentOptions& options,
        const AgentSurroundings& surroundings)
      : config_(config),
        options_(options),
        surroundings_(surroundings),
        clock_(surroundings.clock),
        host_(host_of(config)),
        ledger_(config.shed),
        guard_(config.limits, config.shed, read_resource_use, clock_),
        shedder_(config.shed, ledger_) {}

  Result<void> start();
  Result<void> run();
  // Ends deliveries; afterwards everything rests.
  Result<AgentStatus> finish();

 private:
  void confine_self();
  void start_threads();
  void process(std::unique_ptr<Work> work);
  void store();
  void each_second();
  void count_source();
  void sample_resources();
  void report_losses();
  void look_for_reload();
  void begin_reload();
  void end_reload();
  void reload_refused(const std::string& why);
  std::uint64_t fingerprint() const;
  LedgerSnapshot whole_ledger(const std::vector<OutletStatus>& outlets) const;
  void publish();
  AgentStatus status_now() const;

  AgentConfig config_;
  AgentConfig next_config_;  // while a reload runs
  const AgentOptions& options_;
  const AgentSurroundings& surroundings_;
  const Clock& clock_;
  std::string host_;
  event::Ledger ledger_;  // of the pipeline; each outlet has its own
  ResourceGuard guard_;
  Shedder shedder_;
  std::vector<std::unique_ptr<Outlet>> outlets_;
  std::unique_ptr<AgentRecords> records_;
  std::vector<event::Sink*> sinks_;
  std::unique_ptr<RuleLane> lane_;
  std::unique_ptr<LiveSource> source_;
  std::unique_ptr<StatusServer> server_;
  std::unique_ptr<RuleReload> reload_;
  ConfinementReport confinement_;
  RateWindow rates_;
  LiveCounts counted_;
  std::uint64_t alerts_counted_ = 0;
  LedgerSnapshot told_;  // as of the last loss records
  TimeNs started_ = 0;
  TimeNs next_second_ = 0;
  std::uint64_t fingerprint_ = 0;
  std::string last_reload_ = "none";
  std::uint64_t reloads_ = 0;
  std::atomic<TimeNs> busy_since_ = 0;

  mutable std::mutex mutex_;
  AgentStatus published_;  // guarded by mutex_
  // Last, so that its thread ends before what it looks at.
  std::unique_ptr<Watchdog> watchdog_;
};

Result<void> Agent::start() {
  started_ = clock_.now();
  for (const SinkConfig& sink : config_.sinks) {
    TRY(std::unique_ptr<Outlet> outlet, Outlet::open(sink, config_.spool, clock_));
    outlets_.push_back(std::move(outlet));
  }
  TRY(records_, AgentRecords::create(outlets_, host_, options_.version, clock_));
  sinks_ = {records_.get()};
  TRY(lane_, make_lane(rule_options_of(config_, options_), nullptr, sinks_,
                       records_->wants_every_event(), options_.limits));
  for (const rules::Refusal& refusal : lane_->compiled().rules.refused) {
    surroundings_.log(
        fmt::format("rule refused: {}:{}: {}", refusal.file, refusal.line, refusal.reason));
  }
  TRY(server_, StatusServer::open(config_.status, config_.metrics));
  LiveOptions live;
  live.ring_bytes = config_.ring_bytes;
  live.identity_wait_ns = config_.identity_wait;
  const CompiledRules& compiled = lane_->compiled();
  Interest interest = records_->wants_every_event()
                          ? whole_interest()
                          : interest_of(compiled.rules, compiled.log_sources, true);
  if (config_.enforce) interest.enforcement = compiled.enforcement;
  if (config_.enforce && interest.enforcement == nullptr) {
    return failure(
        ErrorCode::kInvalid,
        "expected a rule with action: block for enforce: true, found none that is loaded");
  }
  TRY(source_, surroundings_.open_source(interest, live));
  fingerprint_ = fingerprint();
  reload_ = std::make_unique<RuleReload>(sinks_, records_->wants_every_event(), options_.limits);
  if (options_.confine) confine_self();
  start_threads();
  surroundings_.log(fmt::format("watching with {} rules (version {}), {} refused",
                                lane_->rules_loaded(), lane_->version(),
                                compiled.rules.refused.size()));
  return {};
}

void Agent::confine_self() {
  Confinement confinement;
  // BPF to read counters and change filters; the others to look into containers and /proc.
  confinement.capabilities = {CAP_BPF, CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE};
  confinement.restricts_reading = false;
  confinement.writable = {config_.spool.folder, folder_of(config_.status)};
  for (const SinkConfig& sink : config_.sinks) {
    if (sink.options.kind == spool::SinkKind::kFile) {
      confinement.writable.push_back(folder_of(sink.options.file.path));
    }
  }
  confinement_ = confine(confinement);
  for (const ConfinementStep& step : confinement_.steps) {
    if (!step.applied) {
      surroundings_.log(fmt::format("not confined by {}: {}", step.measure, step.detail));
    }
  }
}

void Agent::start_threads() {
  publish();
  std::vector<Watchdog::Stage> stages;
  stages.push_back({"match", [this] { return busy_since_.load(); }});
  for (const auto& outlet : outlets_) {
    outlet->start();
    stages.push_back(
        {"delivery to " + outlet->config().name, [&outlet] { return outlet->busy_since(); }});
  }
  server_->start({[this] { return status_now().to_json(); },
                  [this] { return status_now().to_text(); },
                  [this] { return status_now().to_prometheus(); }});
  watchdog_ = std::make_unique<Watchdog>(config_.watchdog, std::move(stages), clock_,
                                         surroundings_.on_stuck);
  watchdog_->start();
}

Result<void> Agent::run() {
  while (true) {
    busy_since_.store(clock_.steady());
    std::unique_ptr<Work> work = lane_->acquire();
    if (!source_->next(work->batch)) break;
    process(std::move(work));
    if (clock_.steady() >= next_second_) each_second();
  }
  busy_since_.store(0);
  Result<void> written = lane_->finish();
  count_source();
  report_losses();
  store();
  return written;
}

void Agent::process(std::unique_ptr<Work> work) {
  shedder_.apply(work->batch);
  lane_->run(*work);
  const BatchResult& result = work->result;
  const std::uint64_t problems = result.problems.size();
  for (const BatchResult::WholeEvent& event : result.whole_events) records_->write_event(event);
  const std::uint64_t state = result.records - result.events - problems;
  // The source's counts first: a later stage is never ahead.
  count_source();
  ledger_.add(Count::kUndecodable, problems);
  ledger_.add(Count::kState, state);
  ledger_.add(Count::kDecoded, result.events);
  ledger_.add(Count::kMatched, result.events);
  lane_->submit(std::move(work));
  ledger_.add(Count::kAlerts, records_->alerts() - alerts_counted_);
  alerts_counted_ = records_->alerts();
  store();
}

// Into the spools. A full one whose policy is to block holds everything up, until there is room.
void Agent::store() {
  constexpr std::chrono::milliseconds kLook(10);
  for (const auto& outlet : outlets_) {
    while (!outlet->flush()) {
      if (surroundings_.stop.load()) {
        outlet->give_up();
        continue;
      }
      busy_since_.store(clock_.steady());
      std::this_thread::sleep_for(kLook);
      if (clock_.steady() >= next_second_) {
        next_second_ = clock_.steady() + kNsPerSecond;
        count_source();
        publish();
      }
    }
  }
}

void Agent::count_source() {
  const LiveCounts counts = source_->counts();
  ledger_.add(Count::kKernelProduced, counts.produced - counted_.produced);
  ledger_.add(Count::kMade, counts.made - counted_.made);
  ledger_.add(Count::kKernelLost, counts.lost - counted_.lost);
  ledger_.add(Count::kFiltered, counts.filtered - counted_.filtered);
  ledger_.add(Count::kRead, counts.read - counted_.read);
  counted_ = counts;
}

void Agent::each_second() {
  next_second_ = clock_.steady() + kNsPerSecond;
  count_source();
  sample_resources();
  report_losses();
  for (const auto& outlet : outlets_) outlet->tick();
  look_for_reload();
  store();
  publish();
}

void Agent::sample_resources() {
  const Result<std::optional<ShedDecision>> decision = guard_.sample();
  if (!decision || !*decision) return;
  const ShedDecision& made = **decision;
  shedder_.set(made.kind, made.shed);
  const std::string& kind = config_.shed[made.kind];
  records_->write_loss(
      {"guard", kind, made.shed ? 1U : 0U, ledger_.snapshot().shed_total(),
       fmt::format("{} {}: {}", made.shed ? "sheds" : "keeps again", kind, made.reason)});
  surroundings_.log(
      fmt::format("{} {}: {}", made.shed ? "sheds" : "keeps again", kind, made.reason));
}

// A record for each stage that lost something since the last time.
void Agent::report_losses() {
  std::vector<OutletStatus> outlets;
  for (const auto& outlet : outlets_) outlets.push_back(outlet->status());
  const LedgerSnapshot now = whole_ledger(outlets);
  const auto tell = [&](std::string_view stage, std::string_view what, std::uint64_t total,
                        std::uint64_t before, std::string reason) {
    if (total <= before) return;
    records_->write_loss({stage, what, total - before, total, std::move(reason)});
  };
  tell("kernel", "events", now[Count::kKernelLost], told_[Count::kKernelLost],
       "no room between kernel and agent; a larger ring-size helps against bursts");
  tell("decoder", "records", now[Count::kUndecodable], told_[Count::kUndecodable],
       "records that are not understood");
  tell("spool", "records", now[Count::kDamaged], told_[Count::kDamaged],
       "records that did not pass their checksum");
  for (std::size_t i = 0; i < event::kDroppedCount; ++i) {
    tell("spool", event::kDroppedNames[i], now.dropped[i], told_.dropped[i],
         "records given up by policy");
  }
  for (std::size_t i = 0; i < now.shed.size(); ++i) {
    const std::uint64_t before = i < told_.shed.size() ? told_.shed[i].second : 0;
    tell("guard", now.shed[i].first, now.shed[i].second, before,
         "events shed to stay within limits");
  }
  told_ = now;
}

void Agent::look_for_reload() {
  if (reload_->running()) return end_reload();
  bool wanted = surroundings_.reload.exchange(false);
  if (!wanted && config_.reload == ReloadTrigger::kChange) {
    const std::uint64_t now = fingerprint();
    wanted = fingerprint_ != now;
    fingerprint_ = now;
  }
  if (wanted) begin_reload();
}

std::uint64_t Agent::fingerprint() const {
  std::vector<std::string> files = config_.rules;
  files.push_back(options_.config_path);
  return fingerprint_of_files(files);
}

void Agent::begin_reload() {
  LoadedAgentConfig loaded = load_agent_config(options_.config_path, options_.limits);
  if (!loaded.config) {
    const Diagnostic& first = loaded.diagnostics.front();
    return reload_refused(fmt::format("{}: {}", to_string(first.place), first.message));
  }
  // Rules and limits change in place; sockets, spools and sinks belong to the confined start.
  const std::vector<std::string_view> keys = keys_for_restart(config_, *loaded.config);
  if (!keys.empty()) {
    return reload_refused(fmt::format("a change of {} needs a restart", fmt::join(keys, ", ")));
  }
  next_config_ = std::move(*loaded.config);
  reload_->start(rule_options_of(next_config_, options_), *lane_);
}

void Agent::reload_refused(const std::string& why) {
  last_reload_ = fmt::format("{} refused, nothing changed: {}", format_time(clock_.now()), why);
  surroundings_.log("reload: " + last_reload_);
}

void Agent::end_reload() {
  auto made = reload_->take();
  if (!made) return;
  if (!*made) return reload_refused(made->error().message);
  std::unique_ptr<RuleLane> next = std::move(**made);
  const CompiledRules& compiled = next->compiled();
  if (!records_->wants_every_event()) {
    const Result<void> set =
        source_->set_interest(interest_of(compiled.rules, compiled.log_sources, true));
    if (!set) return reload_refused(set.error().message);
  }
  if (config_.enforce) {
    surroundings_.log("reload: what is denied stays as it was at the start, until a restart");
  }
  next->take_over(*lane_);
  lane_ = std::move(next);
  // Two versions stood side by side for a moment.
  malloc_trim(0);
  config_ = next_config_;
  guard_.set_limits(config_.limits);
  ++reloads_;
  last_reload_ = format_time(clock_.now()) + " done";
  surroundings_.log(fmt::format("reload: {} rules (version {}), {} refused", lane_->rules_loaded(),
                                lane_->version(), compiled.rules.refused.size()));
}

LedgerSnapshot Agent::whole_ledger(const std::vector<OutletStatus>& outlets) const {
  LedgerSnapshot whole = ledger_.snapshot();
  for (const OutletStatus& outlet : outlets) whole.add(outlet.ledger);
  return whole;
}

void Agent::publish() {
  AgentStatus status;
  status.version = options_.version;
  status.host = host_;
  status.config = options_.config_path;
  status.pid = static_cast<std::uint64_t>(::getpid());
  status.started = started_;
  status.now = clock_.now();
  status.rule_version = lane_->version();
  status.rules_loaded = lane_->rules_loaded();
  status.rules_refused = lane_->compiled().rules.refused.size();
  status.last_reload = last_reload_;
  status.reloads = reloads_;
  status.cpu = guard_.cpu();
  status.cpu_max = config_.limits.cpu_max;
  status.memory_bytes = guard_.memory_bytes();
  status.memory_max = config_.limits.memory_bytes_max;
  status.exhausted = guard_.exhausted();
  for (std::size_t i = 0; i < guard_.kinds().size(); ++i) {
    if (guard_.sheds(i)) status.shedding.push_back(guard_.kinds()[i]);
  }
  for (const auto& outlet : outlets_) status.outlets.push_back(outlet->status());
  status.ledger = whole_ledger(status.outlets);
  rates_.add(clock_.steady(), status.ledger);
  status.rates = rates_.rates();
  status.confinement = confinement_;
  const std::lock_guard lock(mutex_);
  published_ = std::move(status);
}

AgentStatus Agent::status_now() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

Result<AgentStatus> Agent::finish() {
  for (const auto& outlet : outlets_) outlet->stop();
  watchdog_.reset();
  server_.reset();
  publish();
  return status_now();
}

}  // namespace

Result<AgentStatus> run_agent(const AgentConfig& config, const AgentOptions& options,
                              const AgentSurroundings& surroundings) {
  Agent agent(config, options, surroundings);
  TRY_VOID(agent.start());
  const Result<void> run = agent.run();
  TRY(AgentStatus status, agent.finish());
  if (!run) return std::unexpected(run.error());
  return status;
}

}  // namespace vedette::engine
