// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/packages/package.h"

namespace vedette::scan::vulnerabilities {

// Why a package is there: the shortest way from the project, or from what it asks for, to each of a
// list's packages.
class DependencyPaths {
 public:
  // The list outlives it.
  explicit DependencyPaths(const formats::packages::PackageList& list);

  // "app > requests > urllib3", the package itself at the end; empty where it is asked for directly
  // or nothing is told.
  std::string to(std::uint32_t package) const;

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  const formats::packages::PackageList& list_;
  std::vector<std::uint32_t> parents_;
};

}  // namespace vedette::scan::vulnerabilities
