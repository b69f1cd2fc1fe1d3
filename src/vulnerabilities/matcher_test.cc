// SPDX-License-Identifier: Apache-2.0
#include "vulnerabilities/matcher.h"

#include <algorithm>

#include "formats/packages/owned_path.h"
#include "vulnerabilities/age.h"
#include "vulnerabilities/ecosystem.h"
#include "vulnerabilities/test_database.h"
#include "vulnerabilities/upgrade_command.h"

namespace vedette::vulnerabilities {
namespace {

using formats::packages::Ecosystem;
using formats::packages::Package;
using formats::packages::Relation;

Package package_of(Ecosystem ecosystem, std::string name, std::string version,
                   std::string distribution = {}) {
  Package package;
  package.ecosystem = ecosystem;
  package.name = std::move(name);
  package.version = std::move(version);
  package.distribution = std::move(distribution);
  return package;
}

// What a database says of one package: "id>fix" for each hit, then the upgrade.
std::string said(const std::vector<std::string>& records, const Package& package) {
  const std::string bytes = build_test_database(records);
  const Result<Database> database = Database::of_bytes(bytes);
  EXPECT_TRUE(database.has_value());
  if (!database) return {};
  Matcher matcher(*database);
  const Result<const PackageAnswer*> answer = matcher.match(package);
  EXPECT_TRUE(answer.has_value());
  if (!answer) return {};
  std::string out;
  for (const Hit& hit : (*answer)->hits)
    out += database->vulnerability(hit.vulnerability)->id + '>' + hit.fixed + ' ';
  return out + (*answer)->upgrade;
}

TEST(Matcher, OneVulnerabilityOfTwoAdvisoriesIsOneHit) {
  const std::vector<std::string> records = {
      test_record("PYSEC-1", "PyPI", "a", R"({"introduced": "0"}, {"fixed": "1.1"})",
                  R"("aliases": ["CVE-2024-1"])"),
      test_record("GHSA-1", "PyPI", "A", R"({"introduced": "0"}, {"fixed": "1.2"})",
                  R"("aliases": ["CVE-2024-1"])")};
  // Free of it is what both call so.
  EXPECT_EQ(said(records, package_of(Ecosystem::kPypi, "a", "1.0")), "CVE-2024-1>1.2 1.2");
  EXPECT_EQ(said(records, package_of(Ecosystem::kPypi, "a", "1.2")), "");
  EXPECT_EQ(said(records, package_of(Ecosystem::kNpm, "a", "1.0")), "");
}

TEST(Matcher, TheSmallestUpgradeThatFixesAll) {
  const std::vector<std::string> records = {
      test_record("A", "npm", "a", R"({"introduced": "0"}, {"fixed": "1.2.0"})"),
      test_record("B", "npm", "a", R"({"introduced": "0"}, {"fixed": "1.5.0"},
                                      {"introduced": "2.0.0"}, {"fixed": "2.1.0"})"),
      // What the upgrade would bring in.
      test_record("C", "npm", "a", R"({"introduced": "1.5.0"}, {"fixed": "1.6.0"})")};
  EXPECT_EQ(said(records, package_of(Ecosystem::kNpm, "a", "1.0.0")), "A>1.2.0 B>1.5.0 1.6.0");
  EXPECT_EQ(said(records, package_of(Ecosystem::kNpm, "a", "1.3.0")), "B>1.5.0 1.6.0");
}

TEST(Matcher, WhereNothingFixesAllTheUpgradeFixesMost) {
  const std::vector<std::string> records = {
      test_record("A", "npm", "a", R"({"introduced": "0"}, {"fixed": "1.2.0"})"),
      test_record("B", "npm", "a", R"({"introduced": "0"})")};
  EXPECT_EQ(said(records, package_of(Ecosystem::kNpm, "a", "1.0.0")), "A>1.2.0 B> 1.2.0");
  EXPECT_EQ(said(records, package_of(Ecosystem::kNpm, "a", "1.2.0")), "B> ");
}

TEST(Matcher, DistributionsAreAskedByRelease) {
  const std::vector<std::string> records = {
      test_record("DSA-1", "Debian:12", "curl",
                  R"({"introduced": "0"}, {"fixed": "7.88.1-10+deb12u5"})",
                  R"("upstream": ["CVE-2024-1", "CVE-2024-2"])"),
      test_record("DSA-2", "Debian:11", "curl", R"({"introduced": "0"})")};
  Package package = package_of(Ecosystem::kDebian, "libcurl4", "7.88.1-10+deb12u4", "debian-12");
  package.source_name = "curl";
  EXPECT_EQ(said(records, package),
            "CVE-2024-1>7.88.1-10+deb12u5 CVE-2024-2>7.88.1-10+deb12u5 7.88.1-10+deb12u5");
  package.version = "7.88.1-10+deb12u5";
  EXPECT_EQ(said(records, package), "");
}

TEST(Matcher, EcosystemsOfDistributions) {
  const auto names = [](std::string distribution) {
    return osv_ecosystems_of(package_of(Ecosystem::kDebian, "a", "1", std::move(distribution)));
  };
  EXPECT_EQ(names("debian-12").front(), "Debian:12");
  EXPECT_EQ(names("ubuntu-22.04").front(), "Ubuntu:22.04:LTS");
  EXPECT_EQ(names("alpine-3.20.1").front(), "Alpine:v3.20");
  EXPECT_EQ(names("rocky-9.3").front(), "Rocky Linux:9");
  EXPECT_EQ(names("opensuse-leap-15.5").front(), "openSUSE:Leap 15.5");
  EXPECT_EQ(names("sles-15.4").front(), "SUSE:Linux Enterprise Server 15 SP4");
  EXPECT_EQ(names("rhel-9.3").front(), "Red Hat:enterprise_linux:9::baseos");
  EXPECT_EQ(names("rhel-7.9").front(), "Red Hat:enterprise_linux:7::server");
  EXPECT_EQ(names("rhel-10.1"),
            (std::vector<std::string>{"Red Hat:enterprise_linux:10.1",
                                      "Red Hat:enterprise_linux:10.0", "Red Hat"}));
  EXPECT_EQ(names("rhel-10.4000000000").size(), 2U);
  EXPECT_EQ(names("wolfi").front(), "Wolfi");
  EXPECT_TRUE(names("gentoo-2").empty());
  EXPECT_EQ(ecosystem_of("Ubuntu:Pro:22.04:LTS"), Ecosystem::kDebian);
  EXPECT_EQ(ecosystem_of("crates.io"), Ecosystem::kCargo);
  EXPECT_EQ(ecosystem_of("Root:Alpine:3.18"), Ecosystem::kAlpine);
  EXPECT_EQ(ecosystem_of("Root:PyPI"), Ecosystem::kPypi);
  EXPECT_EQ(ecosystem_of("Echo"), Ecosystem::kDebian);
}

TEST(Matcher, EcosystemsOfSuse) {
  const auto has = [](std::string distribution, std::string_view name) {
    const std::vector<std::string> names =
        osv_ecosystems_of(package_of(Ecosystem::kRpm, "a", "1", std::move(distribution)));
    return std::ranges::find(names, name) != names.end();
  };
  EXPECT_TRUE(has("sles-15.7", "SUSE:Linux Enterprise Module for Basesystem 15 SP7"));
  EXPECT_FALSE(has("sles-15.7", "SUSE:Linux Enterprise Module for Basesystem 15 SP6"));
  EXPECT_TRUE(has("sles-15.4", "SUSE:Linux Enterprise Server 15 SP4-LTSS"));
  EXPECT_TRUE(has("sles-12.5", "SUSE:Linux Enterprise Server 12 SP5"));
  EXPECT_FALSE(has("sles-12.5", "SUSE:Linux Enterprise Module for Basesystem 12 SP5"));
  EXPECT_TRUE(has("sles-16.0", "SUSE:Linux Enterprise Server 16.0"));
  EXPECT_TRUE(has("sles_sap-15.4", "SUSE:Linux Enterprise Server for SAP Applications 15 SP4"));
  EXPECT_TRUE(has("opensuse-tumbleweed-20240801", "openSUSE:Tumbleweed"));
  EXPECT_TRUE(has("mariner-2.0", "Azure Linux:2"));
}

TEST(Matcher, NamesOfSourcesWhereAdvisoriesGoByThem) {
  for (const auto& [distribution, name] : std::vector<std::pair<std::string, std::string>>{
           {"opensuse-leap-15.5", "curl"}, {"sles-15.4", "curl"}, {"rocky-9.3", "libcurl"}}) {
    Package package = package_of(Ecosystem::kRpm, "libcurl", "8.0", distribution);
    package.source_name = "curl";
    EXPECT_EQ(advised_name(package), name) << distribution;
  }
  for (const auto& [distribution, name] : std::vector<std::pair<std::string, std::string>>{
           {"alpine-3.20.1", "util-linux"}, {"wolfi-20230201", "flock"}, {"minimos", "flock"}}) {
    Package package = package_of(Ecosystem::kAlpine, "flock", "2.40", distribution);
    package.source_name = "util-linux";
    EXPECT_EQ(advised_name(package), name) << distribution;
  }
}

TEST(Matcher, WhatIsNotAskedAbout) {
  Package package = package_of(Ecosystem::kGo, "a", "(devel)");
  EXPECT_EQ(Matcher::asked(package), Matcher::Asked::kNoVersion);
  package.version = "v1.0.0";
  EXPECT_EQ(Matcher::asked(package), Matcher::Asked::kYes);
  package.relation = Relation::kRoot;
  EXPECT_EQ(Matcher::asked(package), Matcher::Asked::kRoot);
  EXPECT_EQ(Matcher::asked(package_of(Ecosystem::kConda, "a", "1")), Matcher::Asked::kNoEcosystem);
}

TEST(Matcher, CommitsAreCountedAndNotEvaluated) {
  const std::string bytes = build_test_database(
      {R"({"id": "A", "affected": [{"package": {"ecosystem": "PyPI", "name": "a"},
           "ranges": [{"type": "GIT", "repo": "https://example.org/a",
                       "events": [{"introduced": "0"}]}]}]})"});
  const Result<Database> database = Database::of_bytes(bytes);
  ASSERT_TRUE(database.has_value());
  EXPECT_EQ(database->summary().git_only, 1U);
  Matcher matcher(*database);
  const auto answer = matcher.match(package_of(Ecosystem::kPypi, "a", "1.0"));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ((*answer)->git_only, 1U);
  EXPECT_TRUE((*answer)->hits.empty());
}

