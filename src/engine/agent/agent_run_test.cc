// SPDX-License-Identifier: Apache-2.0
// The agent over a source that a test writes: what is matched, spooled, delivered, counted, and
// what survives a change of the rules.
#include "engine/agent/agent_run.h"

#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <mutex>
#include <thread>
#include <unistd.h>

#include "base/file.h"
#include "engine/agent/shedder.h"
#include "engine/agent/status_server.h"
#include "engine/agent/watchdog.h"
#include "formats/kernel/record_writer.h"

namespace vedette::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kOpenat = 257;

// Records as the sensor writes them: /etc/planted is opened by process 10, which is called cat.
class Stream {
 public:
  void process() {
    vedette_credentials credentials{};
    vedette_session session{};
    header(VEDETTE_KIND_TASK)
        .text(VEDETTE_FIELD_COMM, "cat")
        .text(VEDETTE_FIELD_EXE_PATH, "/usr/bin/cat")
        .value(VEDETTE_FIELD_CREDENTIALS, credentials)
        .value(VEDETTE_FIELD_SESSION, session);
  }
  void open(std::string_view path, std::uint32_t call = kOpenat) {
    header(VEDETTE_KIND_SYSCALL, call)
        .text(VEDETTE_FIELD_PATH_GIVEN, path)
        .text(VEDETTE_FIELD_PATH, path)
        .text(VEDETTE_FIELD_FD_PATH, path)
        .argument(0, 0)
        .argument(1, 0)
        .argument(2, 0);
  }
  std::string take() { return std::exchange(bytes_, {}); }

 private:
  formats::kernel::RecordWriter header(std::uint16_t kind,
                                       std::uint32_t call = VEDETTE_NO_SYSCALL) {
    vedette_record made{};
    made.kind = kind;
    made.time = ++time_ * 1'000'000;
    made.pid = made.tid = 10;
    made.started = 1;
    made.syscall = call;
    made.result = 3;
    return {bytes_, made};
  }
  std::string bytes_;
  std::uint64_t time_ = 0;
};

// What a test pushes, batch by batch; ends when the stop is set and nothing waits.
class Feed {
 public:
  void push(std::string bytes, std::uint64_t records, std::uint64_t lost = 0) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({std::move(bytes), records, lost});
  }
  struct Part {
    std::string bytes;
    std::uint64_t records = 0;
    std::uint64_t lost = 0;
  };
  bool empty() {
    const std::lock_guard lock(mutex_);
    return waiting_.empty();
  }
  std::optional<Part> take() {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return std::nullopt;
    Part part = std::move(waiting_.front());
    waiting_.pop_front();
    return part;
  }

 private:
  std::mutex mutex_;
  std::deque<Part> waiting_;
};

class FedSource final : public LiveSource {
 public:
  FedSource(Feed& feed, const std::atomic<bool>& stop) : feed_(feed), stop_(stop) {
    auto input = std::make_shared<event::Input>();
    input->name = "kernel";
    input->format = event::RecordFormat::kKernel;
    input_ = std::move(input);
  }
  bool next(event::Batch& batch) override {
    const std::optional<Feed::Part> part = feed_.take();
    if (!part && stop_) return false;
    if (!part) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const std::string_view bytes = part ? std::string_view(part->bytes) : std::string_view();
    batch.input = input_;
    batch.buffer.set_size(0);
    batch.buffer.reserve(bytes.size());
    if (!bytes.empty()) std::memcpy(batch.buffer.data(), bytes.data(), bytes.size());
    batch.buffer.set_size(bytes.size());
    batch.sequence = sequence_++;
    batch.offset = offset_;
    offset_ += bytes.size();
    if (part) {
      counts_.produced += part->records + part->lost;
      counts_.lost += part->lost;
      counts_.read += part->records;
    }
    return true;
  }
  LiveCounts counts() const override { return counts_; }
  Result<void> set_interest(const Interest&) override { return {}; }
  const std::vector<event::InputReport>& reports() const override { return reports_; }
  std::uint64_t bytes_total() const override { return 0; }
  std::uint64_t bytes_read() const override { return offset_; }

 private:
  Feed& feed_;
  const std::atomic<bool>& stop_;
  std::shared_ptr<const event::Input> input_;
  std::vector<event::InputReport> reports_;
  LiveCounts counts_;
  std::uint64_t sequence_ = 0;
  std::uint64_t offset_ = 0;
};

