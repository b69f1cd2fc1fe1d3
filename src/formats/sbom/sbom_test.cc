// SPDX-License-Identifier: Apache-2.0
#include "formats/sbom/sbom.h"

#include <gtest/gtest.h>

#include "formats/packages/purl.h"
#include "formats/packages/purl_reader.h"

namespace vedette::formats::sbom {
namespace {

using packages::Ecosystem;
using packages::Package;
using packages::Relation;
using packages::Scope;

const Package* named(const Sbom& sbom, std::string_view name) {
  for (const Package& package : sbom.list.packages) {
    if (package.name == name) return &package;
  }
  return nullptr;
}

TEST(PurlReader, ReadsWhatItSays) {
  const Package deb = packages::package_of_purl(
                          "pkg:deb/debian/curl@7.88.1-10%2Bdeb12u5?arch=amd64&distro=debian-12&"
                          "upstream=curl-src%407.88.1")
                          .value();
  EXPECT_EQ(deb.ecosystem, Ecosystem::kDebian);
  EXPECT_EQ(deb.name, "curl");
  EXPECT_EQ(deb.version, "7.88.1-10+deb12u5");
  EXPECT_EQ(deb.architecture, "amd64");
  EXPECT_EQ(deb.distribution, "debian-12");
  EXPECT_EQ(deb.source_name, "curl-src");
  EXPECT_EQ(deb.source_version, "7.88.1");
  const Package rpm =
      packages::package_of_purl("pkg:rpm/fedora/openssl-libs@3.0.7-1?epoch=1&distro=38").value();
  EXPECT_EQ(rpm.version, "1:3.0.7-1");
  EXPECT_EQ(rpm.distribution, "fedora-38");
  EXPECT_EQ(packages::package_of_purl("pkg:npm/%40scope/name@1.0.0")->name, "@scope/name");
  EXPECT_EQ(packages::package_of_purl("pkg:maven/org.x/y@1")->name, "org.x:y");
  EXPECT_EQ(packages::package_of_purl("pkg:PyPI/Some_Name@1")->name, "some-name");
  EXPECT_EQ(packages::package_of_purl("pkg:golang/github.com/a/b@v1.2#sub")->name,
            "github.com/a/b");
  EXPECT_EQ(packages::package_of_purl("pkg:weird/x@1")->ecosystem, Ecosystem::kNone);
  for (const std::string_view text : {"", "npm/x", "pkg:npm", "pkg:npm/", "pkg:/x"})
    EXPECT_FALSE(packages::package_of_purl(text) &&
                 packages::package_of_purl(text)->ecosystem != Ecosystem::kNone)
        << text;
}

TEST(PurlReader, GivesBackWhatWasWritten) {
  Package package;
  for (const auto& [ecosystem, name, version] :
       {std::tuple{Ecosystem::kNpm, "@a/b", "1.0.0-rc.1+x"},
        {Ecosystem::kMaven, "g.h:a", "2"},
        {Ecosystem::kGo, "example.org/x/y", "v1.0.0"},
        {Ecosystem::kPypi, "a-b", "1!2.0"},
        {Ecosystem::kPackagist, "v/p", "3"},
        {Ecosystem::kSwift, "github.com/a/b", "1"}}) {
    package.ecosystem = ecosystem;
    package.name = name;
    package.version = version;
    const auto again = packages::package_of_purl(packages::purl_of(package));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->ecosystem, ecosystem);
    EXPECT_EQ(again->name, name);
    EXPECT_EQ(again->version, version);
  }
}

TEST(Sbom, CycloneDx) {
  const auto sbom = read_sbom("bom.json", R"({
    "bomFormat": "CycloneDX", "specVersion": "1.4",
    "metadata": {"component": {"bom-ref": "s", "name": "shop"}},
    "components": [
      {"type": "library", "bom-ref": "a", "name": "a", "version": "1", "purl": "pkg:npm/a@1",
       "licenses": [{"license": {"id": "MIT"}}, {"license": {"name": "odd"}}],
       "hashes": [{"alg": "SHA-256", "content": "00ff"}],
       "components": [{"type": "library", "bom-ref": "b", "name": "b", "version": "2",
                       "purl": "pkg:npm/b@2", "scope": "excluded"}]},
      {"type": "library", "name": "c", "group": "g", "version": "3"},
      {"type": "operating-system", "name": "debian", "version": "12"},
      {"type": "library", "version": "4"}],
    "dependencies": [{"ref": "s", "dependsOn": ["a", "gone"]}, {"ref": "a", "dependsOn": ["b"]}]})",
                              {});
  ASSERT_TRUE(sbom);
  EXPECT_EQ(sbom->kind, SbomKind::kCycloneDx);
  EXPECT_EQ(sbom->subject, "shop");
  ASSERT_EQ(sbom->list.packages.size(), 3U);
  const Package* a = named(*sbom, "a");
  ASSERT_NE(a, nullptr);
  EXPECT_EQ(a->relation, Relation::kDirect);
  EXPECT_EQ(a->licenses, (std::vector<std::string>{"MIT", "odd"}));
  EXPECT_EQ(a->checksum, "sha256:00ff");
  EXPECT_EQ(a->line, 5U);
  ASSERT_EQ(a->needs.size(), 1U);
  EXPECT_EQ(sbom->list.packages[a->needs[0]].name, "b");
  EXPECT_EQ(named(*sbom, "b")->scope, Scope::kDevelopment);
  EXPECT_EQ(named(*sbom, "g/c")->ecosystem, Ecosystem::kNone);
  EXPECT_EQ(sbom->list.problems.size(), 1U);  // the one without a name
}