TEST(Matcher, FilesOfADistributionAreItsOwnMatter) {
  Package owner = package_of(Ecosystem::kDebian, "python3-requests", "2.28-1", "debian-12");
  owner.files = {formats::packages::path_key(
      "/usr/lib/python3/dist-packages/requests-2.28.dist-info/METADATA")};
  Package inside = package_of(Ecosystem::kPypi, "requests", "2.28");
  inside.path = "usr/lib/python3/dist-packages/requests-2.28.dist-info/METADATA";
  Package beside = inside;
  beside.path = "opt/app/requests-2.28.dist-info/METADATA";
  EXPECT_EQ(spoken_for_by_distribution(std::vector{owner, inside, beside}),
            (std::vector{false, true, false}));
}

TEST(Rating, TheNewestVersionCounts) {
  const Rating rating =
      rate({{SeverityType::kCvss2, "AV:N/AC:L/Au:N/C:C/I:C/A:C"},
            {SeverityType::kOther, "LOW"},
            {SeverityType::kCvss3, "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N"},
            {SeverityType::kCvss3, "nonsense"}});
  EXPECT_DOUBLE_EQ(rating.score, 3.1);
  EXPECT_EQ(rating.level, event::Level::kLow);
  EXPECT_EQ(rate({{SeverityType::kOther, "Important"}}).level, event::Level::kHigh);
  EXPECT_FALSE(rate({}).is_known);
  EXPECT_EQ(rate({}).level, event::Level::kMedium);
}

