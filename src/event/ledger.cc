// SPDX-License-Identifier: Apache-2.0
#include "event/ledger.h"

#include <fmt/format.h>
#include <numeric>

#include "base/json_writer.h"

namespace vedette::event {
namespace {

struct Sum {
  std::string_view text;
  std::uint64_t left = 0;
  std::uint64_t right = 0;
};

// While work is under way records move from waiting to acknowledged between two reads of the
// counters, so what waits is only looked at when everything rests.
std::array<Sum, 5> sums_of(const LedgerSnapshot& ledger, LedgerState state) {
  const std::uint64_t waiting = state == LedgerState::kAtRest ? ledger[Count::kWaiting] : 0;
  const std::uint64_t full = ledger[Dropped::kSpoolFull];
  return {{{"kernel_produced + made = kernel_lost + filtered + read",
            ledger[Count::kKernelProduced] + ledger[Count::kMade],
            ledger[Count::kKernelLost] + ledger[Count::kFiltered] + ledger[Count::kRead]},
           {"read = undecodable + shed + state + decoded", ledger[Count::kRead],
            ledger[Count::kUndecodable] + ledger.shed_total() + ledger[Count::kState] +
                ledger[Count::kDecoded]},
           {"decoded = matched", ledger[Count::kDecoded], ledger[Count::kMatched]},
           {"offered = spooled + dropped_by_policy[spool_full]", ledger[Count::kOffered],
            ledger[Count::kSpooled] + full},
           {"spooled + carried_in = acknowledged + dropped_by_policy + damaged + waiting",
            ledger[Count::kSpooled] + ledger[Count::kCarriedIn],
            ledger[Count::kAcknowledged] + ledger.dropped_total() - full + ledger[Count::kDamaged] +
                waiting}}};
}

std::string escaped_label(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

void LedgerSnapshot::add(const LedgerSnapshot& other) {
  for (std::size_t i = 0; i < kCountCount; ++i) counts[i] += other.counts[i];
  for (std::size_t i = 0; i < kDroppedCount; ++i) dropped[i] += other.dropped[i];
  for (auto& [name, count] : shed) {
    for (const auto& [other_name, other_count] : other.shed) {
      if (name == other_name) count += other_count;
    }
  }
}

std::uint64_t LedgerSnapshot::shed_total() const {
  return std::accumulate(shed.begin(), shed.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& entry) { return sum + entry.second; });
}

std::uint64_t LedgerSnapshot::dropped_total() const {
  return std::accumulate(dropped.begin(), dropped.end(), std::uint64_t{0});
}

Result<void> check(const LedgerSnapshot& snapshot, LedgerState state) {
  for (const Sum& sum : sums_of(snapshot, state)) {
    const bool closes =
        state == LedgerState::kAtRest ? sum.left == sum.right : sum.left >= sum.right;
    if (!closes) {
      return failure(
          ErrorCode::kInvalid,
          fmt::format("the sum {} is open: left {}, right {}, {} unaccounted", sum.text, sum.left,
                      sum.right,
                      sum.left > sum.right ? sum.left - sum.right : sum.right - sum.left));
    }
  }
  if (snapshot[Count::kSent] < snapshot[Count::kAcknowledged]) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("the sum sent >= acknowledged is open: sent {}, acknowledged {}",
                               snapshot[Count::kSent], snapshot[Count::kAcknowledged]));
  }
  return {};
}

std::string LedgerSnapshot::to_json() const {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  for (std::size_t i = 0; i < kCountCount; ++i) json.key(kCountNames[i]).number(counts[i]);
  json.key("dropped_by_policy").begin_object();
  for (std::size_t i = 0; i < kDroppedCount; ++i) json.key(kDroppedNames[i]).number(dropped[i]);
  json.end_object().key("shed").begin_object();
  for (const auto& [name, count] : shed) json.key(name).number(count);
  json.end_object();
  const Result<void> closed = check(*this, LedgerState::kRunning);
  json.key("closes").boolean(closed.has_value());
  if (!closed.has_value()) json.key("open").string(closed.error().message);
  json.end_object();
  return out;
}

std::string LedgerSnapshot::to_prometheus() const {
  std::string out;
  for (std::size_t i = 0; i < kCountCount; ++i) {
    const bool level = static_cast<Count>(i) == Count::kWaiting;
    const std::string name =
        fmt::format("vedette_agent_{}{}", kCountNames[i], level ? "" : "_total");
    out += fmt::format("# TYPE {0} {1}\n{0} {2}\n", name, level ? "gauge" : "counter", counts[i]);
  }
  out += "# TYPE vedette_agent_dropped_by_policy_total counter\n";
  for (std::size_t i = 0; i < kDroppedCount; ++i) {
    out += fmt::format("vedette_agent_dropped_by_policy_total{{policy=\"{}\"}} {}\n",
                       kDroppedNames[i], dropped[i]);
  }
  if (!shed.empty()) out += "# TYPE vedette_agent_shed_total counter\n";
  for (const auto& [name, count] : shed) {
    out +=
        fmt::format("vedette_agent_shed_total{{policy=\"{}\"}} {}\n", escaped_label(name), count);
  }
  return out;
}

LedgerSnapshot Ledger::snapshot() const {
  LedgerSnapshot snapshot;
  for (std::size_t i = kDroppedCount; i-- > 0;) {
    snapshot.dropped[i] = dropped_[i].load(std::memory_order_relaxed);
  }
  for (std::size_t i = 0; i < shed_.size(); ++i) {
    snapshot.shed.emplace_back(shed_names_[i], shed_[i].load(std::memory_order_relaxed));
  }
  for (std::size_t i = kCountCount; i-- > 0;) {
    snapshot.counts[i] = counts_[i].load(std::memory_order_relaxed);
  }
  return snapshot;
}

}  // namespace vedette::event
