// SPDX-License-Identifier: Apache-2.0
#include "scan/vulnerabilities/product_match.h"

#include <algorithm>
#include <array>
#include <vector>

#include "formats/packages/purl.h"
#include "formats/packages/purl_reader.h"
#include "formats/packages/text.h"
#include "formats/versions/vers_range.h"
#include "formats/versions/version_order.h"

namespace vedette::scan::vulnerabilities {

using formats::packages::Ecosystem;
using formats::packages::lower;
using formats::packages::Package;
using formats::packages::PurlParts;
using formats::vex::VexIdentity;

namespace {

// Types whose names are the same in capital letters.
constexpr std::array<std::string_view, 11> kCaseless = {"pypi",     "deb",    "apk",       "alpm",
                                                        "composer", "github", "bitbucket", "oci",
                                                        "docker",   "nuget",  "hex"};

bool is_caseless(std::string_view type) {
  return std::ranges::find(kCaseless, type) != kCaseless.end();
}

Ecosystem ecosystem_of(std::string_view type) {
  const auto* const row = std::ranges::find(formats::packages::kEcosystemNames, type,
                                            &formats::packages::EcosystemNames::purl);
  return row == formats::packages::kEcosystemNames.end() || type == "generic"
             ? Ecosystem::kNone
             : static_cast<Ecosystem>(row - formats::packages::kEcosystemNames.begin());
}

// Producers call their systems otherwise than os-release does.
std::string_view vendor_of(const PurlParts& parts) {
  struct Row {
    std::string_view system;
    std::string_view vendor;
  };
  constexpr std::array<Row, 6> kVendors = {{{"rhel", "redhat"},
                                            {"sles", "suse"},
                                            {"opensuse-leap", "opensuse"},
                                            {"opensuse-tumbleweed", "opensuse"},
                                            {"ol", "oracle"},
                                            {"amzn", "amazon"}}};
  if (parts.type == "rpm") {
    for (const Row& row : kVendors) {
      if (row.system == parts.space) return row.vendor;
    }
  }
  return parts.space;
}

std::string name_of(const PurlParts& parts) {
  if (parts.type == "pypi") return formats::packages::pypi_name(parts.name);
  const std::string space(vendor_of(parts));
  const std::string name = (space.empty() ? "" : space + '/') + parts.name;
  return is_caseless(parts.type) ? lower(name) : name;
}

std::string version_of(const PurlParts& parts) {
  const std::string_view epoch = parts.qualifier("epoch");
  return epoch.empty() || epoch == "0" ? parts.version : std::string(epoch) + ':' + parts.version;
}

// "debian-12", "12" of debian, "debian-12.5".
bool same_distribution(std::string_view pattern, const PurlParts& found) {
  const std::string ours = lower(found.qualifier("distro"));
  std::string theirs = lower(pattern);
  if (!theirs.empty() && theirs.front() >= '0' && theirs.front() <= '9')
    theirs = lower(found.space) + '-' + theirs;
  const std::string& shorter = ours.size() < theirs.size() ? ours : theirs;
  const std::string& longer = ours.size() < theirs.size() ? theirs : ours;
  return !shorter.empty() && longer.starts_with(shorter) &&
         (longer.size() == shorter.size() || longer[shorter.size()] == '.');
}

bool same_version(const PurlParts& pattern, const PurlParts& found) {
  if (pattern.version.empty()) return true;
  const std::string theirs = version_of(pattern);
  const std::string ours = version_of(found);
  if (theirs == ours || pattern.version == found.version) return true;
  const Ecosystem ecosystem = ecosystem_of(found.type);
  return ecosystem != Ecosystem::kNone && formats::versions::is_version(ecosystem, theirs) &&
         formats::versions::compare(ecosystem, theirs, ours) == 0;
}

// The last part of "registry.example:5000/team/shop".
std::string_view last_of(std::string_view repository) {
  return repository.substr(repository.rfind('/') + 1);
}

// A source package has no architecture of the machine.
Package source_of(const Package& package) {
  Package source;
  source.ecosystem = package.ecosystem;
  source.name = package.source_name;
  source.version = package.source_version.empty() ? package.version : package.source_version;
  source.distribution = package.distribution;
  source.architecture = "source";
  return source;
}

bool is_in_range(const VexIdentity& identity, const Package& package) {
  return identity.range.empty() ||
         formats::versions::in_vers_range(package.ecosystem, identity.range, package.version) ==
             formats::versions::InRange::kYes;
}

bool is_named(const VexIdentity& identity, const Package& package) {
  const std::optional<PurlParts> found =
      formats::packages::split_purl(formats::packages::purl_of(package));
  if (!found || !is_in_range(identity, package)) return false;
  return std::ranges::any_of(identity.purls, [&](const std::string& purl) {
    const std::optional<PurlParts> pattern = formats::packages::split_purl(purl);
    return pattern && purl_matches(*pattern, *found);
  });
}

struct SystemRow {
  std::string_view vendor;
  std::string_view product;
  std::string_view distribution;
};
constexpr std::array<SystemRow, 12> kSystems = {{{"redhat", "enterprise_linux", "rhel"},
                                                 {"redhat", "enterprise_linux", "redhat"},
                                                 {"debian", "debian_linux", "debian"},
                                                 {"canonical", "ubuntu_linux", "ubuntu"},
                                                 {"fedoraproject", "fedora", "fedora"},
                                                 {"almalinux", "almalinux", "almalinux"},
                                                 {"rocky", "rocky", "rocky"},
                                                 {"oracle", "linux", "ol"},
                                                 {"amazon", "amazon_linux", "amzn"},
                                                 {"opensuse", "leap", "opensuse-leap"},
                                                 {"suse", "sles", "sles"},
                                                 {"alpinelinux", "alpine_linux", "alpine"}}};

}  // namespace

bool purl_matches(const PurlParts& pattern, const PurlParts& found) {
  if (pattern.type != found.type || name_of(pattern) != name_of(found)) return false;
  if (!same_version(pattern, found)) return false;
  return std::ranges::all_of(pattern.qualifiers, [&](const auto& one) {
    const auto& [key, value] = one;
    if (key == "distro") return same_distribution(value, found);
    // Said of the version already, or only where to get it.
    if (key == "epoch" || key == "repository_url" || key == "download_url" || key == "checksum" ||
        key == "upstream" || key == "vcs_url")
      return true;
    const std::string_view ours = found.qualifier(key);
    if (key == "arch") {
      // What is of no architecture is of all.
      return ours.empty() || value == ours || value == "all" || value == "noarch" ||
             ours == "all" || ours == "noarch";
    }
    return value == ours;
  });
}

bool image_matches(const PurlParts& pattern, const PurlParts& image) {
  if (pattern.type != "oci" && pattern.type != "docker") return false;
  if (lower(pattern.name) != lower(image.name)) return false;
  if (pattern.version.starts_with("sha256:")) {
    if (pattern.version != image.version) return false;
  } else if (!pattern.version.empty() && pattern.version != image.qualifier("tag") &&
             pattern.version != image.version) {
    return false;
  }
  const std::string_view tag = pattern.qualifier("tag");
  if (!tag.empty() && tag != image.qualifier("tag")) return false;
  const std::string_view theirs = pattern.qualifier("repository_url");
  const std::string_view ours = image.qualifier("repository_url");
  if (theirs.empty() || ours.empty()) return true;
  // With and without the image's own name at its end.
  return theirs == ours ||
         (last_of(ours) == image.name &&
          ours.substr(0, ours.size() - image.name.size()) == std::string(theirs) + '/');
}

bool package_matches(const VexIdentity& identity, const Package& package) {
  if (is_named(identity, package)) return true;
  return !package.source_name.empty() && is_named(identity, source_of(package));
}

bool cpe_is_of(std::string_view cpe, std::string_view distribution) {
  for (const std::string_view begin : {"cpe:2.3:", "cpe:/"}) {
    if (cpe.starts_with(begin)) cpe.remove_prefix(begin.size());
  }
  std::array<std::string_view, 4> parts;  // part, vendor, product, version
  for (std::string_view& part : parts) {
    part = cpe.substr(0, cpe.find(':'));
    cpe.remove_prefix(std::min(cpe.size(), part.size() + 1));
  }
  return std::ranges::any_of(kSystems, [&](const SystemRow& row) {
    if (row.vendor != parts[1] || row.product != parts[2]) return false;
    if (!distribution.starts_with(row.distribution)) return false;
    std::string_view ours = distribution.substr(row.distribution.size());
    if (!ours.starts_with('-')) return false;
    ours.remove_prefix(1);
    const std::string_view theirs = parts[3];
    if (theirs.empty() || theirs == "*" || theirs == "-") return true;
    // "9" holds for all of 9; "9.2" only for that.
    return ours == theirs || (ours.starts_with(theirs) && ours[theirs.size()] == '.');
  });
}

}  // namespace vedette::scan::vulnerabilities
