// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "formats/packages/inventory.h"

namespace vedette::formats::packages {

// Of all that was read of one file system: gives the files that lists of their own name
// (FileRole::kFiles) to the packages that they belong to, and leaves the lists out; leaves out
// plain programs (Ecosystem::kNone) that belong to a package of the system, which speaks for them.
void settle_files(std::vector<PackageFile>& files);

}  // namespace vedette::formats::packages
