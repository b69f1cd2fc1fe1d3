// SPDX-License-Identifier: Apache-2.0
#include "cmd/program.h"

#include <cstdio>
#include <malloc.h>
#include <string>
#include <vector>

#include "cmd/version.h"

namespace vedette::cmd {
namespace {

// The C library would keep up to 32 MiB for each thread of what large files took, as a guess from
// what was given back before.
constexpr int kMappedBytesMin = 4 << 20;

}  // namespace

int run_program(const Command& root, int argc, char** argv) {
  ::mallopt(M_MMAP_THRESHOLD, kMappedBytesMin);
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const Parsed parsed = parse_command_line(root, arguments, version_text());
  if (parsed.command != nullptr) return parsed.command->run();
  std::fputs(parsed.output.c_str(), stdout);
  if (parsed.error.empty()) return kExitClean;
  std::fputs((parsed.error + "\n").c_str(), stderr);
  return kExitUsage;
}

}  // namespace vedette::cmd
