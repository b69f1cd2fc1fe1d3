// SPDX-License-Identifier: Apache-2.0
#include "cmd/agent/commands.h"
#include "cmd/program.h"

int main(int argc, char** argv) {
  vedette::cmd::Command root{"vedette-agent",
                             "Watches this machine's kernel and delivers what it finds.",
                             "  vedette-agent run --config /etc/vedette/vedette-agent.yaml\n"
                             "  vedette-agent status\n"};
  root.commands = {vedette::cmd::agent_run_command(), vedette::cmd::agent_check_command(),
                   vedette::cmd::agent_status_command()};
  return vedette::cmd::run_program(root, argc, argv);
}
