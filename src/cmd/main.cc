// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string_view>

#include "cmd/ci/ci_command.h"
#include "cmd/completion.h"
#include "cmd/database/db_commands.h"
#include "cmd/detect.h"
#include "cmd/gate/gate_command.h"
#include "cmd/history/history_command.h"
#include "cmd/hook/hook_command.h"
#include "cmd/live/profile_commands.h"
#include "cmd/live/watch.h"
#include "cmd/program.h"
#include "cmd/rules/rules_commands.h"
#include "cmd/scan/redact_command.h"
#include "cmd/scan/scan_commands.h"

namespace {

using vedette::cmd::Command;

Command program();

constexpr auto kCommands = std::to_array<vedette::cmd::CommandRow>({
    {"scan", vedette::cmd::scan_command},
    {"ci", vedette::cmd::ci_command},
    {"gate", vedette::cmd::gate_command},
    {"waive", vedette::cmd::waive_command},
    {"history", vedette::cmd::history_command},
    {"report", vedette::cmd::report_command},
    {"redact", vedette::cmd::redact_command},
    {"hook", vedette::cmd::hook_command},
    {"db", vedette::cmd::db_command},
    {"detect", vedette::cmd::detect_command},
    {"watch", vedette::cmd::watch_command},
    {"profile", vedette::cmd::profile_command},
    {"rules", vedette::cmd::rules_command},
    {"completion", [] { return vedette::cmd::completion_command(program); }},
});

// Of the commands those that the words need. Those of `scan` are made here too, by the second word.
Command program_for(std::string_view first, std::string_view second) {
  Command root{"vedette", "One engine for every security rule, from commit to kernel.",
               "  vedette scan secrets .\n"
               "  vedette detect /var/log/audit\n"
               "  vedette watch\n"
               "  vedette rules lint --rules my-rules\n"};
  root.commands = vedette::cmd::commands_named(kCommands, first);
  Command& scan = root.commands.front();
  if (scan.name == "scan") scan.commands = vedette::cmd::scan_commands(second);
  return root;
}

Command program() { return program_for("", ""); }

}  // namespace

int main(int argc, char** argv) {
  const auto word = [&](int index) { return std::string_view(index < argc ? argv[index] : ""); };
  return vedette::cmd::run_program(program_for(word(1), word(2)), argc, argv);
}