TEST(Sbom, Spdx) {
  const std::string_view json = R"({"spdxVersion": "SPDX-2.3", "name": "doc", "packages": [
    {"SPDXID": "S", "name": "shop"},
    {"SPDXID": "A", "name": "a", "versionInfo": "1", "licenseDeclared": "NOASSERTION",
     "licenseConcluded": "MIT", "checksums": [{"algorithm": "SHA1", "checksumValue": "ab"}],
     "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:gem/a@1"}]},
    {"SPDXID": "B", "name": "b", "versionInfo": "2",
     "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:gem/b@2"}]}],
    "relationships": [
      {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "S"},
      {"spdxElementId": "S", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "A"},
      {"spdxElementId": "B", "relationshipType": "DEV_DEPENDENCY_OF", "relatedSpdxElement": "A"}]})";
  const std::string_view tags =
      "SPDXVersion: SPDX-2.2\nDocumentName: doc\n\nPackageName: shop\nSPDXID: S\n"
      "PackageComment: <text>of\nPackageName: nothing\n</text>\n"
      "PackageName: a\nSPDXID: A\nPackageVersion: 1\nPackageLicenseDeclared: MIT\n"
      "PackageChecksum: SHA1: ab\nExternalRef: PACKAGE-MANAGER purl pkg:gem/a@1\n"
      "FileName: ./x\nSPDXID: F\nPackageName: b\nSPDXID: B\nPackageVersion: 2\n"
      "ExternalRef: PACKAGE-MANAGER purl pkg:gem/b@2\nRelationship: SPDXRef-DOCUMENT DESCRIBES S\n"
      "Relationship: S DEPENDS_ON A\nRelationship: B DEV_DEPENDENCY_OF A\n";
  for (const std::string_view text : {json, tags}) {
    const auto sbom = read_sbom("x", text, {});
    ASSERT_TRUE(sbom);
    EXPECT_EQ(sbom->subject, "shop");
    ASSERT_EQ(sbom->list.packages.size(), 2U);
    const Package* a = named(*sbom, "a");
    ASSERT_NE(a, nullptr);
    EXPECT_EQ(a->ecosystem, Ecosystem::kGem);
    EXPECT_EQ(a->version, "1");
    EXPECT_EQ(a->relation, Relation::kDirect);
    EXPECT_EQ(a->licenses, (std::vector<std::string>{"MIT"}));
    EXPECT_EQ(a->checksum, "sha1:ab");
    ASSERT_EQ(a->needs.size(), 1U);
    EXPECT_EQ(named(*sbom, "b")->scope, Scope::kDevelopment);
    EXPECT_TRUE(sbom->list.problems.empty());
  }
}

TEST(Sbom, WhatIsNoneIsSaid) {
  for (const std::string_view text :
       {"", "hello", "{}", "[1]", "{\"bomFormat\":\"Other\"}", "{\"bomFormat\":", "<bom/>"}) {
    const auto sbom = read_sbom("x.json", text, {});
    ASSERT_FALSE(sbom) << text;
    EXPECT_NE(sbom.error().message.find("x.json"), std::string::npos);
  }
  EXPECT_EQ(read_sbom("x", "{\"spdxVersion\": \"SPDX-3.0\"}", {}).error().code,
            ErrorCode::kUnsupported);
  // What stands before the damage stays.
  const auto cut = read_sbom(
      "x", R"({"bomFormat":"CycloneDX","components":[{"name":"a","version":"1"},{"name":"b")", {});
  ASSERT_TRUE(cut);
  EXPECT_FALSE(cut->list.packages.empty());
  EXPECT_FALSE(cut->list.problems.empty());
}

}  // namespace
}  // namespace vedette::formats::sbom
