// SPDX-License-Identifier: Apache-2.0
#include "engine/live_source.h"

#include <chrono>
#include <cstring>
#include <string>
#include <utility>

#include "engine/enforcement.h"
#include "formats/kernel/identity_gate.h"
#include "sensor/kernel_source.h"

namespace vedette::engine {
namespace {

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Passes on what its source gives, through an IdentityGate. Offsets and sequence are the source's.
class GatedSource : public event::Source {
 public:
  GatedSource(std::unique_ptr<event::Source> source, std::int64_t wait_ns)
      : source_(std::move(source)), gate_(wait_ns) {}

  bool next(event::Batch& batch) override {
    const bool more = source_->next(batch);
    if (!more && gate_.idle()) return false;
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
    batch.offset = offset_;
    offset_ += passed_.size();
    sequence_ = batch.sequence + 1;
    return true;
  }
  const std::vector<event::InputReport>& reports() const override { return source_->reports(); }
  std::uint64_t bytes_total() const override { return source_->bytes_total(); }
  std::uint64_t bytes_read() const override { return source_->bytes_read(); }

 private:
  std::unique_ptr<event::Source> source_;
  formats::kernel::IdentityGate gate_;
  std::string passed_;
  std::uint64_t offset_ = 0;
  std::uint64_t sequence_ = 0;
};

sensor::KernelWishes wishes_of(const Interest& interest) {
  sensor::KernelWishes wishes;
  wishes.kinds = {VEDETTE_KIND_EXEC, VEDETTE_KIND_FORK, VEDETTE_KIND_EXIT, VEDETTE_KIND_CGROUP};
  // At once: the runtime of a container that lives for a moment can be asked only then.
  wishes.urgent_kinds = {VEDETTE_KIND_EXEC};
  if (interest.flows) wishes.kinds.push_back(VEDETTE_KIND_FLOW);
  if (interest.dns) wishes.kinds.push_back(VEDETTE_KIND_DNS);
  if (interest.tls) wishes.kinds.push_back(VEDETTE_KIND_TLS);
  for (const std::uint32_t number : interest.calls) wishes.calls.push_back({.number = number});
  return wishes;
}

// Tells the kernel what is in force for each container that its source tells of.
class EnforcingSource : public event::Source {
 public:
  EnforcingSource(std::unique_ptr<sensor::KernelSource> kernel,
                  std::shared_ptr<const Enforcement> enforcement)
      : kernel_(std::move(kernel)), containers_(std::move(enforcement)) {}

  bool next(event::Batch& batch) override {
    const bool more = kernel_->next(batch);
    for (const EnforcedContainers::Change& change : containers_.take(batch.buffer.view())) {
      const auto done = kernel_->set_enforced(change.cgroup, change.gone ? nullptr : &change.sets);
      if (!done) problems_.push_back(done.error().message);
    }
    return more;
  }
  const std::vector<event::InputReport>& reports() const override {
    reports_ = kernel_->reports();
    for (const std::string& problem : problems_) {
      reports_.back().problems.push_back(
          {DiagnosticKind::kWarning, {"kernel"}, problem, "a container is treated as the host"});
    }
    return reports_;
  }
  std::uint64_t bytes_total() const override { return kernel_->bytes_total(); }
  std::uint64_t bytes_read() const override { return kernel_->bytes_read(); }

 private:
  std::unique_ptr<sensor::KernelSource> kernel_;
  EnforcedContainers containers_;
  std::vector<std::string> problems_;
  mutable std::vector<event::InputReport> reports_;
};

}  // namespace

Result<std::unique_ptr<event::Source>> open_kernel(const Interest& interest,
                                                   const LiveOptions& options,
                                                   const std::atomic<bool>& stop) {
  sensor::KernelSourceOptions settings;
  settings.wishes = wishes_of(interest);
  settings.ring_bytes = options.ring_bytes;
  settings.stop = &stop;
  if (interest.enforcement != nullptr) settings.enforcement = interest.enforcement->table;
  TRY(std::unique_ptr<sensor::KernelSource> source, sensor::KernelSource::create(settings));
  std::unique_ptr<event::Source> kernel;
  if (interest.enforcement != nullptr) {
    kernel = std::make_unique<EnforcingSource>(std::move(source), interest.enforcement);
  } else {
    kernel = std::move(source);
  }
  return std::make_unique<GatedSource>(std::move(kernel), options.identity_wait_ns);
}

}  // namespace vedette::engine
