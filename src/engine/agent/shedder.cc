// SPDX-License-Identifier: Apache-2.0
#include "engine/agent/shedder.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "formats/kernel/system_calls.h"

namespace vedette::engine {
namespace {

struct NamedKind {
  std::string_view name;
  vedette_kind kind;
};
constexpr auto kNamedKinds = std::to_array<NamedKind>(
    {{"dns", VEDETTE_KIND_DNS}, {"tls", VEDETTE_KIND_TLS}, {"flow", VEDETTE_KIND_FLOW}});

constexpr auto kProcessCalls =
    std::to_array<std::string_view>({"execve", "execveat", "clone", "clone3", "fork", "vfork",
                                     "exit", "exit_group", "procexit", "chdir", "fchdir"});

}  // namespace

bool is_sheddable(std::string_view kind) {
  if (std::ranges::find(kNamedKinds, kind, &NamedKind::name) != kNamedKinds.end()) return true;
  if (std::ranges::find(kProcessCalls, kind) != kProcessCalls.end()) return false;
  return formats::kernel::find_call(kind) != nullptr;
}

Shedder::Shedder(const std::vector<std::string>& kinds, event::Ledger& ledger)
    : ledger_(ledger), counts_(kinds.size()) {
  for (const std::string& name : kinds) {
    Kind kind;
    const auto named = std::ranges::find(kNamedKinds, name, &NamedKind::name);
    if (named != kNamedKinds.end()) {
      kind.record = static_cast<std::uint16_t>(named->kind);
    } else if (const formats::kernel::SystemCall* call = formats::kernel::find_call(name)) {
      kind.record = VEDETTE_KIND_SYSCALL;
      kind.call = call->number;
    }
    kinds_.push_back(kind);
  }
}

void Shedder::set(std::size_t kind, bool shed) {
  if (kinds_[kind].shed == shed) return;
  kinds_[kind].shed = shed;
  if (shed) {
    ++shed_count_;
  } else {
    --shed_count_;
  }
}

const Shedder::Kind* Shedder::kind_of(std::string_view record) {
  vedette_record header;
  std::memcpy(&header, record.data(), sizeof header);
  const auto found = std::ranges::find_if(kinds_, [&](const Kind& kind) {
    return kind.shed && kind.record == header.kind &&
           (kind.record != VEDETTE_KIND_SYSCALL || kind.call == header.syscall);
  });
  if (found == kinds_.end()) return nullptr;
  if (!reader_.read(record)) return nullptr;
  const bool changes_process = reader_.has(VEDETTE_FIELD_CREDENTIALS) ||
                               reader_.has(VEDETTE_FIELD_SESSION) ||
                               reader_.has(VEDETTE_FIELD_CWD) || reader_.has(VEDETTE_FIELD_COMM);
  return changes_process ? nullptr : &*found;
}

void Shedder::apply(event::Batch& batch) {
  if (idle()) return;
  std::ranges::fill(counts_, 0);
  const std::size_t size = batch.buffer.size();
  char* const data = batch.buffer.data();
  std::size_t to = 0;
  std::size_t at = 0;
  while (at < size) {
    const std::string_view rest(data + at, size - at);
    const std::size_t record = formats::kernel::record_size(rest);
    if (record == 0 || record == formats::kernel::kMalformed || record > rest.size()) break;
    const Kind* const kind = kind_of(rest.substr(0, record));
    if (kind != nullptr) {
      ++counts_[static_cast<std::size_t>(kind - kinds_.data())];
    } else {
      if (to != at) std::memmove(data + to, data + at, record);
      to += record;
    }
    at += record;
  }
  // What is malformed is the decoder's to report.
  if (to != at) std::memmove(data + to, data + at, size - at);
  batch.buffer.set_size(to + (size - at));
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] != 0) ledger_.add_shed(i, counts_[i]);
  }
}

}  // namespace vedette::engine
