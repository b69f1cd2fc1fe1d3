// SPDX-License-Identifier: Apache-2.0
#include "cmd/rules/rules_commands.h"

namespace vedette::cmd {

Command rules_command() {
  Command command{"rules", "Checks, lists, tests and explains rules.",
                  "  vedette rules lint --rules my-rules\n"
                  "  vedette rules test\n"
                  "  vedette rules explain 'Shell in a container' --event event.json\n"};
  command.commands = {rules_lint_command(),  rules_list_command(),    rules_show_command(),
                      rules_trial_command(), rules_explain_command(), rules_coverage_command()};
  return command;
}

}  // namespace vedette::cmd
