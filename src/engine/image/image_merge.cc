// SPDX-License-Identifier: Apache-2.0
#include "engine/image/image_merge.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <ranges>
#include <string>
#include <unordered_map>
#include <utility>

#include "formats/packages/file_owners.h"
#include "formats/packages/owned_path.h"

namespace vedette::engine {
namespace {

using formats::packages::OsRelease;
using formats::packages::OwnedFile;
using formats::packages::Package;
using formats::packages::PackageFile;

std::string key_of(const Package& package) {
  return fmt::format("{}\n{}\n{}", package.name, package.version, package.architecture);
}

class Merging {
 public:
  Merging(std::vector<LayerScan>& layers, ImageScan& scan) : layers_(layers), scan_(scan) {}

  void merge() {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      for (LayerFile& file : layers_[i].files) take(i, file);
    }
    const OsRelease* system = nullptr;
    for (const std::string_view path : formats::packages::kOsReleasePaths) {
      const auto found = systems_.find(std::string(path));
      if (system == nullptr && found != systems_.end()) system = &found->second;
    }
    if (system != nullptr) scan_.system = *system;
    for (auto& [path, bytes] : statements_) scan_.statements.push_back({path, std::move(bytes)});
    for (auto& [path, file] : files_) {
      formats::packages::set_distribution(scan_.system, file.list);
      scan_.files.push_back(std::move(file));
    }
    formats::packages::settle_files(scan_.files);
    name_files();
    for (const PackageFile& file : scan_.files) scan_.packages += file.list.packages.size();
    std::ranges::stable_sort(scan_.findings, [](const event::Finding& a, const event::Finding& b) {
      return std::pair(std::string_view(a.place.path), a.place.offset) <
             std::pair(std::string_view(b.place.path), b.place.offset);
    });
  }

 private:
  bool is_hidden(std::size_t layer, std::string_view path) const {
    for (std::size_t i = layer + 1; i < layers_.size(); ++i) {
      if (layers_[i].cover.hides(path)) return true;
    }
    return false;
  }

  // Gives the paths that a container would see to the packages that they belong to.
  void name_files() {
    if (std::ranges::all_of(layers_, [](const LayerScan& layer) { return layer.owned.empty(); }))
      return;
    std::unordered_map<std::uint64_t, std::vector<Package*>> owners;
    for (PackageFile& file : scan_.files) {
      for (Package& package : file.list.packages) {
        for (const std::uint64_t key : package.files) owners[key].push_back(&package);
      }
    }
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      // Of a name that a layer has twice, the last is what a container would see.
      for (const OwnedFile& file : std::views::reverse(layers_[i].owned)) {
        const auto found = owners.find(formats::packages::path_key(file.path));
        if (found == owners.end() || is_hidden(i, file.path)) continue;
        for (Package* const owner : found->second) owner->owned_files.push_back(file);
      }
      layers_[i].owned = {};
    }
    for (PackageFile& file : scan_.files) {
      for (Package& package : file.list.packages) {
        std::ranges::stable_sort(package.owned_files, {}, &OwnedFile::path);
        const auto same = std::ranges::unique(package.owned_files, {}, &OwnedFile::path);
        package.owned_files.erase(same.begin(), same.end());
      }
    }
  }

  void take(std::size_t layer, LayerFile& file) {
    bool hidden = file.replaced || is_hidden(layer, file.path);
    // The same bytes may still be there by another name.
    for (const std::string& link : file.links) {
      if (hidden && !is_hidden(layer, link)) {
        hidden = false;
        if (file.packages) file.packages->path = link;
      }
    }
    if (file.packages && !file.replaced) take_packages(layer, std::move(*file.packages), hidden);
    if (file.system && !hidden) systems_.insert_or_assign(file.path, std::move(*file.system));
    if (file.statements && !hidden)
      statements_.insert_or_assign(file.path, std::move(*file.statements));
    for (event::Finding& finding : file.findings)
      take_finding(layer, file, std::move(finding), hidden);
  }

  // What the file named before, in a lower layer, was not brought by this one.
  void take_packages(std::size_t layer, PackageFile file, bool hidden) {
    std::unordered_map<std::string, std::string>& origins = origins_[file.path];
    std::unordered_map<std::string, std::string> now;
    for (Package& package : file.list.packages) {
      const std::string key = key_of(package);
      const auto before = origins.find(key);
      package.layer = before != origins.end() ? before->second : scan_.layers[layer].digest;
      now.insert_or_assign(key, package.layer);
    }
    origins = std::move(now);
    if (hidden) return;
    const std::string path = file.path;
    files_.insert_or_assign(path, std::move(file));
  }

  void take_finding(std::size_t layer, const LayerFile& file, event::Finding finding, bool hidden) {
    const ScannedLayer& from = scan_.layers[layer];
    finding.place.object = from.digest;
    finding.place.layer = event::FindingLayer{from.digest, from.instruction, hidden, from.base};
    for (const std::string& link : file.links) {
      event::FindingPlace place = finding.place;
      place.path = link + finding.place.path.substr(std::min(file.path.size(), place.path.size()));
      finding.also_at.push_back(std::move(place));
    }
    // A file that a later layer has again, with the same secret: the first layer brought it, the
    // last says whether it is still to be seen.
    const std::string key =
        fmt::format("{}\n{}\n{}", finding.identity, finding.place.path, finding.place.offset);
    const auto [known, is_new] = known_.try_emplace(key, scan_.findings.size());
    if (is_new) {
      scan_.findings.push_back(std::move(finding));
    } else {
      event::Finding& first = scan_.findings[known->second];
      first.place.layer->hidden = first.place.layer->hidden && hidden;
    }
  }

  std::vector<LayerScan>& layers_;
  ImageScan& scan_;
  std::map<std::string, PackageFile> files_;
  std::map<std::string, OsRelease> systems_;
  std::map<std::string, std::string> statements_;
  // By the path of a file: from packages to layers.
  std::unordered_map<std::string, std::unordered_map<std::string, std::string>> origins_;
  std::unordered_map<std::string, std::size_t> known_;
};

}  // namespace

void merge_layers(std::vector<LayerScan>& layers, ImageScan& scan) {
  Merging(layers, scan).merge();
}

}  // namespace vedette::engine
