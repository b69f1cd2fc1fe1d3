// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/scan/model_digests.h"

namespace vedette::cmd {

// `vedette scan model --digests FILE`: writes the digests of all files, and says the root of them.
int run_write_digests(engine::DigestOptions options, const std::string& file, bool quiet);

// `vedette scan model --check FILE`: exit code 1 where a file is not as it was, is missing or was
// not there.
int run_check_digests(engine::DigestOptions options, const std::string& file, bool quiet);

}  // namespace vedette::cmd
