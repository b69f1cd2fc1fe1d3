// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::observe {

// The files of an image, below its root and nowhere else.
class RootFiles {
 public:
  virtual ~RootFiles() = default;
  // "" when it is no regular file that can be read; cut at `bytes_max`.
  virtual std::string read(const std::string& path, std::size_t bytes_max) = 0;
  // Names in a folder, in any order; none when it cannot be read.
  virtual std::vector<std::string> list(const std::string& folder) = 0;
};

struct UsedPackage {
  std::string manager;  // "dpkg", "apk", "python"
  std::string name;
  std::string version;      // "" when unknown
  std::uint64_t files = 0;  // of those that were used

  bool operator==(const UsedPackage&) const = default;
};

// Which of the installed packages `paths` belong to, by the data bases of dpkg and apk; sorted by
// manager and name. Links of merged folders (/lib to /usr/lib) are allowed for. `manager_found`
// says whether there was a data base at all. (rpm keeps binary ones, which are not read.)
std::vector<UsedPackage> used_packages(RootFiles& root, const std::set<std::string>& paths,
                                       bool& manager_found);

// Which Python distributions `modules` (folder to names of modules, with counts of files) belong
// to, by the *.dist-info beside them. A module that none names is one itself, without version.
using PythonModules = std::map<std::string, std::map<std::string, std::uint64_t>>;
std::vector<UsedPackage> used_distributions(RootFiles& root, const PythonModules& modules);

}  // namespace vedette::observe
