// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cmd/command_line.h"
#include "engine/scan/verifier.h"

namespace vedette::cmd {

// The flags that say whether and how providers are asked about secrets.
struct VerifyFlags {
  bool verify = false;
  std::vector<std::string> hosts;
  std::vector<std::string> endpoints;
  std::string ca_file;
  unsigned requests_max = engine::VerifyOptions{}.requests_per_host_max;

  // Rows that fill this object, which must stay where it is.
  std::vector<Flag> rows();
  Result<engine::VerifyOptions> options(bool packs_are_ours) const;
};

}  // namespace vedette::cmd
