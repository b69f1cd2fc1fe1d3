// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "formats/packages/owned_path.h"

// What is installed, or asked for: the one shape that lock files, databases of distributions and
// metadata inside of images are read into. Field names as in Package URL and OSV.
namespace vedette::formats::packages {

struct PomModel;  // jvm/pom_model.h

// Where names and versions have their meaning. Names as OSV writes them ("Debian:12" has its
// release in Package::distribution); kinds that OSV does not know have names of their own.
enum class Ecosystem : std::uint8_t {
  kNone,  // found, but of no ecosystem: a plain binary
  kAlpine,
  kArch,
  kBitnami,
  kCargo,
  kConan,
  kConda,
  kCran,
  kDebian,
  kGem,
  kGo,
  kHackage,
  kHex,
  kJulia,
  kMaven,
  kNpm,
  kNuget,
  kPackagist,
  kPortage,
  kPub,
  kPypi,
  kRpm,  // Red Hat and its relatives, SUSE, …: by Package::distribution
  kSwift,
  kCocoapods,
  kOpam,
  kVcpkg,
};

struct EcosystemNames {
  std::string_view osv;   // "crates.io"; empty: OSV has none
  std::string_view purl;  // "cargo"
};
// By Ecosystem.
inline constexpr std::array<EcosystemNames, 26> kEcosystemNames = {{
    {"", "generic"},        {"Alpine", "apk"},
    {"Arch Linux", "alpm"}, {"Bitnami", "bitnami"},
    {"crates.io", "cargo"}, {"ConanCenter", "conan"},
    {"", "conda"},          {"CRAN", "cran"},
    {"Debian", "deb"},      {"RubyGems", "gem"},
    {"Go", "golang"},       {"Hackage", "hackage"},
    {"Hex", "hex"},         {"Julia", "julia"},
    {"Maven", "maven"},     {"npm", "npm"},
    {"NuGet", "nuget"},     {"Packagist", "composer"},
    {"", "ebuild"},         {"Pub", "pub"},
    {"PyPI", "pypi"},       {"", "rpm"},
    {"SwiftURL", "swift"},  {"", "cocoapods"},
    {"opam", "opam"},       {"vcpkg", "vcpkg"},
}};
constexpr const EcosystemNames& names_of(Ecosystem ecosystem) {
  return kEcosystemNames[static_cast<std::size_t>(ecosystem)];
}

// kRoot: the project itself or a member of its workspace, which no registry knows: where paths of
// dependencies begin; not asked of advisories.
enum class Relation : std::uint8_t { kUnknown, kDirect, kTransitive, kRoot };
enum class Scope : std::uint8_t { kProduction, kDevelopment, kOptional };

struct Package {
  Ecosystem ecosystem = Ecosystem::kNone;
  std::string name;     // as the ecosystem compares it: PyPI's in lower case with '-', Maven's
                        // "group:artifact"
  std::string version;  // as written; epoch and release included where the ecosystem has them;
                        // empty where the file does not settle on one
  // The range that was asked for, as written (">=2,<3"), where the file states one; several joined
  // by ", ".
  std::string requested;
  // What it was built from, where a distribution's advisories speak of that; empty: the same.
  std::string source_name;
  std::string source_version;
  std::string architecture;
  std::string distribution;  // "debian-12", of os-release's ID and VERSION_ID; empty for languages
  std::vector<std::string> licenses;  // as written; expressions are normalised above
  Relation relation = Relation::kUnknown;
  Scope scope = Scope::kProduction;
  std::string path;  // the file that names it, with the archive it lies in: "app.jar/lib/b.jar"
  std::uint32_t line = 0;  // in that file, from 1; 0: the file as a whole
  // Where it was taken from, when that says more than the ecosystem does. No address in a package
  // holds a name or password.
  std::string resolved;
  std::string checksum;  // as written, with its algorithm: "sha512-…"
  // Indices of what it needs, into PackageList::packages.
  std::vector<std::uint32_t> needs;
  // Of packages in an image: the digest of the layer that brought it.
  std::string layer;
  // Files that belong to it, each as path_key() of its path (owned_path.h); of distributions only.
  std::vector<std::uint64_t> files;
  // The same by name, sorted, where that was asked: of an image, those that are there.
  std::vector<OwnedFile> owned_files;
  // What it was recognised by, where no text names it: "41 of 43 classes".
  std::string evidence;
};

// What one file, or one database, says. Entries that could not be read are problems; the others
// stand.
struct PackageList {
  std::vector<Package> packages;
  std::vector<Diagnostic> problems;
  // Whether the file names everything that is needed, and not only what is asked for directly.
  bool complete = true;
  // Whether Package::scope is what the file says; else it is a guess that a manifest may better.
  bool scopes_known = false;
  // Of programs of Go: what they have of functions and whether that is all; see GoFunctions.
  std::vector<std::uint32_t> symbols;
  bool symbols_complete = false;
  // Of a pom.xml: what others complete.
  std::shared_ptr<const PomModel> pom;
};

}  // namespace vedette::formats::packages
