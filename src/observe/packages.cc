// SPDX-License-Identifier: Apache-2.0
#include "observe/packages.h"

#include <algorithm>
#include <tuple>

#include "observe/sighting.h"

namespace vedette::observe {
namespace {

constexpr std::size_t kDatabaseBytesMax = std::size_t{64} << 20;
constexpr std::size_t kListBytesMax = std::size_t{8} << 20;
constexpr std::size_t kPackagesMax = 20'000;
constexpr std::size_t kDistributionsMax = 5'000;
const std::string kDpkgFolder = "/var/lib/dpkg/info";

std::string path_in(std::string_view folder, std::string_view name) {
  std::string path(folder);
  path.append("/").append(name);
  return path;
}

// Calls take(line) for each line.
template <typename Take>
void for_each_line(std::string_view text, Take take) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// Where /bin, /lib and the like are links into /usr, data bases may name either path.
bool is_used(const std::set<std::string>& paths, const std::string& path) {
  return paths.contains(path) || paths.contains("/usr" + path) ||
         (path.starts_with("/usr/") && paths.contains(path.substr(4)));
}

// "name" or "name:architecture" to version.
std::map<std::string, std::string> dpkg_versions(std::string_view status) {
  std::map<std::string, std::string> versions;
  std::string name;
  std::string architecture;
  for_each_line(status, [&](std::string_view line) {
    const auto value = [&line](std::string_view key) {
      return std::string(line.substr(key.size()));
    };
    if (line.starts_with("Package: ")) {
      name = value("Package: ");
    } else if (line.starts_with("Architecture: ")) {
      architecture = value("Architecture: ");
    } else if (line.starts_with("Version: ") && versions.size() < 2 * kPackagesMax) {
      versions[name] = value("Version: ");
      versions[name + ":" + architecture] = versions[name];
    }
  });
  return versions;
}

void add_dpkg(RootFiles& root, const std::set<std::string>& paths, std::vector<UsedPackage>& out,
              bool& found) {
  const std::vector<std::string> lists = root.list(kDpkgFolder);
  if (lists.empty()) return;
  found = true;
  const auto versions = dpkg_versions(root.read("/var/lib/dpkg/status", kDatabaseBytesMax));
  std::size_t packages = 0;
  for (const std::string& list : lists) {
    if (!list.ends_with(".list") || ++packages > kPackagesMax) continue;
    const std::string name = list.substr(0, list.size() - 5);
    UsedPackage package{"dpkg", clean_text(name.substr(0, name.find(':'))), {}, 0};
    for_each_line(root.read(path_in(kDpkgFolder, list), kListBytesMax), [&](std::string_view line) {
      if (is_used(paths, std::string(line))) ++package.files;
    });
    if (package.files == 0) continue;
    const auto version = versions.find(name);
    if (version != versions.end()) package.version = clean_text(version->second);
    out.push_back(std::move(package));
  }
}

void add_apk(RootFiles& root, const std::set<std::string>& paths, std::vector<UsedPackage>& out,
             bool& found) {
  const std::string database = root.read("/lib/apk/db/installed", kDatabaseBytesMax);
  if (database.empty()) return;
  found = true;
  UsedPackage package{"apk", {}, {}, 0};
  std::string folder;
  const auto end_package = [&] {
    if (package.files > 0 && out.size() < kPackagesMax) out.push_back(package);
    package = {"apk", {}, {}, 0};
  };
  for_each_line(database, [&](std::string_view line) {
    if (line.empty()) return end_package();
    if (line.size() < 2 || line[1] != ':') return;
    const std::string_view value = line.substr(2);
    if (line[0] == 'P') package.name = clean_text(value);
    if (line[0] == 'V') package.version = clean_text(value);
    if (line[0] == 'F') folder = "/" + std::string(value);
    if (line[0] == 'R' && is_used(paths, folder + "/" + std::string(value))) ++package.files;
  });
  end_package();
}

// Which modules a distribution brings: top_level.txt, or the first components of RECORD.
std::set<std::string> modules_of(RootFiles& root, const std::string& info) {
  std::set<std::string> modules;
  const std::string top = root.read(info + "/top_level.txt", kListBytesMax);
  for_each_line(top, [&](std::string_view line) { modules.emplace(line); });
  if (!modules.empty()) return modules;
  for_each_line(root.read(info + "/RECORD", kListBytesMax), [&](std::string_view line) {
    line = line.substr(0, line.find(','));
    const std::size_t slash = line.find('/');
    std::string_view module = line.substr(0, slash);
    if (slash == std::string_view::npos) module = module.substr(0, module.find('.'));
    if (!module.empty() && module.find(".dist-info") == std::string_view::npos) {
      modules.emplace(module);
    }
  });
  return modules;
}

struct Distribution {
  std::string name;
  std::string version;
};

std::map<std::string, Distribution> distributions_in(RootFiles& root, const std::string& folder) {
  std::map<std::string, Distribution> by_module;
  std::vector<std::string> names = root.list(folder);
  std::ranges::sort(names);
  std::size_t looked = 0;
  for (const std::string& name : names) {
    constexpr std::string_view kInfo = ".dist-info";
    if (!name.ends_with(kInfo) || ++looked > kDistributionsMax) continue;
    const std::string stem = name.substr(0, name.size() - kInfo.size());
    const std::size_t dash = stem.rfind('-');
    Distribution distribution{clean_text(stem.substr(0, dash)), {}};
    if (dash != std::string::npos) distribution.version = clean_text(stem.substr(dash + 1));
    for (const std::string& module : modules_of(root, path_in(folder, name))) {
      by_module.emplace(module, distribution);
    }
  }
  return by_module;
}

}  // namespace

std::vector<UsedPackage> used_packages(RootFiles& root, const std::set<std::string>& paths,
                                       bool& manager_found) {
  std::vector<UsedPackage> packages;
  manager_found = false;
  add_dpkg(root, paths, packages, manager_found);
  add_apk(root, paths, packages, manager_found);
  std::ranges::sort(packages, {}, [](const UsedPackage& package) {
    return std::tie(package.manager, package.name, package.version);
  });
  return packages;
}

std::vector<UsedPackage> used_distributions(RootFiles& root, const PythonModules& modules) {
  std::map<std::pair<std::string, std::string>, std::uint64_t> used;
  for (const auto& [folder, names] : modules) {
    const std::map<std::string, Distribution> known = distributions_in(root, folder);
    for (const auto& [module, files] : names) {
      const auto found = known.find(module);
      if (found == known.end()) {
        used[{module, ""}] += files;
      } else {
        used[{found->second.name, found->second.version}] += files;
      }
    }
  }
  std::vector<UsedPackage> packages;
  for (const auto& [name, files] : used)
    packages.push_back({"python", name.first, name.second, files});
  return packages;
}

}  // namespace vedette::observe
