// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/packages/package.h"

// OSV's names of ecosystems ("Debian:12") against those of packages.
namespace vedette::vulnerabilities {

// Whose order of versions holds: "Debian:12" and "Ubuntu:22.04:LTS" are kDebian, "Rocky Linux:9" is
// kRpm. kNone for one that is not known, whose versions are taken as SemVer's.
formats::packages::Ecosystem ecosystem_of(std::string_view osv);

// Whether advisories of it speak of a distribution's own builds.
bool is_distribution(std::string_view osv);

// A package's name as both sides are compared: PyPI's by PEP 503, NuGet's and Packagist's without
// case, Swift's address without "https://" and ".git".
std::string comparable_name(formats::packages::Ecosystem ecosystem, std::string_view name);

// Under which of OSV's ecosystems advisories for a package may stand, the nearest first: of a
// Debian 12 "Debian:12". Empty: under none.
std::vector<std::string> osv_ecosystems_of(const formats::packages::Package& package);

// The name that those advisories use: the source package's for distributions that build several
// from one.
std::string_view advised_name(const formats::packages::Package& package);
std::string_view advised_version(const formats::packages::Package& package);

}  // namespace vedette::vulnerabilities
