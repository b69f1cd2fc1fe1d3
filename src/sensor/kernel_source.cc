// SPDX-License-Identifier: Apache-2.0
#include "sensor/kernel_source.h"

#include <algorithm>
#include <cstring>
#include <sys/syscall.h>
#include <time.h>
#include <utility>

#include "formats/kernel/record_writer.h"
#include "sensor/call_table.h"
#include "sensor/client_hello.h"
#include "sensor/own_record.h"
#include "sensor/system_state.h"

namespace vedette::sensor {
namespace {

using formats::kernel::RecordReader;
using formats::kernel::RecordWriter;

// What is not urgent waits so long at most: half of it in the middle. Each look costs, also where
// nothing happens.
constexpr int kWaitMs = 14;
constexpr std::int64_t kLossesEveryMs = 100;
constexpr std::int64_t kCallsEveryMs = 1000;

// Calls whose messages are looked into, for DNS and for TLS.
constexpr auto kDnsCalls = std::to_array<int>({SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_recvmsg,
                                               SYS_sendmmsg, SYS_recvmmsg, SYS_read, SYS_write});
constexpr auto kTlsCalls = std::to_array<int>({SYS_sendto, SYS_sendmsg, SYS_write, SYS_writev});

// Known to the sensor, but too frequent to be asked for without a reason.
constexpr auto kFrequentCalls = std::to_array<int>(
    {SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_mmap, SYS_mprotect,
     SYS_ioctl, SYS_recvfrom, SYS_recvmsg, SYS_recvmmsg, SYS_eventfd2, SYS_sendfile});

std::int64_t now_ms() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

vedette_opens filter_of(const WantedOpens& wanted) {
  vedette_opens opens = {};
  opens.gated = wanted.all || wanted.programs.size() > VEDETTE_PROGRAMS_MAX ? 0 : 1;
  opens.with_parents = wanted.with_parents ? 1 : 0;
  opens.by_prefix = wanted.path_prefixes.empty() ? 0 : 1;
  for (const std::string& program : wanted.programs) {
    if (opens.program_count == VEDETTE_PROGRAMS_MAX) break;
    vedette_program& name = opens.programs[opens.program_count++];
    std::memcpy(&name, program.data(), std::min(program.size(), sizeof name - 1));
  }
  return opens;
}

vedette_filter filter_of(const KernelWishes& wishes) {
  vedette_filter filter = {};
  const auto mask = [](const std::vector<vedette_kind>& kinds) {
    __u32 bits = 0;
    for (const vedette_kind kind : kinds) bits |= __u32{1} << kind;
    return bits;
  };
  // Control groups are what containers are known by, and a short container is soon forgotten by its
  // runtime.
  constexpr __u32 kGroups = __u32{1} << VEDETTE_KIND_CGROUP;
  filter.kinds = mask(wishes.kinds) | kGroups;
  filter.urgent_kinds = mask(wishes.urgent_kinds) | kGroups;
  for (const WantedCall& call : wishes.calls) {
    if (call.number >= VEDETTE_CALLS) continue;
    filter.calls[call.number] |= static_cast<__u8>((call.successes ? VEDETTE_WANT_SUCCESS : 0) |
                                                   (call.failures ? VEDETTE_WANT_FAILURE : 0) |
                                                   (call.urgent ? VEDETTE_WANT_URGENT : 0));
  }
  filter.reads = filter_of(wishes.reads);
  filter.failed_opens = filter_of(wishes.failed_opens);
  if ((filter.kinds >> VEDETTE_KIND_DNS & 1) != 0) {
    for (const int number : kDnsCalls) filter.calls[number] |= VEDETTE_WANT_MESSAGES;
  }
  if ((filter.kinds >> VEDETTE_KIND_TLS & 1) != 0) {
    for (const int number : kTlsCalls) filter.calls[number] |= VEDETTE_WANT_MESSAGES;
  }
  return filter;
}

const vedette_record& header_of(std::string_view record) {
  return *reinterpret_cast<const vedette_record*>(record.data());
}

// The kernel hands on the whole hello; only the name in it matters.
std::string with_server_name(const RecordReader& record) {
  std::string out;
  RecordWriter named(out, record.header());
  for (const vedette_field_id id : {VEDETTE_FIELD_FD, VEDETTE_FIELD_SOCKET}) {
    if (record.has(id)) named.text(id, record.field(id));
  }
  const std::string_view name = server_name(record.field(VEDETTE_FIELD_DATA));
  if (!name.empty()) named.text(VEDETTE_FIELD_NAME, name);
  return out;
}

// The kernel tells which entry denied something, people know the rule.
std::string with_rule(std::string_view record, const vedette_record& header,
                      const EnforcementTable& table, RecordReader& reader) {
  std::string out;
  if (!reader.read(record)) return out.assign(record);
  {
    RecordWriter named(out, header);
    for (const vedette_field_id id :
         {VEDETTE_FIELD_PATH, VEDETTE_FIELD_ADDRESS, VEDETTE_FIELD_ID}) {
      if (reader.has(id)) named.text(id, reader.field(id));
    }
    named.text(VEDETTE_FIELD_NAME,
               table.rule_of(reader.get<std::uint32_t>(VEDETTE_FIELD_ID).value_or(~0U)));
  }
  return out;
}

void append(event::Batch& batch, std::string_view bytes) {
  const std::size_t size = batch.buffer.size();
  if (size + bytes.size() > batch.buffer.capacity()) {
    batch.buffer.reserve(std::max(size + bytes.size(), 2 * batch.buffer.capacity()));
  }
  std::memcpy(batch.buffer.data() + size, bytes.data(), bytes.size());
  batch.buffer.set_size(size + bytes.size());
}

}  // namespace

KernelWishes KernelWishes::everything() {
  KernelWishes wishes;
  wishes.kinds = {VEDETTE_KIND_EXEC, VEDETTE_KIND_FORK, VEDETTE_KIND_EXIT,
                  VEDETTE_KIND_FLOW, VEDETTE_KIND_DNS,  VEDETTE_KIND_TLS};
  static const std::vector<std::uint32_t> kKnown = described_calls();
  for (const std::uint32_t number : kKnown) {
    const bool frequent = std::find(kFrequentCalls.begin(), kFrequentCalls.end(),
                                    static_cast<int>(number)) != kFrequentCalls.end();
    if (!frequent) wishes.calls.push_back({number});
  }
  return wishes;
}

Result<std::unique_ptr<KernelSource>> KernelSource::create(const KernelSourceOptions& options) {
  ProgramOptions programs;
  programs.ring_bytes = options.ring_bytes;
  programs.wake_bytes = static_cast<std::uint32_t>(
      std::min<std::size_t>(programs.wake_bytes, options.ring_bytes / 4));
  programs.arguments_max = options.arguments_max;
  programs.environment_max = options.environment_max;
  programs.filter = filter_of(options.wishes);
  programs.prefixes = options.wishes.reads.path_prefixes;
  programs.watch_self = options.watch_self;
  programs.note_calls = options.wishes.calls_seen;
  programs.enforcement = options.enforcement.get();
  TRY(auto loaded, KernelPrograms::load(programs));
  std::unique_ptr<KernelSource> source(new KernelSource(options, std::move(loaded)));
  source->write_state();
  return source;
}

KernelSource::KernelSource(const KernelSourceOptions& options,
                           std::unique_ptr<KernelPrograms> programs)
    : options_(options), programs_(std::move(programs)), containers_(options.runtimes) {
  auto input = std::make_shared<event::Input>();
  input->name = "kernel";
  input->format = event::RecordFormat::kKernel;
  input_ = std::move(input);
  reports_.emplace_back();
  reports_.back().name = "kernel";
  reports_.back().format = "kernel";
}

void KernelSource::write_state() {
  write_host(made_);
  if (options_.state_at_start) {
    write_accounts(made_, "", "");
    std::string found;
    write_cgroups(made_, unified_mount(), [&](std::uint64_t id, std::string_view path) {
      containers_.cgroup_appeared(id, path, now_ms(), found);
    });
    made_ += found;
    const auto note = [&](const Error& error) {
      reports_.back().problems.push_back(
          {DiagnosticKind::kWarning, {"kernel"}, error.message, "what existed before is unknown"});
    };
    const Result<std::string> tasks = programs_->read(KernelPrograms::Iterator::kTasks);
    if (tasks) {
      made_ += with_arguments(*tasks, options_.arguments_max, options_.environment_max);
    } else {
      note(tasks.error());
    }
    const Result<std::string> files = programs_->read(KernelPrograms::Iterator::kFiles);
    if (files) {
      made_ += *files;
    } else {
      note(files.error());
    }
  }
  const RecordWriter started(made_, own_record(VEDETTE_KIND_STARTED));
}

Result<void> KernelSource::set_wishes(const KernelWishes& wishes) {
  options_.wishes = wishes;
  return programs_->set_filter(filter_of(wishes), wishes.reads.path_prefixes);
}

Result<void> KernelSource::set_enforced(std::uint64_t cgroup, const EntrySets* sets) {
  return programs_->set_enforced(cgroup, sets);
}

KernelStatistics KernelSource::statistics() const {
  KernelStatistics statistics = statistics_;
  const KernelCounters counters = programs_->counters();
  std::copy(std::begin(counters.produced), std::end(counters.produced),
            statistics.produced.begin());
  std::copy(std::begin(counters.lost), std::end(counters.lost), statistics.reserve_failed.begin());
  statistics.filtered = counters.filtered;
  statistics.not_run = counters.not_run;
  return statistics;
}

bool KernelSource::next(event::Batch& batch) {
  batch.input = input_;
  batch.buffer.reserve(options_.batch_bytes + VEDETTE_RECORD_SIZE_MAX);
  batch.buffer.set_size(0);
  batch.preamble = nullptr;
  batch.records.clear();
  batch.last = false;
  if (ended_) return false;
  const bool waiting = made_used_ == made_.size();
  if (!stopping_ && options_.stop != nullptr && options_.stop->load()) {
    programs_->detach();
    stopping_ = true;
  } else if (waiting && !stopping_ &&
             programs_->wait(containers_.next_asking_ms(now_ms(), kWaitMs))) {
    ++statistics_.wakeups;
  }
  hand_on(batch);
  if (stopping_ && batch.buffer.size() == 0) {
    losses_looked_ms_ = 0;
    calls_looked_ms_ = 0;
    report_losses();
    report_all_calls();
    take_made(batch);
    batch.last = true;
    ended_ = true;
  }
  batch.sequence = sequence_++;
  batch.offset = statistics_.bytes;
  statistics_.bytes += batch.buffer.size();
  reports_.back().bytes = statistics_.bytes;
  return true;
}

// Our own records first: what is said of a container must not wait behind what happens in it.
void KernelSource::hand_on(event::Batch& batch) {
  containers_.ask(now_ms(), made_);
  report_losses();
  report_all_calls();
  take_made(batch);
  if (made_used_ != made_.size()) return;
  programs_->consume([&](std::string_view record) { return take(record, batch); });
  take_made(batch);
}

// Whole records of made_ as far as the batch has room.
void KernelSource::take_made(event::Batch& batch) {
  while (made_used_ < made_.size() && batch.buffer.size() < options_.batch_bytes) {
    const std::string_view rest = std::string_view(made_).substr(made_used_);
    const std::size_t size = header_of(rest).size;
    append(batch, rest.substr(0, size));
    made_used_ += size;
    ++statistics_.made;
  }
  if (made_used_ == made_.size()) {
    made_.clear();
    made_used_ = 0;
  }
}

bool KernelSource::take(std::string_view record, event::Batch& batch) {
  const vedette_record& header = header_of(record);
  if (header.kind < VEDETTE_KINDS) ++statistics_.delivered[header.kind];
  if (header.kind == VEDETTE_KIND_EXEC && !containers_.is_container(header.cgroup) &&
      reader_.read(record)) {
    if (auto command = runtime_command(reader_))
      containers_.runtime_called(std::move(*command), now_ms());
  }
  if (header.kind == VEDETTE_KIND_EXEC && !containers_.idle()) {
    containers_.program_started(header.cgroup, made_);
    take_made(batch);
  }
  if (header.kind == VEDETTE_KIND_CGROUP && (header.flags & VEDETTE_FLAG_GONE) != 0) {
    // Before its end, or they would belong to nobody.
    report_calls(header.cgroup);
    take_made(batch);
    programs_->forget_calls(header.cgroup);
    calls_told_.erase(header.cgroup);
    containers_.cgroup_gone(header.cgroup, made_);
    take_made(batch);
  }
  if (header.kind == VEDETTE_KIND_TLS && reader_.read(record)) {
    append(batch, with_server_name(reader_));
  } else if (header.kind == VEDETTE_KIND_BLOCKED && options_.enforcement != nullptr) {
    append(batch, with_rule(record, header, *options_.enforcement, reader_));
  } else {
    append(batch, record);
  }
  if (header.kind == VEDETTE_KIND_CGROUP && (header.flags & VEDETTE_FLAG_GONE) == 0 &&
      reader_.read(record)) {
    containers_.cgroup_appeared(header.cgroup, reader_.field(VEDETTE_FIELD_CGROUP_PATH), now_ms(),
                                made_);
    // Before the first event in it.
    take_made(batch);
  }
  return batch.buffer.size() < options_.batch_bytes;
}

void KernelSource::report_losses() {
  const std::int64_t now = now_ms();
  if (now - losses_looked_ms_ < kLossesEveryMs) return;
  losses_looked_ms_ = now;
  const KernelCounters counters = programs_->counters();
  reports_.back().filtered = counters.filtered;
  const auto report = [&](std::uint64_t count, __u32 kind, std::string_view stage) {
    RecordWriter record(made_, own_record(VEDETTE_KIND_LOST));
    record.value(VEDETTE_FIELD_LOST, static_cast<__u64>(count)).text(VEDETTE_FIELD_STAGE, stage);
    if (kind != 0) record.value(VEDETTE_FIELD_ID, kind);
  };
  for (std::size_t kind = 0; kind < VEDETTE_KINDS; ++kind) {
    const std::uint64_t lost = counters.lost[kind] - losses_told_[kind];
    if (lost != 0) report(lost, static_cast<__u32>(kind), "kernel");
    losses_told_[kind] = counters.lost[kind];
  }
  if (counters.not_run != not_run_told_) {
    report(counters.not_run - not_run_told_, 0, "kernel program");
    not_run_told_ = counters.not_run;
  }
}

void KernelSource::report_calls(std::uint64_t cgroup) {
  const std::optional<vedette_seen_calls> seen = programs_->seen_calls(cgroup);
  if (!seen) return;
  const auto [told, is_new] = calls_told_.try_emplace(cgroup, *seen);
  if (!is_new && std::memcmp(&told->second, &*seen, sizeof *seen) == 0) return;
  told->second = *seen;
  RecordWriter(made_, own_record(VEDETTE_KIND_CALLS_SEEN, cgroup)).value(VEDETTE_FIELD_DATA, *seen);
}

void KernelSource::report_all_calls() {
  const std::int64_t now = now_ms();
  if (!options_.wishes.calls_seen || now - calls_looked_ms_ < kCallsEveryMs) return;
  calls_looked_ms_ = now;
  for (const std::uint64_t cgroup : programs_->groups_with_calls()) report_calls(cgroup);
}

}  // namespace vedette::sensor
