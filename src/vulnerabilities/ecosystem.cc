// SPDX-License-Identifier: Apache-2.0
#include "vulnerabilities/ecosystem.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <initializer_list>
#include <span>

namespace vedette::vulnerabilities {
namespace {

using formats::packages::Ecosystem;
using formats::packages::Package;

// Distributions: os-release's ID, OSV's name, the tool whose versions they have, and what of
// VERSION_ID stands behind the name.
enum class Release : std::uint8_t { kNone, kWhole, kMajor, kAlpine, kUbuntu, kLeap, kSles, kRhel };
struct DistributionRow {
  std::string_view id;
  std::string_view osv;
  Ecosystem ecosystem;
  Release release;
};
constexpr std::array kDistributions = {
    DistributionRow{"debian", "Debian", Ecosystem::kDebian, Release::kMajor},
    DistributionRow{"ubuntu", "Ubuntu", Ecosystem::kDebian, Release::kUbuntu},
    DistributionRow{"alpine", "Alpine", Ecosystem::kAlpine, Release::kAlpine},
    DistributionRow{"wolfi", "Wolfi", Ecosystem::kAlpine, Release::kNone},
    DistributionRow{"chainguard", "Chainguard", Ecosystem::kAlpine, Release::kNone},
    DistributionRow{"minimos", "MinimOS", Ecosystem::kAlpine, Release::kNone},
    DistributionRow{"alpaquita", "Alpaquita", Ecosystem::kAlpine, Release::kWhole},
    DistributionRow{"rocky", "Rocky Linux", Ecosystem::kRpm, Release::kMajor},
    DistributionRow{"almalinux", "AlmaLinux", Ecosystem::kRpm, Release::kMajor},
    DistributionRow{"rhel", "Red Hat", Ecosystem::kRpm, Release::kRhel},
    DistributionRow{"opensuse-leap", "openSUSE", Ecosystem::kRpm, Release::kLeap},
    DistributionRow{"opensuse-tumbleweed", "openSUSE:Tumbleweed", Ecosystem::kRpm, Release::kNone},
    DistributionRow{"sles", "SUSE", Ecosystem::kRpm, Release::kSles},
    DistributionRow{"sles_sap", "SUSE", Ecosystem::kRpm, Release::kSles},
    DistributionRow{"mageia", "Mageia", Ecosystem::kRpm, Release::kMajor},
    DistributionRow{"photon", "Photon OS", Ecosystem::kRpm, Release::kWhole},
    DistributionRow{"openeuler", "openEuler", Ecosystem::kRpm, Release::kWhole},
    DistributionRow{"azurelinux", "Azure Linux", Ecosystem::kRpm, Release::kMajor},
    DistributionRow{"mariner", "Azure Linux", Ecosystem::kRpm, Release::kMajor},
    DistributionRow{"arch", "Arch Linux", Ecosystem::kArch, Release::kNone},
};

// OSV's names for what packages call otherwise.
struct NameRow {
  std::string_view osv;
  Ecosystem ecosystem;
};
constexpr std::array kOtherNames = {
    NameRow{"BellSoft Hardened Containers", Ecosystem::kAlpine},
    NameRow{"Echo", Ecosystem::kDebian},
    NameRow{"GitHub Actions", Ecosystem::kNone},
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return out;
}

// PEP 503: runs of -, _ and . are one '-'.
std::string pypi_name(std::string_view name) {
  std::string out;
  for (const char c : lower(name)) {
    const bool separates = c == '-' || c == '_' || c == '.';
    if (separates && out.ends_with('-')) continue;
    out += separates ? '-' : c;
  }
  return out;
}

const DistributionRow* distribution_of(std::string_view id) {
  const auto* const row = std::ranges::find(kDistributions, id, &DistributionRow::id);
  return row == kDistributions.end() ? nullptr : row;
}

// "3.20.1" cut behind its `parts`th number.
std::string_view first_parts(std::string_view version, int parts) {
  for (std::size_t at = 0; at < version.size(); ++at) {
    if (version[at] == '.' && --parts == 0) return version.substr(0, at);
  }
  return version;
}

// SUSE files the packages of release 15 by the module that ships them, which os-release does not
// tell, and those past their general support under "-LTSS". Release 16 has no service packs.
void add_sles(const std::string& name, std::string_view version, std::vector<std::string>& names) {
  constexpr std::string_view kModules[] = {"Basesystem", "Server Applications", "Development Tools",
                                           "Python 3",   "Web and Scripting",   "Containers",
                                           "Legacy",     "Public Cloud"};
  const std::string_view major = first_parts(version, 1);
  const bool has_service_packs = major == "12" || major == "15";
  std::string release(has_service_packs ? major : version);
  // "15.4" is "15 SP4".
  if (has_service_packs && major.size() < version.size())
    release += " SP" + std::string(version.substr(major.size() + 1));
  const std::string server = name + "Linux Enterprise Server ";
  names.push_back(server + release);
  if (!has_service_packs) return;
  names.push_back(server + release + "-LTSS");
  names.push_back(name + "Linux Enterprise Server for SAP Applications " + release);
  if (major != "15") return;
  for (const std::string_view module : kModules)
    names.push_back(fmt::format("{}Linux Enterprise Module for {} {}", name, module, release));
}

// "10.2", "10.1", "10.0": what an earlier minor release was advised of and a later one did not
// build again stands under the earlier alone.
void add_minor_releases(const std::string& name, std::string_view version,
                        std::vector<std::string>& names) {
  constexpr unsigned kMinorMax = 20;
  const std::string_view major = first_parts(version, 1);
  names.push_back(name + std::string(version));
  if (major.size() == version.size()) return;
  const std::string_view written = version.substr(major.size() + 1);
  unsigned minor = 0;
  const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), minor);
  if (error != std::errc() || end != written.data() + written.size() || minor > kMinorMax) return;
  while (minor-- > 0) names.push_back(fmt::format("{}{}.{}", name, major, minor));
}

