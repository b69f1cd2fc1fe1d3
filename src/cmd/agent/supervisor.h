// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace vedette::cmd {

// Runs `work` in a child process and starts it anew when a signal or kExitStuck ended it, after a
// pause that doubles up to a minute while it keeps ending at once. SIGTERM, SIGINT and SIGHUP go to
// the child. Returns the child's exit code when it ended by itself. For machines where no service
// manager does that.
int supervise(const std::function<int()>& work);

}  // namespace vedette::cmd
