// SPDX-License-Identifier: Apache-2.0
#include "engine/live/live_source.h"

#include <chrono>
#include <cstring>
#include <fmt/format.h>
#include <malloc.h>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "engine/live/enforcement.h"
#include "formats/kernel/identity_gate.h"
#include "sensor/kernel_source.h"

namespace vedette::engine {
namespace {

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

sensor::KernelWishes wishes_of(const Interest& interest) {
  sensor::KernelWishes wishes;
  wishes.kinds = {VEDETTE_KIND_EXEC, VEDETTE_KIND_FORK, VEDETTE_KIND_EXIT, VEDETTE_KIND_CGROUP};
  // At once: the runtime of a container that lives for a moment can be asked only then.
  wishes.urgent_kinds = {VEDETTE_KIND_EXEC};
  if (interest.flows) wishes.kinds.push_back(VEDETTE_KIND_FLOW);
  if (interest.dns) wishes.kinds.push_back(VEDETTE_KIND_DNS);
  if (interest.tls) wishes.kinds.push_back(VEDETTE_KIND_TLS);
  wishes.calls_seen = interest.calls_seen;
  for (const Interest::Call& call : interest.calls) {
    wishes.calls.push_back(
        {.number = call.number, .successes = call.successes, .failures = call.failures});
  }
  const auto opens_of = [](const OpenInterest& opens) {
    return sensor::WantedOpens{.all = opens.everything,
                               .with_parents = opens.with_parents,
                               .path_prefixes = {opens.prefixes.begin(), opens.prefixes.end()},
                               .programs = {opens.programs.begin(), opens.programs.end()}};
  };
  wishes.reads = opens_of(interest.reads);
  // The kernel resolves no path for what it does not open.
  wishes.failed_opens = opens_of(interest.failed_opens);
  wishes.failed_opens.all |= !wishes.failed_opens.path_prefixes.empty();
  return wishes;
}

// Passes on what its source gives, through an IdentityGate. Offsets and sequence are the source's.
class GatedSource : public LiveSource {
 public:
  // `enforcement`: what is denied; null: nothing.
  GatedSource(std::unique_ptr<sensor::KernelSource> source,
              std::shared_ptr<const Enforcement> enforcement, std::int64_t wait_ns)
      : wait_ns_(wait_ns), source_(std::move(source)), gate_(wait_ns) {
    if (enforcement != nullptr) enforced_.emplace(std::move(enforcement));
  }

  bool next(event::Batch& batch) override {
    const bool more = source_->next(batch);
    if (enforced_) enforce(batch.buffer.view());
    if (!more && gate_.idle()) {
      finish_reports();
      return false;
    }
    if (!more || !gate_.leaves_alone(batch.buffer.view())) pass(batch, more);
    batch.offset = offset_;
    offset_ += batch.buffer.size();
    sequence_ = batch.sequence + 1;
    return true;
  }
  LiveCounts counts() const override {
    const auto sum = [](const sensor::KernelStatistics::Counts& counts) {
      return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    };
    const sensor::KernelStatistics statistics = source_->statistics();
    LiveCounts counts;
    counts.lost = sum(statistics.reserve_failed);
    counts.filtered = statistics.filtered;
    counts.produced = sum(statistics.produced) + statistics.filtered;
    counts.made = statistics.made;
    counts.read = sum(statistics.delivered) + statistics.made;
    return counts;
  }
  Result<void> set_interest(const Interest& interest) override {
    return source_->set_wishes(wishes_of(interest));
  }
  const std::vector<event::InputReport>& reports() const override {
    return reports_.empty() ? source_->reports() : reports_;
  }
  std::uint64_t bytes_total() const override { return source_->bytes_total(); }
  std::uint64_t bytes_read() const override { return source_->bytes_read(); }

 private:
  void pass(event::Batch& batch, bool more) {
    if (!more) {
      // What still waited becomes a batch of its own.
      batch.buffer.set_size(0);
      batch.sequence = sequence_;
    }
    passed_.clear();
    gate_.pass(batch.buffer.view(), now_ns(), passed_);
    if (!more) gate_.finish(passed_);
    batch.buffer.set_size(0);
    batch.buffer.reserve(passed_.size());
    if (!passed_.empty()) std::memcpy(batch.buffer.data(), passed_.data(), passed_.size());
    batch.buffer.set_size(passed_.size());
  }

  // Tells the kernel what is in force for each container that the records tell of.
  void enforce(std::string_view records) {
    for (const EnforcedContainers::Change& change : enforced_->take(records)) {
      const auto done = source_->set_enforced(change.cgroup, change.gone ? nullptr : &change.sets);
      if (!done && problems_.size() < event::InputReport::kProblemsKept) {
        problems_.push_back({DiagnosticKind::kWarning,
                             {"kernel"},
                             done.error().message,
                             "a container is treated as the host"});
      }
    }
  }

  // With what the source itself does not know.
  void finish_reports() {
    if (gate_.waited_in_vain() == 0 && problems_.empty()) return;
    reports_ = source_->reports();
    std::vector<Diagnostic>& problems = reports_.back().problems;
    problems.insert(problems.end(), problems_.begin(), problems_.end());
    if (gate_.waited_in_vain() == 0) return;
    problems.push_back(
        {DiagnosticKind::kWarning,
         {reports_.back().name},
         fmt::format("{} control groups of containers were not named by a runtime within {} ms",
                     gate_.waited_in_vain(), wait_ns_ / 1'000'000),
         "their alerts have the container's id, but neither name nor image"});
  }

  const std::int64_t wait_ns_;
  std::optional<EnforcedContainers> enforced_;
  std::vector<Diagnostic> problems_;
  std::vector<event::InputReport> reports_;  // once it has ended, with what the gate adds
  std::unique_ptr<sensor::KernelSource> source_;
  formats::kernel::IdentityGate gate_;
  std::string passed_;
  std::uint64_t offset_ = 0;
  std::uint64_t sequence_ = 0;
};

}  // namespace

Result<std::unique_ptr<LiveSource>> open_kernel(const Interest& interest,
                                                const LiveOptions& options,
                                                const std::atomic<bool>& stop) {
  sensor::KernelSourceOptions settings;
  settings.wishes = wishes_of(interest);
  settings.ring_bytes = options.ring_bytes;
  settings.stop = &stop;
  std::shared_ptr<const Enforcement> enforcement = interest.enforcement;
  if (enforcement != nullptr) settings.enforcement = enforcement->table;
  TRY(std::unique_ptr<sensor::KernelSource> kernel, sensor::KernelSource::create(settings));
  // What reading rules and types of the kernel took is not needed again.
  malloc_trim(0);
  return std::make_unique<GatedSource>(std::move(kernel), std::move(enforcement),
                                       options.identity_wait_ns);
}

}  // namespace vedette::engine
