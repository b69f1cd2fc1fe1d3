// SPDX-License-Identifier: Apache-2.0
#include "scan/vulnerabilities/vex_statements.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "formats/packages/purl.h"
#include "formats/packages/purl_reader.h"
#include "scan/vulnerabilities/product_match.h"

namespace vedette::scan::vulnerabilities {
namespace {

using event::VexStatus;
using formats::packages::Package;
using formats::packages::PackageFile;
using formats::packages::Relation;

Package package(std::string_view purl) { return formats::packages::package_of_purl(purl).value(); }

event::Finding finding_of(const Package& in, std::vector<std::string> names) {
  event::Finding finding;
  finding.kind = event::FindingClass::kVulnerability;
  finding.vulnerability.emplace();
  finding.vulnerability->purl = formats::packages::purl_of(in);
  finding.vulnerability->names = std::move(names);
  return finding;
}

formats::vex::VexDocument openvex(std::string_view statements) {
  const std::string text = fmt::format(
      R"({{"@context":"https://openvex.dev/ns/v0.2.0","author":"Ada","timestamp":"2024-01-01T00:00:00Z",
          "statements":[{}]}})",
      statements);
  return formats::vex::read_vex("vex.json", text, {}).value();
}

std::string statement(std::string_view products, std::string_view status,
                      std::string_view time = "2024-01-01T00:00:00Z") {
  return fmt::format(
      R"({{"vulnerability":{{"name":"CVE-1"}},"products":[{}],"status":"{}",
          "impact_statement":"i","action_statement":"a","timestamp":"{}"}})",
      products, status, time);
}

// "" or the status that holds.
std::string status_of(std::string_view statements, const std::vector<PackageFile>& files,
                      const Package& in, const ScannedProduct& scanned = {}) {
  VexStatements all;
  all.add("vex.json", openvex(statements));
  std::vector<event::Finding> findings = {finding_of(in, {"CVE-1", "GHSA-1"})};
  all.apply(files, scanned, findings);
  const auto& holds = findings[0].vulnerability->statement;
  return holds ? std::string(event::to_string(holds->status)) : "";
}

PackageFile file_of(std::vector<Package> packages) {
  PackageFile file;
  file.path = "list";
  file.list.packages = std::move(packages);
  return file;
}

TEST(VexStatements, ProductIsThePackage) {
  struct Case {
    std::string_view product;
    std::string_view found;
    bool holds;
  };
  for (const auto& [product, found, holds] : {
           Case{"pkg:npm/a@1.0.0", "pkg:npm/a@1.0.0", true},
           {"pkg:npm/a", "pkg:npm/a@1.0.0", true},
           {"pkg:npm/a@1.0.1", "pkg:npm/a@1.0.0", false},
           {"pkg:npm/b", "pkg:npm/a@1.0.0", false},
           {"pkg:pypi/a", "pkg:npm/a@1.0.0", false},
           {"pkg:npm/%40s/a", "pkg:npm/%40s/a@1.0.0", true},
           {"pkg:npm/a", "pkg:npm/%40s/a@1.0.0", false},
           {"pkg:pypi/Some_Name", "pkg:pypi/some-name@1.0", true},
           {"pkg:pypi/x@1.0.0", "pkg:pypi/x@1.0", true},
           {"pkg:deb/debian/curl", "pkg:deb/debian/curl@7?arch=amd64&distro=debian-12", true},
           {"pkg:deb/ubuntu/curl", "pkg:deb/debian/curl@7?arch=amd64&distro=debian-12", false},
           {"pkg:deb/debian/curl?distro=debian-12.5",
            "pkg:deb/debian/curl@7?arch=amd64&distro=debian-12", true},
           {"pkg:deb/debian/curl?distro=debian-1", "pkg:deb/debian/curl@7?distro=debian-12", false},
           {"pkg:deb/debian/curl?arch=arm64", "pkg:deb/debian/curl@7?arch=amd64&distro=debian-12",
            false},
           {"pkg:deb/debian/source-of-curl",
            "pkg:deb/debian/curl@7?arch=amd64&distro=debian-12&upstream=source-of-curl", true},
           {"pkg:deb/debian/source-of-curl@6?arch=source",
            "pkg:deb/debian/curl@7?arch=amd64&distro=debian-12&upstream=source-of-curl", false},
           {"pkg:rpm/redhat/lib@2-1?epoch=1", "pkg:rpm/rhel/lib@2-1?distro=rhel-9&epoch=1", true},
           {"pkg:rpm/redhat/lib@2-1", "pkg:rpm/rhel/lib@2-2?distro=rhel-9", false},
       }) {
    const Package in = package(found);
    const std::string product_text = fmt::format(R"({{"@id":"{}"}})", product);
    EXPECT_EQ(status_of(statement(product_text, "not_affected"), {file_of({in})}, in),
              holds ? "not_affected" : "")
        << product << " of " << found;
  }
}

TEST(VexStatements, TheNewestHolds) {
  const Package in = package("pkg:npm/a@1.0.0");
  const std::string product = R"({"@id":"pkg:npm/a"})";
  const std::vector<PackageFile> files = {file_of({in})};
  const auto newer = statement(product, "affected", "2024-03-01T00:00:00Z");
  const auto older = statement(product, "not_affected", "2024-02-01T00:00:00Z");
  EXPECT_EQ(status_of(newer + "," + older, files, in), "affected");
  EXPECT_EQ(status_of(older + "," + newer, files, in), "affected");
  const auto same = statement(product, "fixed", "2024-03-01T00:00:00Z");
  EXPECT_EQ(status_of(newer + "," + same, files, in), "fixed");
  EXPECT_EQ(status_of(same + "," + newer, files, in), "affected");
}

