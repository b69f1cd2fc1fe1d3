// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <string>
#include <vector>

#include "cmd/command_line.h"
#include "cmd/completion.h"
#include "cmd/detect.h"
#include "cmd/profile_commands.h"
#include "cmd/rules_commands.h"
#include "cmd/version.h"
#include "cmd/watch.h"

namespace {

vedette::cmd::Command program() {
  vedette::cmd::Command root{"vedette",
                             "One engine for every security rule, from commit to kernel.",
                             "  vedette detect /var/log/audit\n"
                             "  vedette watch\n"
                             "  vedette rules lint --rules my-rules\n"};
  root.commands = {vedette::cmd::detect_command(), vedette::cmd::watch_command(),
                   vedette::cmd::profile_command(), vedette::cmd::rules_command(),
                   vedette::cmd::completion_command(program)};
  return root;
}

}  // namespace

int main(int argc, char** argv) {
  const vedette::cmd::Command root = program();
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const vedette::cmd::Parsed parsed =
      vedette::cmd::parse_command_line(root, arguments, vedette::cmd::version_text());
  if (parsed.command != nullptr) return parsed.command->run();
  std::fputs(parsed.output.c_str(), stdout);
  if (parsed.error.empty()) return vedette::cmd::kExitClean;
  std::fputs((parsed.error + "\n").c_str(), stderr);
  return vedette::cmd::kExitUsage;
}
