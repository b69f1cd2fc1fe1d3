// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/purl_reader.h"

#include <algorithm>
#include <string>

#include "formats/packages/purl_parts.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

bool is_of_distribution(Ecosystem ecosystem) {
  return ecosystem == Ecosystem::kDebian || ecosystem == Ecosystem::kAlpine ||
         ecosystem == Ecosystem::kRpm || ecosystem == Ecosystem::kArch;
}

void read_qualifier(std::string_view key, const std::string& value, std::string& epoch,
                    Package& package) {
  if (key == "arch") package.architecture = value;
  if (key == "epoch") epoch = value;
  if (key == "distro") package.distribution = value;
  if (key == "checksum") package.checksum = value;
  // Of the source, with its version where that is another.
  if (key == "upstream") {
    const std::size_t at = value.find('@');
    package.source_name = value.substr(0, at);
    if (at != std::string::npos) package.source_version = value.substr(at + 1);
  }
}

void read_qualifiers(const PurlParts& parts, std::string_view vendor, Package& package) {
  std::string epoch;
  for (const auto& [key, value] : parts.qualifiers) read_qualifier(key, value, epoch, package);
  if (!epoch.empty() && epoch != "0") package.version = epoch + ":" + package.version;
  // Some write the system's version alone.
  const bool is_bare = !package.distribution.empty() && package.distribution.front() >= '0' &&
                       package.distribution.front() <= '9';
  if (is_bare && !vendor.empty())
    package.distribution = std::string(vendor) + "-" + package.distribution;
}

}  // namespace

std::optional<Package> package_of_purl(std::string_view purl) {
  const std::optional<PurlParts> parts = split_purl(purl);
  if (!parts) return std::nullopt;
  Package package;
  const auto* const row = std::ranges::find(kEcosystemNames, parts->type, &EcosystemNames::purl);
  if (row != kEcosystemNames.end() && parts->type != "generic")
    package.ecosystem = static_cast<Ecosystem>(row - kEcosystemNames.begin());
  package.version = parts->version;
  std::string_view space = parts->space;
  std::string_view vendor;
  if (is_of_distribution(package.ecosystem)) {
    vendor = space.substr(0, space.find('/'));
    space.remove_prefix(std::min(space.size(), vendor.size() + 1));
  }
  package.name = (space.empty() ? "" : std::string(space) + '/') + parts->name;
  if (package.ecosystem == Ecosystem::kPypi) package.name = pypi_name(package.name);
  if (package.ecosystem == Ecosystem::kCocoapods && !parts->subpath.empty())
    package.name += '/' + parts->subpath;
  if (package.ecosystem == Ecosystem::kMaven) {
    const std::size_t last = package.name.rfind('/');
    if (last != std::string::npos) package.name[last] = ':';
  }
  read_qualifiers(*parts, vendor, package);
  return package;
}

}  // namespace vedette::formats::packages
