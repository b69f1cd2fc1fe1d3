// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/limits.h"
#include "base/result.h"
#include "engine/agent/agent_config.h"
#include "engine/agent/agent_status.h"
#include "engine/live/live_source.h"

namespace vedette::engine {

struct AgentOptions {
  std::string config_path;
  std::string content;  // content/ folder, for the log sources
  std::string version;  // of the program
  bool confine = true;  // give up privileges after the start
  Limits limits;
};

// What the agent stands on, as parameters, so that tests decide it. All outlive the run.
struct AgentSurroundings {
  std::function<Result<std::unique_ptr<LiveSource>>(const Interest& interest,
                                                    const LiveOptions& options)>
      open_source;
  const std::atomic<bool>& stop;  // ends the run in order
  std::atomic<bool>& reload;      // reads configuration and rules again; taken back
  std::function<void(const std::string& line)> log;  // for people; any thread
  std::function<void(const std::string& stage, TimeNs busy)> on_stuck;
  const Clock& clock;
};

// Runs the agent until it is told to stop or its source ends: rules over the live source, alerts
// and losses to spools, deliveries from there. The main thread reads, matches and spools; each
// outlet has a thread, and so have the status sockets, the watchdog, and a reload while it lasts.
// Returns the last status, when everything rests: its ledger's sums are then equal.
Result<AgentStatus> run_agent(const AgentConfig& config, const AgentOptions& options,
                              const AgentSurroundings& surroundings);

}  // namespace vedette::engine
