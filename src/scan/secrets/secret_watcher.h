// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "event/finding.h"
#include "rules/secret/model.h"

namespace vedette::scan::secrets {

// Is shown each secret together with its finding, which does not hold it. Called by all threads
// that scan.
class SecretWatcher {
 public:
  virtual ~SecretWatcher() = default;
  virtual void see(const rules::secret::SecretRule& rule, std::string_view secret,
                   const event::Finding& finding) = 0;
};

}  // namespace vedette::scan::secrets
