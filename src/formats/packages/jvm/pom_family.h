// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "formats/packages/inventory.h"

namespace vedette::formats::packages {

// Gives the packages of pom.xml files what their parents and imported projects say, as far as these
// are among `files`: properties, versions and scopes. A parent is looked for where the file says,
// then by its name. What none of them knows stays unknown; nothing is fetched.
void settle_poms(std::vector<PackageFile>& files);

}  // namespace vedette::formats::packages
