// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "event/finding_sink.h"
#include "rules/secret/program.h"

namespace vedette::engine {

struct SecretRulesOptions {
  std::vector<std::string> packs;  // gitleaks' TOML, files and folders; later ones on top
  bool packs_are_ours = false;     // their expressions were checked by our tests, so not again
  std::string default_pack;        // what `useDefault` in a pack means; empty: nothing
  // Where loaded rules are kept for the next start; empty: nowhere. They are kept apart by the
  // bytes of all packs and by this program. Nothing goes wrong where it cannot be written.
  std::string cache_folder;
  Limits limits;
};

// Loads packs, and tells in `summary` how many rules were loaded or refused, and why. An Error
// where there is no rule.
Result<std::shared_ptr<const rules::secret::SecretProgram>> load_secret_rules(
    const SecretRulesOptions& options, event::ScanSummary& summary);

}  // namespace vedette::engine
