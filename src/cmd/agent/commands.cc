// SPDX-License-Identifier: Apache-2.0
#include "cmd/agent/commands.h"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <unistd.h>

#include "base/clock.h"
#include "cmd/agent/supervisor.h"
#include "cmd/content_folder.h"
#include "cmd/version.h"
#include "engine/agent/agent_run.h"
#include "engine/agent/status_server.h"

namespace vedette::cmd {
namespace {

constexpr const char* kConfig = "/etc/vedette/vedette-agent.yaml";
constexpr const char* kSocket = "/run/vedette/agent.sock";

// Set by signal handlers, which reach nothing else.
std::atomic<bool> stop_asked = false;    // NOLINT: a signal handler has no other way
std::atomic<bool> reload_asked = false;  // NOLINT: as above

void on_signal(int signal) { (signal == SIGHUP ? reload_asked : stop_asked).store(true); }

void install_signals() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaction(signal, &action, nullptr);
  // A receiver that goes away is an error of a call, not the end.
  ::signal(SIGPIPE, SIG_IGN);
}

void say(const std::string& line) { fmt::print(stderr, "vedette-agent: {}\n", line); }

struct RunFlags {
  std::string config;
  bool no_confinement = false;
  bool supervised = false;
};

// Prints every mistake.
std::optional<engine::AgentConfig> read_config(const std::string& path) {
  engine::LoadedAgentConfig loaded = engine::load_agent_config(path, {});
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    fmt::print(stderr, "{}: {}\n", to_string(diagnostic.place), diagnostic.message);
    if (!diagnostic.hint.empty()) fmt::print(stderr, "  {}\n", diagnostic.hint);
  }
  return std::move(loaded.config);
}

int run(const RunFlags& flags) {
  const std::string path = flags.config.empty() ? kConfig : flags.config;
  const std::optional<engine::AgentConfig> config = read_config(path);
  if (!config) return kExitUsage;
  install_signals();
  engine::AgentOptions options;
  options.config_path = path;
  options.content = find_content_folder().value_or("");
  options.version = version_number();
  options.confine = !flags.no_confinement;
  const SystemClock clock;
  const engine::AgentSurroundings surroundings{
      [](const engine::Interest& interest, const engine::LiveOptions& live) {
        return engine::open_kernel(interest, live, stop_asked);
      },
      stop_asked,
      reload_asked,
      say,
      [](const std::string& stage, TimeNs busy) {
        say(fmt::format("{} has not moved for {} s; ending, to be started anew", stage,
                        busy / kNsPerSecond));
        ::_exit(kExitStuck);
      },
      clock};
  const Result<engine::AgentStatus> ended = engine::run_agent(*config, options, surroundings);
  if (!ended) {
    say(ended.error().message);
    return kExitUsage;
  }
  const Result<void> closed = check(ended->ledger, event::LedgerState::kAtRest);
  say(closed ? "ended; the ledger closes" : "ended; " + closed.error().message);
  say(ended->ledger.to_json());
  const bool lost = ended->ledger[event::Count::kKernelLost] != 0 ||
                    ended->ledger.dropped_total() != 0 || !closed;
  return lost ? kExitPartial : kExitClean;
}

int status(const std::string& socket, bool json) {
  const Result<std::string> answer =
      engine::ask_status(socket.empty() ? kSocket : socket,
                         json ? engine::StatusForm::kJson : engine::StatusForm::kPeople);
  if (!answer) {
    fmt::print(stderr, "{}\n", answer.error().message);
    return kExitUsage;
  }
  fmt::print("{}\n", *answer);
  return kExitClean;
}

}  // namespace

Command agent_run_command() {
  const auto flags = std::make_shared<RunFlags>();
  Command command{"run", "Watches the kernel, runs rules and delivers alerts, until it is ended.",
                  "  vedette-agent run\n"
                  "  vedette-agent run --config agent.yaml --supervised\n"
                  "  kill -HUP PID                              # reads rules and limits again\n"};
  command.flags = {
      {"-c,--config",
       "FILE",
       "Configuration; default /etc/vedette/vedette-agent.yaml.",
       &flags->config,
       {},
       ValueKind::kPath},
      {"--supervised", "", "Starts itself anew after a crash or a stuck stage.",
       &flags->supervised},
      {"--no-confinement", "", "Keeps the privileges that it was started with.",
       &flags->no_confinement},
  };
  command.run = [flags] {
    return flags->supervised ? supervise([flags] { return run(*flags); }) : run(*flags);
  };
  return command;
}

Command agent_check_command() {
  const auto config = std::make_shared<std::string>();
  Command command{"check", "Reads a configuration and says what is wrong with it.",
                  "  vedette-agent check --config agent.yaml\n"};
  command.flags = {{"-c,--config",
                    "FILE",
                    "Configuration; default /etc/vedette/vedette-agent.yaml.",
                    config.get(),
                    {},
                    ValueKind::kPath}};
  command.run = [config] {
    const std::string path = config->empty() ? kConfig : *config;
    if (!read_config(path)) return kExitUsage + 0;
    fmt::print("{}: no mistakes\n", path);
    return kExitClean + 0;
  };
  return command;
}

Command agent_status_command() {
  struct Flags {
    std::string socket;
    bool json = false;
  };
  const auto flags = std::make_shared<Flags>();
  Command command{"status", "Shows the counts, rates and health of the running agent.",
                  "  vedette-agent status\n"
                  "  vedette-agent status --json | jq .ledger\n"};
  command.flags = {{"--socket",
                    "PATH",
                    "Of the agent; default /run/vedette/agent.sock.",
                    &flags->socket,
                    {},
                    ValueKind::kPath},
                   {"--json", "", "One JSON object.", &flags->json}};
  command.run = [flags] { return status(flags->socket, flags->json); };
  return command;
}

}  // namespace vedette::cmd