// By the CPE names of the repositories: of variants up to 7, and without them from 10 on, where the
// minor release is named instead.
void add_rhel(const std::string& name, std::string_view version, std::vector<std::string>& names) {
  constexpr std::string_view kRepositories[] = {"baseos", "appstream", "crb"};
  constexpr std::string_view kVariants[] = {"server", "client", "workstation", "computenode"};
  const std::string_view major = first_parts(version, 1);
  if (major.size() > 1) {
    add_minor_releases(name + "enterprise_linux:", version, names);
    return;
  }
  const std::string release = name + "enterprise_linux:" + std::string(major) + "::";
  for (const std::string_view part :
       major <= "7" ? std::span<const std::string_view>(kVariants) : std::span(kRepositories))
    names.push_back(release + std::string(part));
}

void add_releases(const DistributionRow& row, std::string_view version,
                  std::vector<std::string>& names) {
  const std::string name = std::string(row.osv) + ':';
  switch (row.release) {
    case Release::kNone:
      break;
    case Release::kWhole:
      names.push_back(name + std::string(version));
      break;
    case Release::kMajor:
      names.push_back(name + std::string(first_parts(version, 1)));
      break;
    case Release::kAlpine:
      names.push_back(name + 'v' + std::string(first_parts(version, 2)));
      break;
    case Release::kUbuntu:
      // Which of both a release is, its advisories say themselves.
      names.push_back(name + std::string(version) + ":LTS");
      names.push_back(name + std::string(version));
      break;
    case Release::kLeap:
      names.push_back(name + "Leap " + std::string(version));
      break;
    case Release::kSles:
      add_sles(name, version, names);
      break;
    case Release::kRhel:
      add_rhel(name, version, names);
      break;
  }
  names.emplace_back(row.osv);
}

// Most advisories name what packages were built from. Wolfi and its like name each package that is
// installed (so has OSV's schema it), as do Red Hat, those who rebuild it, and Photon OS.
bool is_advised_by_source(const Package& package) {
  const auto is_one_of = [&](std::initializer_list<std::string_view> ids) {
    return std::ranges::any_of(
        ids, [&](std::string_view id) { return package.distribution.starts_with(id); });
  };
  switch (package.ecosystem) {
    case Ecosystem::kDebian:
      return true;
    case Ecosystem::kAlpine:
      return !is_one_of({"wolfi", "chainguard", "minimos"});
    case Ecosystem::kRpm:
      return is_one_of({"opensuse", "sles", "mageia", "openeuler"});
    default:
      return false;
  }
}

}  // namespace

Ecosystem ecosystem_of(std::string_view osv) {
  // "Root:Debian:12", "Root:PyPI": patched builds, named behind whose they are.
  constexpr std::string_view kRoot = "Root:";
  if (osv.starts_with(kRoot)) osv.remove_prefix(kRoot.size());
  const std::string_view name = osv.substr(0, osv.find(':'));
  for (const DistributionRow& row : kDistributions) {
    if (row.osv.substr(0, row.osv.find(':')) == name) return row.ecosystem;
  }
  for (const NameRow& row : kOtherNames) {
    if (row.osv == name) return row.ecosystem;
  }
  for (std::size_t i = 1; i < formats::packages::kEcosystemNames.size(); ++i) {
    if (formats::packages::kEcosystemNames[i].osv == name) return static_cast<Ecosystem>(i);
  }
  return Ecosystem::kNone;
}

bool is_distribution(std::string_view osv) {
  switch (ecosystem_of(osv)) {
    case Ecosystem::kAlpine:
    case Ecosystem::kArch:
    case Ecosystem::kDebian:
    case Ecosystem::kPortage:
    case Ecosystem::kRpm:
      return true;
    default:
      return false;
  }
}

std::string comparable_name(Ecosystem ecosystem, std::string_view name) {
  switch (ecosystem) {
    case Ecosystem::kPypi:
      return pypi_name(name);
    case Ecosystem::kNuget:
    case Ecosystem::kPackagist:
    case Ecosystem::kHex:
      return lower(name);
    case Ecosystem::kSwift: {
      std::string out = lower(name);
      if (out.starts_with("https://")) out.erase(0, 8);
      if (out.ends_with(".git")) out.erase(out.size() - 4);
      return out;
    }
    default:
      return std::string(name);
  }
}

std::vector<std::string> osv_ecosystems_of(const Package& package) {
  std::vector<std::string> names;
  if (!package.distribution.empty()) {
    // "opensuse-leap-15.5": the release is behind the last '-'.
    const std::string_view text = package.distribution;
    const std::size_t dash = std::min(text.rfind('-'), text.size());
    const std::string_view version = text.substr(std::min(dash + 1, text.size()));
    if (const DistributionRow* row = distribution_of(text)) {
      names.emplace_back(row->osv);
    } else if (const DistributionRow* named = distribution_of(text.substr(0, dash))) {
      add_releases(*named, version, names);
    }
    return names;
  }
  const std::string_view osv = names_of(package.ecosystem).osv;
  if (!osv.empty()) names.emplace_back(osv);
  return names;
}

std::string_view advised_name(const Package& package) {
  return is_advised_by_source(package) && !package.source_name.empty() ? package.source_name
                                                                       : package.name;
}

std::string_view advised_version(const Package& package) {
  return is_advised_by_source(package) && !package.source_version.empty() ? package.source_version
                                                                          : package.version;
}

}  // namespace vedette::vulnerabilities
