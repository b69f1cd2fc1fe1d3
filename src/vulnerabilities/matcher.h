// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "formats/packages/package.h"
#include "vulnerabilities/database.h"
#include "vulnerabilities/rating.h"

namespace vedette::vulnerabilities {

// One vulnerability in one package.
struct Hit {
  std::uint32_t vulnerability = 0;
  std::vector<std::uint32_t> advisories;  // that say so, sorted
  std::string fixed;                      // the smallest version without it; empty: none is known
  Rating rating;
  // Packages of Go that are called into and what of them, by all advisories that tell it.
  std::vector<formats::advisories::Import> imports;
};

struct PackageAnswer {
  std::vector<Hit> hits;  // sorted by vulnerability
  // The smallest later version that has none of the hits, and if there is one no other known
  // vulnerability either; where none is free of all, the one that is free of most. Empty: no hit
  // has a fix.
  std::string upgrade;
  std::uint32_t upgrade_fixes = 0;  // hits that it does not have
  // Advisories of the package that tell commits and no versions, and so were not asked.
  std::uint32_t git_only = 0;
};

// What is asked about: a package as advisories name it.
struct Subject {
  formats::packages::Ecosystem ecosystem =
      formats::packages::Ecosystem::kNone;  // whose order holds
  std::vector<std::string> osv;  // OSV's names of the ecosystems to look under, the nearest first
  std::string name;              // as comparable_name() makes it
  std::string version;
};
Subject subject_of(const formats::packages::Package& package);

// What of a database meets packages. One thread; answers are remembered by package and version.
class Matcher {
 public:
  // The database outlives it.
  explicit Matcher(const Database& database) : database_(database) {}

  // Whether a package can be asked about: it has a version, of an ecosystem that has advisories,
  // and is not the project itself.
  enum class Asked : std::uint8_t { kYes, kNoVersion, kNoEcosystem, kRoot };
  static Asked asked(const formats::packages::Package& package);

  // An Error says that the database is damaged. A package that is not asked about has no hits.
  Result<const PackageAnswer*> match(const formats::packages::Package& package);
  // The same for any subject; nothing is remembered.
  Result<PackageAnswer> answer(const Subject& subject) const;

 private:
  struct Statement;
  Result<std::vector<Statement>> statements(const Subject& subject) const;
  static void leave_nearest(std::vector<Statement>& statements);
  Result<Rating> rating_of(const Statement& statement) const;

  const Database& database_;
  std::unordered_map<std::string, PackageAnswer> answers_;
};

// Which packages of a list were put there by a distribution's package that owns their file: its
// advisories know what was fixed in its build, upstream's do not. Those are not to be asked about.
std::vector<bool> spoken_for_by_distribution(std::span<const formats::packages::Package> packages);

}  // namespace vedette::vulnerabilities