TEST(VexStatements, PartsOfWhatWasScanned) {
  const Package in = package("pkg:deb/debian/curl@7?distro=debian-12");
  const std::vector<PackageFile> files = {file_of({in})};
  const ScannedProduct image = {
      {"pkg:oci/shop@sha256%3Aaa?repository_url=registry.example/team/shop&tag=1"},
      {"sha256:bb"},
      {}};
  const auto with = [&](std::string_view product, std::string_view part) {
    const std::string parts =
        part.empty() ? "" : fmt::format(R"(,"subcomponents":[{{"@id":"{}"}}])", part);
    return status_of(statement(fmt::format(R"({{"@id":"{}"{}}})", product, parts), "not_affected"),
                     files, in, image);
  };
  EXPECT_EQ(with("pkg:oci/shop@sha256%3Aaa", "pkg:deb/debian/curl"), "not_affected");
  EXPECT_EQ(with("pkg:oci/shop", "pkg:deb/debian/curl@7"), "not_affected");
  EXPECT_EQ(with("pkg:oci/shop", ""), "not_affected");
  EXPECT_EQ(with("pkg:oci/shop?repository_url=registry.example/team", ""), "not_affected");
  EXPECT_EQ(with("pkg:oci/shop?repository_url=registry.example/team/shop&tag=1", ""),
            "not_affected");
  EXPECT_EQ(with("pkg:oci/shop?repository_url=other.example/team", ""), "");
  EXPECT_EQ(with("pkg:oci/shop?tag=2", ""), "");
  EXPECT_EQ(with("pkg:oci/shop@sha256%3Abb", "pkg:deb/debian/curl"), "");
  EXPECT_EQ(with("pkg:oci/other", "pkg:deb/debian/curl"), "");
  EXPECT_EQ(with("pkg:oci/shop", "pkg:deb/debian/wget"), "");
  EXPECT_EQ(
      status_of(statement(R"({"@id":"x","hashes":{"sha-256":"BB"}})", "fixed"), files, in, image),
      "fixed");
}

TEST(VexStatements, PartsOfPackagesThatNeedThem) {
  Package app = package("pkg:npm/app@1.0.0");
  app.relation = Relation::kRoot;
  app.needs = {1};
  Package middle = package("pkg:npm/middle@1.0.0");
  middle.needs = {2};
  const Package leaf = package("pkg:npm/leaf@1.0.0");
  const Package other = package("pkg:npm/other@1.0.0");
  const auto about = [&](std::string_view product) {
    return statement(
        fmt::format(R"({{"@id":"{}","subcomponents":[{{"@id":"pkg:npm/leaf"}}]}})", product),
        "not_affected");
  };
  const std::vector<PackageFile> files = {file_of({app, middle, leaf, other})};
  EXPECT_EQ(status_of(about("pkg:npm/app"), files, leaf), "not_affected");
  EXPECT_EQ(status_of(about("pkg:npm/middle"), files, leaf), "not_affected");
  EXPECT_EQ(status_of(about("pkg:npm/other"), files, leaf), "");
  // It also stands where the product does not need it.
  const std::vector<PackageFile> two = {files[0], file_of({leaf})};
  EXPECT_EQ(status_of(about("pkg:npm/middle"), two, leaf), "");
}

TEST(VexStatements, CountsAndSays) {
  VexStatements all;
  all.add("a.json", openvex(statement(R"({"@id":"pkg:npm/a"})", "not_affected") + "," +
                            statement(R"({"@id":"pkg:npm/gone"})", "fixed")));
  const Package in = package("pkg:npm/a@1.0.0");
  std::vector<event::Finding> findings = {finding_of(in, {"GHSA-1", "cve-1"}),
                                          finding_of(in, {"CVE-2"})};
  const VexCounts counts = all.apply({file_of({in})}, {}, findings);
  EXPECT_EQ(counts.statements, 2U);
  EXPECT_EQ(counts.unused, 1U);
  EXPECT_EQ(counts.suppressed, 1U);
  EXPECT_TRUE(event::is_suppressed(findings[0]));
  EXPECT_FALSE(event::is_suppressed(findings[1]));
  ASSERT_FALSE(findings[0].evidence.empty());
  EXPECT_EQ(findings[0].evidence.back().text, "Ada says not_affected (i) (VEX, a.json)");
}

TEST(ProductMatch, CpeOfASystem) {
  EXPECT_TRUE(cpe_is_of("cpe:/o:redhat:enterprise_linux:9", "rhel-9"));
  EXPECT_TRUE(cpe_is_of("cpe:/a:redhat:enterprise_linux:9::appstream", "rhel-9.2"));
  EXPECT_TRUE(cpe_is_of("cpe:2.3:o:debian:debian_linux:12:*:*:*:*:*:*:*", "debian-12"));
  EXPECT_FALSE(cpe_is_of("cpe:/o:redhat:enterprise_linux:8", "rhel-9"));
  EXPECT_FALSE(cpe_is_of("cpe:/o:redhat:enterprise_linux:1", "rhel-10"));
  EXPECT_FALSE(cpe_is_of("cpe:/a:redhat:openshift:4", "rhel-9"));
  EXPECT_FALSE(cpe_is_of("", "rhel-9"));
}

}  // namespace
}  // namespace vedette::scan::vulnerabilities
