// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/scan/model_digests.h"

namespace vedette::cmd {

struct ModelBillFlags {
  std::string output;  // empty: standard output
  bool reproducible = false;
  bool quiet = false;
};

// `vedette scan model -f cyclonedx`: an ML-BOM of the one target.
int run_model_bill(engine::DigestOptions options, const ModelBillFlags& flags);

}  // namespace vedette::cmd
