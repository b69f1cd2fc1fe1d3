// SPDX-License-Identifier: Apache-2.0
#include "cmd/version.h"

#include "cmd/build_version.h"

namespace vedette::cmd {

std::string version_number() { return VEDETTE_VERSION; }

std::string version_text() {
  return "vedette " VEDETTE_VERSION "\ncommit " VEDETTE_COMMIT "\nlibraries " VEDETTE_LIBRARIES
         "\n";
}

}  // namespace vedette::cmd
