// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "cmd/command_line.h"
#include "event/finding_sink.h"
#include "formats/packages/jars/jar_table.h"

namespace vedette::cmd {

// `vedette scan packages`: what a source tree depends on.
Command package_command();
// `vedette scan sbom`: what a bill of materials names.
Command sbom_command();

// Says on stderr what was lost of packages or an image; whether anything was.
bool print_losses(const event::ScanSummary& summary, bool quiet);

// `--jars FILE`, and the table that it names; null for none.
Flag jars_flag(std::string& jars);
Result<std::shared_ptr<const formats::packages::JarTable>> open_jar_table(const std::string& path);

}  // namespace vedette::cmd
