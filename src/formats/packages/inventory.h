// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/packages/package.h"
#include "formats/packages/package_file.h"

// What the files of a tree name together.
namespace vedette::formats::packages {

struct PackageFile {
  std::string path;
  const PackageFileKind* kind = nullptr;  // a row of the table
  PackageList list;
  // The file that speaks for packages of this one, which are left out of `list`: a manifest's lock
  // file; empty when none does.
  std::string spoken_for_by;
  std::uint64_t left_out = 0;
};

// Lets files of one project complete each other. A manifest belongs to the nearest lock file of its
// ecosystem, in its own folder or one above (workspaces): it tells the lock file what is direct,
// and what the lock file settles is left out of it. Of a manifest beside a complete lock file all
// is left out, and so is all of a file of checksums beside one. Needs of one file stay within it.
// Before that, pom.xml files get what others of them say (jvm/pom_family.h).
void settle(std::vector<PackageFile>& files);

}  // namespace vedette::formats::packages
