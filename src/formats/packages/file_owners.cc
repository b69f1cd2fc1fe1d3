// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/file_owners.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "formats/packages/owned_path.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// Lists of dpkg lie in folders "info" or "status.d" beside or below its database, those of
// others in a folder with the database of the one package.
std::string_view place_of(std::string_view path, Ecosystem ecosystem) {
  const std::string_view folder = folder_of(path);
  if (ecosystem != Ecosystem::kDebian) return folder;
  const std::string_view name = file_name(folder);
  return name == "info" || name == "status.d" ? folder_of(folder) : folder;
}

bool is_of_system(Ecosystem ecosystem) {
  return ecosystem == Ecosystem::kDebian || ecosystem == Ecosystem::kArch ||
         ecosystem == Ecosystem::kPortage || ecosystem == Ecosystem::kAlpine ||
         ecosystem == Ecosystem::kRpm;
}

class Settling {
 public:
  explicit Settling(std::vector<PackageFile>& files) : files_(files) {}

  void settle() {
    index();
    for (PackageFile& file : files_) {
      if (file.kind->role != FileRole::kFiles) continue;
      for (Package& list : file.list.packages) give(file.path, list);
    }
    std::erase_if(files_, [](const PackageFile& f) { return f.kind->role == FileRole::kFiles; });
    drop_owned_programs();
  }

 private:
  static std::string key_of(std::string_view place, Ecosystem ecosystem, std::string_view name,
                            std::string_view architecture) {
    std::string key(place);
    key += '\n';
    // One package lies in its folder with others of its ecosystem nowhere but at dpkg.
    if (ecosystem == Ecosystem::kDebian) {
      key += name;
      key += '\n';
      key += architecture;
    }
    return key;
  }

  void index() {
    for (PackageFile& file : files_) {
      if (file.kind->role == FileRole::kFiles) continue;
      for (Package& package : file.list.packages) {
        const Ecosystem ecosystem = package.ecosystem;
        if (!is_of_system(ecosystem)) continue;
        const std::string_view place = place_of(file.path, ecosystem);
        owners_.try_emplace(key_of(place, ecosystem, package.name, package.architecture), &package);
        // Most lists of dpkg do not say the architecture.
        owners_.try_emplace(key_of(place, ecosystem, package.name, ""), &package);
      }
    }
  }

  void give(std::string_view path, Package& list) {
    const auto owner = owners_.find(
        key_of(place_of(path, list.ecosystem), list.ecosystem, list.name, list.architecture));
    if (owner == owners_.end()) return;  // it is removed, but for its configuration
    std::vector<std::uint64_t>& files = owner->second->files;
    if (files.empty()) {
      files = std::move(list.files);
    } else {
      files.insert(files.end(), list.files.begin(), list.files.end());
    }
  }

  void drop_owned_programs() {
    const auto is_plain = [](const PackageFile& file) {
      return !file.list.packages.empty() &&
             std::ranges::all_of(file.list.packages, [](const Package& package) {
               return package.ecosystem == Ecosystem::kNone;
             });
    };
    if (std::ranges::none_of(files_, is_plain)) return;
    std::unordered_set<std::uint64_t> owned;
    for (const PackageFile& file : files_) {
      for (const Package& package : file.list.packages)
        owned.insert(package.files.begin(), package.files.end());
    }
    std::erase_if(files_, [&](const PackageFile& file) {
      return is_plain(file) && owned.contains(path_key(file.path));
    });
  }

  std::vector<PackageFile>& files_;
  std::unordered_map<std::string, Package*> owners_;  // of files_, whose lists do not change
};

}  // namespace

void settle_files(std::vector<PackageFile>& files) { Settling(files).settle(); }

}  // namespace vedette::formats::packages
