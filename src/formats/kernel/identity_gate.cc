// SPDX-License-Identifier: Apache-2.0
#include "formats/kernel/identity_gate.h"

#include <algorithm>
#include <vector>

#include "formats/kernel/container_path.h"

namespace vedette::formats::kernel {
namespace {

constexpr std::size_t kKnownMax = 100'000;
// For a control group that may be no container's.
constexpr std::int64_t kPerhapsWaitNs = 200'000'000;

}  // namespace

bool IdentityGate::leaves_alone(std::string_view records) const {
  if (wait_ns_ == 0) return true;
  if (!waiting_.empty()) return false;
  while (!records.empty()) {
    const std::size_t size = record_size(records);
    if (size == 0 || size == kMalformed || size > records.size()) return true;
    vedette_record header{};
    std::memcpy(&header, records.data(), sizeof header);
    if (header.kind == VEDETTE_KIND_CGROUP || header.kind == VEDETTE_KIND_CONTAINER) return false;
    records.remove_prefix(size);
  }
  return true;
}

void IdentityGate::pass(std::string_view records, std::int64_t now_ns, std::string& out) {
  if (wait_ns_ == 0) {
    out += records;
    return;
  }
  while (!records.empty()) {
    const std::size_t size = record_size(records);
    if (size == 0 || size == kMalformed || size > records.size()) break;
    take(records.substr(0, size), now_ns, out);
    records.remove_prefix(size);
  }
  out += records;
  std::vector<std::uint64_t> overdue;
  for (const auto& [cgroup, waiting] : waiting_) {
    if (waiting.deadline_ns <= now_ns || held_bytes_ > kHeldBytesMax) overdue.push_back(cgroup);
  }
  for (const std::uint64_t cgroup : overdue) {
    if (waiting_.at(cgroup).certain) ++waited_in_vain_;
    release(cgroup, out);
  }
}

void IdentityGate::take(std::string_view record, std::int64_t now_ns, std::string& out) {
  vedette_record header{};
  std::memcpy(&header, record.data(), sizeof header);
  switch (header.kind) {
    case VEDETTE_KIND_CGROUP:
      // What happened there comes before its end, or it would belong to nobody.
      if ((header.flags & VEDETTE_FLAG_GONE) != 0) release(header.cgroup, out);
      out += record;
      if ((header.flags & VEDETTE_FLAG_GONE) == 0 && reader_.read(record)) appeared(now_ns);
      return;
    case VEDETTE_KIND_CONTAINER:
      out += record;
      if (reader_.read(record) &&
          reader_.get<std::uint8_t>(VEDETTE_FIELD_COMPLETE).value_or(0) != 0) {
        answered(reader_.field(VEDETTE_FIELD_CONTAINER_ID), out);
      }
      return;
    default:
      break;
  }
  const auto waiting = waiting_.find(header.cgroup);
  // Files and processes that exist at the start are told before anything of runtimes.
  const bool holds = waiting != waiting_.end() && header.kind >= VEDETTE_KIND_EXEC;
  if (!holds) {
    out += record;
    return;
  }
  waiting->second.records += record;
  held_bytes_ += record.size();
}

void IdentityGate::appeared(std::int64_t now_ns) {
  const auto path = container_of(reader_.field(VEDETTE_FIELD_CGROUP_PATH));
  if (!path || known_.contains(path->id)) return;
  const auto [place, is_new] = waiting_.try_emplace(reader_.header().cgroup);
  if (!is_new) return;
  const std::int64_t wait = path->certain ? wait_ns_ : std::min(wait_ns_, kPerhapsWaitNs);
  place->second = {path->id, {}, now_ns + wait, path->certain};
}

void IdentityGate::answered(std::string_view id, std::string& out) {
  if (known_.size() >= kKnownMax) known_.clear();
  known_.emplace(id);
  std::vector<std::uint64_t> cgroups;
  for (const auto& [cgroup, waiting] : waiting_) {
    if (waiting.id == id) cgroups.push_back(cgroup);
  }
  for (const std::uint64_t cgroup : cgroups) release(cgroup, out);
}

void IdentityGate::release(std::uint64_t cgroup, std::string& out) {
  const auto waiting = waiting_.find(cgroup);
  if (waiting == waiting_.end()) return;
  out += waiting->second.records;
  held_bytes_ -= waiting->second.records.size();
  waiting_.erase(waiting);
}

void IdentityGate::finish(std::string& out) {
  while (!waiting_.empty()) release(waiting_.begin()->first, out);
}

}  // namespace vedette::formats::kernel
