// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cmd/command_line.h"

namespace vedette::cmd {

// `vedette rules`: what a rule set is worth before it runs. One file per subcommand.
Command rules_command();

Command rules_lint_command();
Command rules_list_command();
Command rules_show_command();
Command rules_trial_command();  // `rules test`
Command rules_explain_command();
Command rules_coverage_command();

}  // namespace vedette::cmd
