// SPDX-License-Identifier: Apache-2.0
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

vedette::cmd::Command program() {
  vedette::cmd::Command root{"vedette",
                             "One engine for every security rule, from commit to kernel.",
                             "  vedette scan secrets .\n"
                             "  vedette detect /var/log/audit\n"
                             "  vedette watch\n"
                             "  vedette rules lint --rules my-rules\n"};
  // One by one: a list in braces would copy all rows of all of them.
  root.commands.push_back(vedette::cmd::scan_command());
  root.commands.push_back(vedette::cmd::ci_command());
  root.commands.push_back(vedette::cmd::gate_command());
  root.commands.push_back(vedette::cmd::waive_command());
  root.commands.push_back(vedette::cmd::history_command());
  root.commands.push_back(vedette::cmd::report_command());
  root.commands.push_back(vedette::cmd::redact_command());
  root.commands.push_back(vedette::cmd::hook_command());
  root.commands.push_back(vedette::cmd::db_command());
  root.commands.push_back(vedette::cmd::detect_command());
  root.commands.push_back(vedette::cmd::watch_command());
  root.commands.push_back(vedette::cmd::profile_command());
  root.commands.push_back(vedette::cmd::rules_command());
  root.commands.push_back(vedette::cmd::completion_command(program));
  return root;
}

}  // namespace

int main(int argc, char** argv) { return vedette::cmd::run_program(program(), argc, argv); }
