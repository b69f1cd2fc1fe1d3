// SPDX-License-Identifier: Apache-2.0
#include "cmd/program.h"

#include <cstdio>
#include <string>
#include <vector>

#include "cmd/version.h"

namespace vedette::cmd {

int run_program(const Command& root, int argc, char** argv) {
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const Parsed parsed = parse_command_line(root, arguments, version_text());
  if (parsed.command != nullptr) return parsed.command->run();
  std::fputs(parsed.output.c_str(), stdout);
  if (parsed.error.empty()) return kExitClean;
  std::fputs((parsed.error + "\n").c_str(), stderr);
  return kExitUsage;
}

}  // namespace vedette::cmd
