// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "scan/vulnerabilities/vex_statements.h"

namespace vedette::engine {

// Reads files with statements (`formats/vex`), and of folders all that end with ".json". An Error
// where a named file cannot be read or holds none, as what it should excuse would block, or what it
// should take back would not; what is none in a folder is told in `problems`.
Result<scan::vulnerabilities::VexStatements> read_vex_files(const std::vector<std::string>& paths,
                                                            std::vector<Diagnostic>& problems);

}  // namespace vedette::engine
