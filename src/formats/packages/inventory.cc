// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/inventory.h"

#include <map>
#include <unordered_map>
#include <unordered_set>

#include "formats/packages/jvm/pom_family.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// A file names packages of one ecosystem, but for conda's, which may hold pip's too.
Ecosystem ecosystem_of(const PackageFile& file) {
  return file.list.packages.empty() ? Ecosystem::kNone : file.list.packages[0].ecosystem;
}

std::string key_of(Ecosystem ecosystem, std::string_view folder) {
  return std::to_string(static_cast<unsigned>(ecosystem)) + ":" + std::string(folder);
}

// Leaves out what `keep` refuses; indices of needs follow.
template <typename Keep>
void filter(PackageFile& file, Keep&& keep) {
  constexpr std::uint32_t kGone = PackageReading::kNone;
  std::vector<std::uint32_t> places;
  std::vector<Package> kept;
  for (Package& package : file.list.packages) {
    const bool stays = keep(package);
    places.push_back(stays ? static_cast<std::uint32_t>(kept.size()) : kGone);
    if (stays) kept.push_back(std::move(package));
  }
  file.left_out += file.list.packages.size() - kept.size();
  for (Package& package : kept) {
    std::vector<std::uint32_t> needs;
    for (const std::uint32_t index : package.needs) {
      if (places[index] != kGone) needs.push_back(places[index]);
    }
    package.needs = std::move(needs);
  }
  file.list.packages = std::move(kept);
}

class Settling {
 public:
  explicit Settling(std::vector<PackageFile>& files) : files_(files) {
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (files[i].kind->role != FileRole::kLock || ecosystem_of(files[i]) == Ecosystem::kNone) {
        continue;
      }
      locks_[key_of(ecosystem_of(files[i]), folder_of(files[i].path))].push_back(i);
    }
  }

  void settle() {
    // All manifests of a lock file speak together: a member of a workspace does not undo another.
    std::map<std::size_t, PackageList> asked;
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      const FileRole role = files_[i].kind->role;
      if (role != FileRole::kManifest && role != FileRole::kChecksums) continue;
      const std::vector<std::size_t>* locks = nearest(files_[i]);
      if (locks == nullptr) continue;
      for (const std::size_t lock : *locks) {
        pairs.emplace_back(lock, i);
        if (role != FileRole::kManifest) continue;
        const std::vector<Package>& packages = files_[i].list.packages;
        std::vector<Package>& all = asked[lock].packages;
        all.insert(all.end(), packages.begin(), packages.end());
      }
    }
    for (const auto& [lock, manifest] : asked) apply_manifest(manifest, files_[lock].list);
    for (const auto& [lock, other] : pairs) leave_out(files_[lock], files_[other]);
  }

 private:
  const std::vector<std::size_t>* nearest(const PackageFile& file) const {
    const Ecosystem ecosystem = ecosystem_of(file);
    if (ecosystem == Ecosystem::kNone) return nullptr;
    std::string_view folder = folder_of(file.path);
    while (true) {
      const auto found = locks_.find(key_of(ecosystem, folder));
      if (found != locks_.end()) return &found->second;
      // go.sum is of the module in its own folder; Gradle's sums lie in one below.
      const bool here_only = file.kind->role == FileRole::kChecksums && ecosystem == Ecosystem::kGo;
      if (folder.empty() || here_only) return nullptr;
      folder = folder_of(folder);
    }
  }

  static void leave_out(const PackageFile& lock, PackageFile& other) {
    const std::uint64_t before = other.left_out;
    if (lock.list.complete && folder_of(lock.path) == folder_of(other.path)) {
      filter(other, [](const Package&) { return false; });
    } else {
      std::unordered_set<std::string_view> names;
      for (const Package& package : lock.list.packages) names.insert(package.name);
      const Ecosystem ecosystem = ecosystem_of(lock);
      filter(other, [&](const Package& package) {
        return package.ecosystem != ecosystem || !names.contains(package.name);
      });
    }
    if (other.left_out > before) other.spoken_for_by = lock.path;
  }

  std::vector<PackageFile>& files_;
  std::unordered_map<std::string, std::vector<std::size_t>> locks_;
};

}  // namespace

void settle(std::vector<PackageFile>& files) {
  settle_poms(files);
  Settling(files).settle();
}

}  // namespace vedette::formats::packages
