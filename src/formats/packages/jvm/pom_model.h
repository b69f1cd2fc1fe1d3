// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace vedette::formats::packages {

// A <dependency> as written.
struct PomDependency {
  std::string group;
  std::string artifact;
  std::string version;  // empty: not told
  std::string scope;
  bool is_pom = false;        // of type "pom": with scope "import" another's management
  std::uint32_t package = 0;  // index into PackageList::packages; of what is managed 0
};

// What a pom.xml leaves to others, as written: its parent, what its texts stand for, and what its
// management says of dependencies. pom_family.h puts it together.
struct PomModel {
  std::string group;  // empty: the parent's, as is an empty version
  std::string artifact;
  std::string version;
  std::string parent_group;
  std::string parent_artifact;  // empty: it has none
  std::string parent_version;
  // Where the parent lies, from the folder of this; empty: it is known by its name alone.
  std::string parent_path;
  std::uint32_t package = UINT32_MAX;  // the project itself; UINT32_MAX: it has no name
  std::unordered_map<std::string, std::string> properties;
  std::vector<PomDependency> managed;
  std::vector<PomDependency> dependencies;
};

}  // namespace vedette::formats::packages
