// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <string>
#include <vector>

#include "cmd/agent/commands.h"
#include "cmd/command_line.h"
#include "cmd/version.h"

int main(int argc, char** argv) {
  vedette::cmd::Command root{"vedette-agent",
                             "Watches this machine's kernel and delivers what it finds.",
                             "  vedette-agent run --config /etc/vedette/vedette-agent.yaml\n"
                             "  vedette-agent status\n"};
  root.commands = {vedette::cmd::agent_run_command(), vedette::cmd::agent_check_command(),
                   vedette::cmd::agent_status_command()};
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const vedette::cmd::Parsed parsed =
      vedette::cmd::parse_command_line(root, arguments, vedette::cmd::version_text());
  if (parsed.command != nullptr) return parsed.command->run();
  std::fputs(parsed.output.c_str(), stdout);
  if (parsed.error.empty()) return vedette::cmd::kExitClean;
  std::fputs((parsed.error + "\n").c_str(), stderr);
  return vedette::cmd::kExitUsage;
}