TEST(UpgradeCommand, NamesTheToolOfTheFile) {
  Package package = package_of(Ecosystem::kNpm, "@a/b", "1.0.0");
  EXPECT_EQ(upgrade_command(package, "npm package-lock.json", "1.2.0"), "npm install @a/b@1.2.0");
  EXPECT_EQ(upgrade_command(package, "Yarn yarn.lock", "1.2.0"), "yarn add @a/b@1.2.0");
  package.relation = Relation::kTransitive;
  EXPECT_EQ(upgrade_command(package, "npm package-lock.json", "1.2.0"), "npm update @a/b");
  EXPECT_EQ(upgrade_command(package_of(Ecosystem::kGo, "example.org/a", "v1.0.0"), "", "1.2.0"),
            "go get example.org/a@v1.2.0");
  EXPECT_EQ(upgrade_command(package_of(Ecosystem::kGo, "stdlib", "1.20"), "", "1.20.1"),
            "go get go@1.20.1");
  EXPECT_EQ(upgrade_command(package_of(Ecosystem::kCargo, "a", "1.0.0"), "", "1.2.0"),
            "cargo update -p a --precise 1.2.0");
  // Nothing of a file gets into a shell.
  EXPECT_EQ(upgrade_command(package_of(Ecosystem::kNpm, "a;rm -rf", "1"), "", "1.2.0"), "");
  EXPECT_EQ(upgrade_command(package_of(Ecosystem::kNpm, "--help", "1"), "", "1.2.0"), "");
  EXPECT_EQ(upgrade_command(package_of(Ecosystem::kNpm, "a", "1"), "", "$(id)"), "");
}

TEST(Age, SaysWhatIsOldAndWhatHasEnded) {
  const TimeNs now = *parse_time("2026-01-10T00:00:00Z");
  DatabaseSummary summary;
  EXPECT_FALSE(staleness(summary, now).empty());
  summary.date = "2026-01-04T00:00:00Z";
  EXPECT_EQ(age_days(summary, now), 6);
  EXPECT_TRUE(staleness(summary, now).empty());
  summary.date = "2026-01-02T00:00:00Z";
  EXPECT_NE(staleness(summary, now).find("8 days"), std::string::npos);
  summary.lifecycles = {{"alpine", "3.2", "2017-05-01", false},
                        {"alpine", "3.20", "2026-04-01", false},
                        {"debian", "10", "2024-06-30", false},
                        {"centos", "6", "", true}};
  EXPECT_NE(end_of_life(summary, "debian-10", now).find("since 2024-06-30"), std::string::npos);
  EXPECT_FALSE(end_of_life(summary, "centos-6.9", now).empty());
  for (const std::string_view current : {"alpine-3.20.1", "debian-12", "wolfi", ""})
    EXPECT_TRUE(end_of_life(summary, current, now).empty()) << current;
}

}  // namespace
}  // namespace vedette::vulnerabilities
