// SPDX-License-Identifier: Apache-2.0
#include "engine/history/timeline.h"

#include <algorithm>

namespace vedette::engine {

using event::ChangeKind;
using event::Exception;
using event::Sighting;

std::uint32_t Timeline::index_of(const std::string& scanner) {
  const auto next = static_cast<std::uint32_t>(scanners_.size());
  const auto [at, added] = scanner_indices_.try_emplace(scanner, next);
  if (added) scanners_.push_back(scanner);
  return at->second;
}

void Timeline::add(const event::ProgrammeRun& run, const Note& note) {
  ++runs_;
  indices_.clear();
  for (const event::ScannerRun& one : run.scanners) indices_.push_back(index_of(one.name));
  looked_.assign(scanners_.size(), false);
  for (std::size_t i = 0; i < run.scanners.size(); ++i)
    looked_[indices_[i]] = run.scanners[i].complete;
  const std::span<const Sighting> all(run.sightings);
  for (std::size_t begin = 0; begin < all.size();) {
    std::size_t end = begin + 1;
    while (end < all.size() && all[end].finding == all[begin].finding) ++end;
    tell(all.subspan(begin, end - begin), run.facts.time, note);
    begin = end;
  }
  close_gone(run.facts.time, note);
}

void Timeline::tell(std::span<const Sighting> told, TimeNs time, const Note& note) {
  const std::uint32_t finding = told.front().finding;
  const auto [at, is_new] = states_.try_emplace(finding);
  FindingState& state = at->second;
  const bool was_open = state.is_open;
  const event::Level severity_before = state.severity;
  const Exception exception_before = was_open ? state.exception : Exception::kNone;

  state.severity = std::ranges::max(told, {}, &Sighting::severity).severity;
  state.verdict = std::ranges::max(told, {}, &Sighting::verdict).verdict;
  // What one scanner tells without an exception is not excepted.
  const bool is_excepted = std::ranges::none_of(
      told, [](const Sighting& one) { return one.exception == Exception::kNone; });
  state.exception = is_excepted ? told.front().exception : Exception::kNone;
  std::erase_if(state.owners, [this](std::uint32_t owner) { return looked_[owner]; });
  for (const Sighting& one : told) {
    const std::uint32_t owner = indices_[one.scanner];
    if (std::ranges::find(state.owners, owner) == state.owners.end()) state.owners.push_back(owner);
  }
  state.last_owner = indices_[told.front().scanner];
  state.last_seen = time;
  state.last_run = runs_;
  if (is_new) {
    state.first_seen = time;
    state.first_run = runs_;
  }
  if (!was_open) {
    state.is_open = true;
    state.opened = time;
    open_.push_back(finding);
    note(is_new ? ChangeKind::kFirstSeen : ChangeKind::kReopened, finding, state);
  } else if (state.severity != severity_before) {
    note(ChangeKind::kSeverity, finding, state);
  }
  if (state.exception == exception_before) return;
  note(state.exception == Exception::kNone ? ChangeKind::kWaiverEnded : ChangeKind::kWaived,
       finding, state);
}

void Timeline::close_gone(TimeNs time, const Note& note) {
  std::erase_if(open_, [&](std::uint32_t finding) {
    FindingState& state = states_.at(finding);
    if (state.last_run == runs_) return false;
    std::erase_if(state.owners, [this](std::uint32_t owner) { return looked_[owner]; });
    if (!state.owners.empty()) return false;
    state.is_open = false;
    state.closed = time;
    note(ChangeKind::kFixed, finding, state);
    return true;
  });
}

}  // namespace vedette::engine
