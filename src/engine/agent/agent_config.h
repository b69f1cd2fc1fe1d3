// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/limits.h"
#include "engine/agent/resource_guard.h"
#include "event/alert.h"
#include "spool/sinks.h"
#include "spool/spool.h"

// The file vedette-agent.yaml; docs/agent-configuration.md is its manual and lists the same keys.
namespace vedette::engine {

// One receiver. Each has a spool of its own below AgentConfig::spool.folder, named like it, so that
// one that is away holds up none of the others.
struct SinkConfig {
  std::string name;  // letters, digits, '-' and '_'
  bool alerts = true;
  bool events = false;
  bool losses = true;
  event::Level level_min = event::Level::kInformational;  // of alerts
  std::vector<std::string> event_types;                   // of events; empty: all
  std::string format = "ndjson";                          // of alerts: ndjson, falco or ocsf
  spool::SinkOptions options;

  bool operator==(const SinkConfig&) const = default;
};

enum class ReloadTrigger : std::uint8_t {
  kSignal,  // SIGHUP
  kChange,  // and when a file that was read changes
};
inline constexpr std::array<std::string_view, 2> kReloadTriggerNames = {"signal", "change"};

struct AgentConfig {
  std::vector<std::string> rules;  // files and folders
  std::string host;                // the name in records; empty: the machine's
  std::vector<SinkConfig> sinks;
  spool::SpoolOptions spool;  // of each sink; folder is the parent of theirs
  ResourceLimits limits;
  std::vector<std::string> shed;  // kinds of events that may be shed, least valuable first
  ReloadTrigger reload = ReloadTrigger::kSignal;
  std::string status = "/run/vedette/agent.sock";  // socket that vedette-agent status asks
  std::string metrics;                  // "address:port" that Prometheus asks; empty: none
  TimeNs watchdog = 60 * kNsPerSecond;  // a stage that does not move for so long ends the process
  TimeNs identity_wait = kNsPerSecond;  // events of new containers wait so long for their names
  bool enforce = false;                 // rules with action: block deny, as of the start
  std::uint64_t ring_bytes = std::uint64_t{4} << 20;  // between kernel and agent; a power of two
};

// Reads a configuration. Every mistake is reported, with its place: unknown keys with the nearest
// known one, values of the wrong form with the form that is expected, what is missing, what does
// not go together. With any mistake there is no configuration at all, so that a bad file changes
// nothing. `name` is the file's, for places.
struct LoadedAgentConfig {
  std::optional<AgentConfig> config;
  std::vector<Diagnostic> diagnostics;
};
LoadedAgentConfig parse_agent_config(std::string_view text, const std::string& name,
                                     const Limits& limits);
// Keys in which two configurations differ that are settled when the agent starts: all but rules,
// cpu-max and memory-max.
std::vector<std::string_view> keys_for_restart(const AgentConfig& a, const AgentConfig& b);
LoadedAgentConfig load_agent_config(const std::string& path, const Limits& limits);

// The forms of values: "8MiB", "64 KiB", "100MB", "4096"; "200ms", "90s", "15m", "12h", "7d";
// "50%" or "0.5" of a core. Nothing when the text is none.
std::optional<std::uint64_t> parse_size(std::string_view text);
std::optional<TimeNs> parse_duration(std::string_view text);
std::optional<double> parse_share(std::string_view text);

}  // namespace vedette::engine