constexpr const char* kRules = R"(
- rule: Planted file opened
  desc: a
  condition: evt.type = openat and fd.name = /etc/planted
  output: opened %fd.name by %proc.name
  priority: ERROR
)";
// Three openings within a minute; the base rule alone is silent in what follows.
constexpr const char* kCorrelation = R"(
title: Opened
id: 11111111-0000-4000-8000-000000000001
name: opened
logsource: {product: linux, category: file_access}
detection:
  a: {TargetFilename: /etc/counted}
  condition: a
level: low
---
title: Opened three times
id: 11111111-0000-4000-8000-000000000002
correlation: {type: event_count, rules: [opened], group-by: [Image], timespan: 1m, condition: {gte: 3}}
level: high
)";

class AgentRun : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("agent_run_test." + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "rules");
    write("rules/planted.yaml", kRules);
    config_text_ = "rules: [" + path("rules") + "]\nspool: {folder: " + path("spool") +
                   "}\nstatus: " + path("agent.sock") +
                   "\nsinks:\n  - {kind: file, path: " + path("out.ndjson") + ", sync: false}\n";
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  std::string lines() const { return read_file(path("out.ndjson"), 1 << 20).value_or(""); }
  std::size_t count(std::string_view word) const {
    const std::string all = lines();
    std::size_t found = 0;
    for (std::size_t at = all.find(word); at != std::string::npos; at = all.find(word, at + 1)) {
      ++found;
    }
    return found;
  }

  void start() {
    write("agent.yaml", config_text_);
    const LoadedAgentConfig loaded = load_agent_config(path("agent.yaml"), {});
    ASSERT_TRUE(loaded.config) << loaded.diagnostics.front().message;
    options_.config_path = path("agent.yaml");
    options_.content = std::string(VEDETTE_SOURCE_DIR) + "/content";
    options_.version = "test";
    options_.confine = false;
    thread_ = std::thread([this, config = *loaded.config] {
      const AgentSurroundings surroundings{
          [this](const Interest&, const LiveOptions&) -> Result<std::unique_ptr<LiveSource>> {
            return std::make_unique<FedSource>(feed_, stop_);
          },
          stop_,
          reload_,
          [this](const std::string& line) {
            const std::lock_guard lock(mutex_);
            log_ += line + "\n";
          },
          [](const std::string& stage, TimeNs) { FAIL() << stage << " is stuck"; },
          clock_};
      ended_ = run_agent(config, options_, surroundings);
    });
  }
  AgentStatus end() {
    stop_ = true;
    thread_.join();
    EXPECT_TRUE(ended_.has_value()) << ended_.error().message;
    return ended_.value_or(AgentStatus());
  }
  std::string log() {
    const std::lock_guard lock(mutex_);
    return log_;
  }
  bool wait(const std::function<bool()>& condition) {
    for (int i = 0; i < 1000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
  void open(std::string_view file) {
    stream_.open(file);
    feed_.push(stream_.take(), 1);
  }

  fs::path folder_;
  std::string config_text_;
  AgentOptions options_;
  SystemClock clock_;
  Feed feed_;
  Stream stream_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> reload_ = false;
  std::mutex mutex_;
  std::string log_;
  std::thread thread_;
  Result<AgentStatus> ended_;
};

TEST_F(AgentRun, DeliversAlertsAndTheLedgerCloses) {
  start();
  stream_.process();
  stream_.open("/etc/planted");
  stream_.open("/etc/other");
  feed_.push(stream_.take(), 3);
  EXPECT_TRUE(wait([&] { return count("\"title\":\"Planted") == 1; }));
  const Result<std::string> answer = ask_status(path("agent.sock"), StatusForm::kJson);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_NE(answer->find("\"loaded\":1"), std::string::npos) << *answer;
  const AgentStatus status = end();
  EXPECT_TRUE(check(status.ledger, event::LedgerState::kAtRest));
  EXPECT_EQ(status.ledger[event::Count::kRead], 3U);
  EXPECT_EQ(status.ledger[event::Count::kState], 1U);
  EXPECT_EQ(status.ledger[event::Count::kMatched], 2U);
  EXPECT_EQ(status.ledger[event::Count::kAlerts], 1U);
  EXPECT_EQ(status.ledger[event::Count::kAcknowledged], 1U);
  EXPECT_FALSE(ask_status(path("agent.sock"), StatusForm::kJson).has_value());
}

TEST_F(AgentRun, LossesAreRecordsOfTheirOwn) {
  start();
  feed_.push("", 0, 7);
  EXPECT_TRUE(wait([&] { return count("\"record\":\"loss\"") == 1; }));
  EXPECT_NE(lines().find("\"stage\":\"kernel\",\"what\":\"events\",\"count\":7,\"total\":7"),
            std::string::npos)
      << lines();
  EXPECT_TRUE(check(end().ledger, event::LedgerState::kAtRest));
}

TEST_F(AgentRun, WritesEventsWhereAskedAndOnlyTheTypesNamed) {
  config_text_ += "  - {kind: file, name: events, path: " + path("events.ndjson") +
                  ", sync: false, records: [events], event-types: [openat]}\n";
  start();
  open("/etc/other");
  stream_.open("/etc/other", 2);
  feed_.push(stream_.take(), 1);
  const auto events = [&] { return read_file(path("events.ndjson"), 1 << 20).value_or(""); };
  EXPECT_TRUE(wait([&] { return events().find("/etc/other") != std::string::npos; }));
  end();
  EXPECT_EQ(std::ranges::count(events(), '\n'), 1);
  EXPECT_EQ(lines(), "");
}

TEST_F(AgentRun, AReloadKeepsProcessesAndWindows) {
  write("rules/counted.yml", kCorrelation);
  start();
  stream_.process();
  feed_.push(stream_.take(), 1);
  open("/etc/counted");
  open("/etc/counted");
  EXPECT_TRUE(wait([&] { return feed_.empty(); }));
  write("rules/planted.yaml", std::string(kRules) + R"(
- rule: New one
  desc: b
  condition: evt.type = openat and fd.name = /etc/new and proc.name = cat
  output: new
  priority: ERROR
)");
  reload_ = true;
  EXPECT_TRUE(wait([&] { return log().find("reload: 4 rules") != std::string::npos; })) << log();
  open("/etc/counted");
  open("/etc/new");
  EXPECT_TRUE(wait([&] { return count("\"title\":\"New one") == 1; }));
  const AgentStatus status = end();
  EXPECT_EQ(count("\"title\":\"Opened three times"), 1U) << lines();
  EXPECT_EQ(status.reloads, 1U);
  EXPECT_TRUE(check(status.ledger, event::LedgerState::kAtRest));
}

TEST_F(AgentRun, ABadReloadChangesNothing) {
  start();
  open("/etc/planted");
  EXPECT_TRUE(wait([&] { return count("\"title\":\"Planted") == 1; }));
  write("rules/bad.yaml",
        "- rule: Bad\n  desc: x\n  condition: proc.name = (\n  output: x\n"
        "  priority: ERROR\n");
  reload_ = true;
  EXPECT_TRUE(wait([&] { return log().find("nothing changed") != std::string::npos; })) << log();
  EXPECT_NE(log().find("bad.yaml:"), std::string::npos) << log();
  fs::remove(folder_ / "rules/bad.yaml");
  write("agent.yaml", config_text_ + "metrics: 127.0.0.1:0\n");
  reload_ = true;
  EXPECT_TRUE(wait([&] { return log().find("metrics needs a restart") != std::string::npos; }))
      << log();
  open("/etc/planted");
  EXPECT_TRUE(wait([&] { return count("\"title\":\"Planted") == 2; }));
  EXPECT_EQ(end().reloads, 0U);
}

TEST_F(AgentRun, ReloadsWhenAFileChanges) {
  config_text_ += "reload: change\n";
  start();
  EXPECT_TRUE(wait([&] { return log().find("watching with 1 rules") != std::string::npos; }));
  write("rules/counted.yml", kCorrelation);
  EXPECT_TRUE(wait([&] { return log().find("reload: 3 rules") != std::string::npos; })) << log();
  EXPECT_EQ(end().reloads, 1U);
}

TEST_F(AgentRun, WhatWaitsWhenItEndsIsDeliveredByTheNext) {
  config_text_.replace(config_text_.find("sinks:"), std::string::npos,
                       "sinks:\n  - {kind: http, url: \"http://127.0.0.1:1/\", name: away}\n");
  start();
  open("/etc/planted");
  EXPECT_TRUE(wait([&] {
    const auto answer = ask_status(path("agent.sock"), StatusForm::kPeople);
    return answer && answer->find("1 waiting") != std::string::npos;
  }));
  const AgentStatus first = end();
  EXPECT_TRUE(check(first.ledger, event::LedgerState::kAtRest));
  EXPECT_EQ(first.ledger[event::Count::kWaiting], 1U);
  EXPECT_FALSE(first.outlets.front().problem.empty());

  fs::rename(folder_ / "spool/away", folder_ / "spool/file");
  config_text_.replace(config_text_.find("sinks:"), std::string::npos,
                       "sinks:\n  - {kind: file, path: " + path("out.ndjson") + "}\n");
  stop_ = false;
  start();
  EXPECT_TRUE(wait([&] { return count("\"title\":\"Planted") == 1; }));
  const AgentStatus second = end();
  EXPECT_EQ(second.ledger[event::Count::kCarriedIn], 1U);
  EXPECT_TRUE(check(second.ledger, event::LedgerState::kAtRest));
}

event::Batch batch_of(const std::string& bytes) {
  event::Batch batch;
  batch.buffer.reserve(bytes.size());
  std::memcpy(batch.buffer.data(), bytes.data(), bytes.size());
  batch.buffer.set_size(bytes.size());
  return batch;
}

TEST(Shedder, TakesOutWhatItIsToldAndCountsIt) {
  Stream stream;
  stream.open("/a");
  stream.open("/b", 2);
  stream.process();
  const std::string kept_tail = "cut off";
  const std::string bytes = stream.take() + kept_tail;
  event::Ledger ledger({"openat", "dns"});
  Shedder shedder({"openat", "dns"}, ledger);
  event::Batch batch = batch_of(bytes);
  shedder.apply(batch);
  EXPECT_EQ(batch.buffer.view(), bytes);
  shedder.set(0, true);
  shedder.apply(batch);
  EXPECT_EQ(batch.buffer.view().find("/a"), std::string_view::npos);
  EXPECT_NE(batch.buffer.view().find("/b"), std::string_view::npos);
  EXPECT_NE(batch.buffer.view().find("/usr/bin/cat"), std::string_view::npos);
  EXPECT_TRUE(batch.buffer.view().ends_with(kept_tail));
  EXPECT_EQ(ledger.snapshot().shed[0].second, 1U);
  shedder.set(0, false);
  EXPECT_TRUE(shedder.idle());
}

TEST(Shedder, KnowsWhatMayBeShed) {
  for (const char* const kind : {"openat", "dns", "tls", "flow", "connect"}) {
    EXPECT_TRUE(is_sheddable(kind)) << kind;
  }
  for (const char* const kind : {"execve", "clone", "fork", "no_such_call", ""}) {
    EXPECT_FALSE(is_sheddable(kind)) << kind;
  }
}

class TestClock final : public Clock {
 public:
  TimeNs now() const override { return time; }
  TimeNs steady() const override { return time; }
  TimeNs time = 100 * kNsPerSecond;
};

TEST(Watchdog, NamesTheStageThatIsStuck) {
  TestClock clock;
  TimeNs since = 0;
  std::string stuck;
  const Watchdog watchdog(5 * kNsPerSecond,
                          {{"idle", [] { return TimeNs{0}; }}, {"match", [&] { return since; }}},
                          clock, [&](const std::string& stage, TimeNs) { stuck = stage; });
  watchdog.look();
  since = clock.time - 4 * kNsPerSecond;
  watchdog.look();
  EXPECT_EQ(stuck, "");
  clock.time += 2 * kNsPerSecond;
  watchdog.look();
  EXPECT_EQ(stuck, "match");
}

TEST(StatusServer, ReadsEndpoints) {
  EXPECT_EQ(parse_endpoint("127.0.0.1:9464")->port, 9464);
  EXPECT_EQ(parse_endpoint("[::1]:0")->address, "::1");
  for (const char* const bad :
       {"", "9464", "host:1", "127.0.0.1:", "127.0.0.1:70000", "::1:5", "127.0.0.1:1x"}) {
    EXPECT_FALSE(parse_endpoint(bad).has_value()) << bad;
  }
}

TEST(StatusServer, ReplacesADeadSocketAndRespectsALiveOne) {
  const std::string path =
      fs::temp_directory_path() / ("status_server_test." + std::to_string(::getpid()));
  const StatusServer::Answers answers{[] { return std::string("{}"); },
                                      [] { return std::string("well"); },
                                      [] { return std::string("up 1\n"); }};
  auto first = StatusServer::open(path, "");
  ASSERT_TRUE(first) << first.error().message;
  (*first)->start(answers);
  EXPECT_EQ(ask_status(path, StatusForm::kPeople).value_or(""), "well");
  const auto second = StatusServer::open(path, "");
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("another agent"), std::string::npos);
  first->reset();
  const auto third = StatusServer::open(path, "127.0.0.1:0");
  ASSERT_TRUE(third) << third.error().message;
  EXPECT_NE((*third)->metrics_port(), 0);
}

}  // namespace
}  // namespace vedette::engine
