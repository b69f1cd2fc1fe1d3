// SPDX-License-Identifier: Apache-2.0
#include "engine/agent/agent_status.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/json_writer.h"

namespace vedette::engine {
namespace {

void append_outlet(const OutletStatus& outlet, JsonWriter& json) {
  json.begin_object().key("name").string(outlet.name).key("sink").string(outlet.sink);
  json.key("connected").boolean(outlet.connected).key("failures").number(outlet.failures);
  json.key("spool").string(outlet.spool_state).key("waiting").number(outlet.waiting);
  json.key("spool_bytes").number(outlet.bytes);
  if (!outlet.problem.empty()) json.key("problem").string(outlet.problem);
  json.key("ledger").raw(outlet.ledger.to_json()).end_object();
}

void append_rates(const event::LedgerSnapshot& rates, JsonWriter& json) {
  json.begin_object();
  for (std::size_t i = 0; i < event::kCountCount; ++i) {
    if (static_cast<event::Count>(i) == event::Count::kWaiting) continue;
    json.key(event::kCountNames[i]).number(rates.counts[i]);
  }
  json.end_object();
}

void gauge(std::string& out, std::string_view name, double value) {
  out += fmt::format("# TYPE vedette_agent_{0} gauge\nvedette_agent_{0} {1}\n", name, value);
}

}  // namespace

std::string AgentStatus::to_json() const {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("version").string(version).key("host").string(host);
  json.key("pid").number(pid).key("config").string(config);
  json.key("started").string(format_time(started)).key("time").string(format_time(now));
  json.key("uptime_seconds").number((now - started) / kNsPerSecond);
  json.key("rules").begin_object().key("version").string(rule_version);
  json.key("loaded").number(rules_loaded).key("refused").number(rules_refused);
  json.key("reloads").number(reloads).key("last_reload").string(last_reload).end_object();
  json.key("resources").begin_object().key("cpu").number(cpu).key("cpu_max").number(cpu_max);
  json.key("memory_bytes").number(memory_bytes).key("memory_max").number(memory_max);
  json.key("shedding").begin_array();
  for (const std::string& kind : shedding) json.string(kind);
  json.end_array().key("exhausted").boolean(exhausted).end_object();
  json.key("ledger").raw(ledger.to_json()).key("rates_per_second");
  append_rates(rates, json);
  json.key("outlets").begin_array();
  for (const OutletStatus& outlet : outlets) append_outlet(outlet, json);
  json.end_array().key("confinement").begin_array();
  for (const ConfinementStep& step : confinement.steps) {
    json.begin_object().key("measure").string(step.measure).key("applied").boolean(step.applied);
    json.key("detail").string(step.detail).end_object();
  }
  json.end_array().end_object();
  return out;
}

std::string AgentStatus::to_prometheus() const {
  std::string out = ledger.to_prometheus();
  gauge(out, "cpu_share", cpu);
  gauge(out, "resident_bytes", static_cast<double>(memory_bytes));
  gauge(out, "rules_loaded", static_cast<double>(rules_loaded));
  gauge(out, "rules_refused", static_cast<double>(rules_refused));
  gauge(out, "start_time_seconds", static_cast<double>(started) / kNsPerSecond);
  gauge(out, "ledger_closes", check(ledger, event::LedgerState::kRunning) ? 1 : 0);
  out += fmt::format(
      "# TYPE vedette_agent_info gauge\n"
      "vedette_agent_info{{version=\"{}\",rules=\"{}\"}} 1\n",
      version, rule_version);
  // Names of outlets are letters, digits, '-' and '_'.
  const auto each = [&](std::string_view name, std::string_view type, auto&& value) {
    if (!outlets.empty()) out += fmt::format("# TYPE vedette_agent_outlet_{} {}\n", name, type);
    for (const OutletStatus& outlet : outlets) {
      out += fmt::format("vedette_agent_outlet_{}{{outlet=\"{}\"}} {}\n", name, outlet.name,
                         value(outlet));
    }
  };
  each("connected", "gauge", [](const OutletStatus& outlet) { return outlet.connected ? 1 : 0; });
  each("waiting", "gauge", [](const OutletStatus& outlet) { return outlet.waiting; });
  each("spool_bytes", "gauge", [](const OutletStatus& outlet) { return outlet.bytes; });
  each("failures_total", "counter", [](const OutletStatus& outlet) { return outlet.failures; });
  each("acknowledged_total", "counter",
       [](const OutletStatus& outlet) { return outlet.ledger[event::Count::kAcknowledged]; });
  return out;
}

std::string AgentStatus::to_text() const {
  std::string out;
  const auto line = [&](std::string_view name, const std::string& value) {
    out += fmt::format("{:<14}{}\n", name, value);
  };
  line("agent", fmt::format("{} on {}, process {}, up {} s", version, host, pid,
                            (now - started) / kNsPerSecond));
  line("rules",
       fmt::format("{} loaded, {} refused, version {}", rules_loaded, rules_refused, rule_version));
  line("reload", last_reload);
  line("processor",
       fmt::format("{:.1f} % of a core{}", cpu * 100,
                   cpu_max > 0 ? fmt::format(", at most {:.0f} %", cpu_max * 100) : ""));
  constexpr double kMegabyte = 1e6;
  const std::string at_most =
      memory_max > 0
          ? fmt::format(", at most {:.0f} MB", static_cast<double>(memory_max) / kMegabyte)
          : "";
  line("memory",
       fmt::format("{:.1f} MB{}", static_cast<double>(memory_bytes) / kMegabyte, at_most));
  if (!shedding.empty()) {
    line("shedding", fmt::format("{}{}", fmt::join(shedding, ", "),
                                 exhausted ? "; still above the limits" : ""));
  }
  const Result<void> closed = check(ledger, event::LedgerState::kRunning);
  line("ledger", closed ? "closes" : "OPEN: " + closed.error().message);
  for (std::size_t i = 0; i < event::kCountCount; ++i) {
    const bool level = static_cast<event::Count>(i) == event::Count::kWaiting;
    out += fmt::format("  {:<16}{:>14}", event::kCountNames[i], ledger.counts[i]);
    out += level ? "\n" : fmt::format("{:>10}/s\n", rates.counts[i]);
  }
  for (std::size_t i = 0; i < event::kDroppedCount; ++i) {
    if (ledger.dropped[i] == 0) continue;
    out += fmt::format("  dropped, {:<7}{:>14}\n", event::kDroppedNames[i], ledger.dropped[i]);
  }
  for (const auto& [name, count] : ledger.shed) {
    out += fmt::format("  shed, {:<10}{:>14}\n", name, count);
  }
  for (const OutletStatus& outlet : outlets) {
    line("outlet",
         fmt::format("{} ({}): {}, {} waiting, {} acknowledged, spool {}", outlet.name, outlet.sink,
                     outlet.connected ? "connected" : "not connected", outlet.waiting,
                     outlet.ledger[event::Count::kAcknowledged], outlet.spool_state));
    if (!outlet.problem.empty()) line("", outlet.problem);
  }
  for (const ConfinementStep& step : confinement.steps) {
    line(step.applied ? "confined" : "NOT CONFINED", step.measure + ": " + step.detail);
  }
  out.pop_back();
  return out;
}

void RateWindow::add(TimeNs time, const event::LedgerSnapshot& snapshot) {
  samples_.emplace_back(time, snapshot);
  if (samples_.size() > kSamples) samples_.pop_front();
}

event::LedgerSnapshot RateWindow::rates() const {
  event::LedgerSnapshot rates;
  if (samples_.size() < 2) return rates;
  const auto& [first_time, first] = samples_.front();
  const auto& [last_time, last] = samples_.back();
  const auto seconds = static_cast<double>(last_time - first_time) / kNsPerSecond;
  if (seconds <= 0) return rates;
  for (std::size_t i = 0; i < event::kCountCount; ++i) {
    const std::uint64_t grown = last.counts[i] - std::min(first.counts[i], last.counts[i]);
    rates.counts[i] =
        static_cast<std::uint64_t>(std::llround(static_cast<double>(grown) / seconds));
  }
  return rates;
}

}  // namespace vedette::engine
