// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/inventory.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>

#include "formats/packages/purl.h"
#include "formats/packages/purl_reader.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

PackageFile file_of(const std::string& path, std::string_view text) {
  const PackageFileKind* kind = package_file_kind(path);
  return {path, kind, kind->read(path, text, Limits{}), "", 0};
}

const Package* find(const PackageFile& file, std::string_view name) {
  const auto found = std::find_if(file.list.packages.begin(), file.list.packages.end(),
                                  [name](const Package& one) { return one.name == name; });
  return found == file.list.packages.end() ? nullptr : &*found;
}

constexpr std::string_view kYarnLock =
    "# yarn lockfile v1\n\na@^1.0.0:\n  version \"1.0.0\"\n\nb@^2.0.0:\n  version \"2.1.0\"\n\n"
    "c@^3.0.0:\n  version \"3.0.0\"\n";

TEST(InventoryTest, TheLockFileSpeaksForItsManifest) {
  std::vector<PackageFile> files;
  files.push_back(
      file_of("package.json", R"({"dependencies": {"a": "^1.0.0", "gone": "^9.0.0"}})"));
  files.push_back(file_of("yarn.lock", kYarnLock));
  settle(files);
  EXPECT_TRUE(files[0].list.packages.empty());
  EXPECT_EQ(files[0].spoken_for_by, "yarn.lock");
  EXPECT_EQ(files[0].left_out, 2U);
  EXPECT_EQ(find(files[1], "a")->relation, Relation::kDirect);
  EXPECT_EQ(find(files[1], "b")->relation, Relation::kTransitive);
}

TEST(InventoryTest, MembersOfAWorkspaceSpeakTogether) {
  std::vector<PackageFile> files;
  files.push_back(file_of("package.json", R"({"dependencies": {"a": "^1.0.0"}})"));
  files.push_back(
      file_of("parts/x/package.json", R"({"devDependencies": {"b": "^2.0.0", "own": "^1.0.0"}})"));
  files.push_back(file_of("yarn.lock", kYarnLock));
  settle(files);
  EXPECT_EQ(find(files[2], "a")->relation, Relation::kDirect);
  EXPECT_EQ(find(files[2], "b")->relation, Relation::kDirect);
  EXPECT_EQ(find(files[2], "b")->scope, Scope::kDevelopment);
  // What the lock file does not know is not lost.
  ASSERT_EQ(files[1].list.packages.size(), 1U);
  EXPECT_EQ(files[1].list.packages[0].name, "own");
  EXPECT_EQ(files[1].left_out, 1U);
}

TEST(InventoryTest, PomsOfOneProjectCompleteEachOther) {
  std::vector<PackageFile> files;
  files.push_back(file_of("app/pom.xml", R"(<project>
    <groupId>g</groupId><artifactId>root</artifactId><version>${revision}</version>
    <properties><revision>2.1</revision><lib>1.0</lib><shared>7</shared></properties>
    <dependencyManagement><dependencies>
      <dependency><groupId>x</groupId><artifactId>lib</artifactId><version>${lib}</version></dependency>
      <dependency><groupId>x</groupId><artifactId>check</artifactId><version>3</version><scope>test</scope></dependency>
      <dependency><groupId>x</groupId><artifactId>own</artifactId><version>${project.version}</version></dependency>
      <dependency><groupId>g</groupId><artifactId>bom</artifactId><version>2.1</version>
        <type>pom</type><scope>import</scope></dependency>
    </dependencies></dependencyManagement></project>)"));
  files.push_back(file_of("app/bom/pom.xml", R"(<project>
    <parent><groupId>g</groupId><artifactId>root</artifactId><version>${revision}</version></parent>
    <artifactId>bom</artifactId>
    <dependencyManagement><dependencies>
      <dependency><groupId>x</groupId><artifactId>lib</artifactId><version>0</version></dependency>
      <dependency><groupId>x</groupId><artifactId>far</artifactId><version>${shared}</version></dependency>
    </dependencies></dependencyManagement></project>)"));
  files.push_back(file_of("app/part/pom.xml", R"(<project>
    <parent><groupId>g</groupId><artifactId>root</artifactId><version>${revision}</version></parent>
    <artifactId>part</artifactId><properties><lib>1.5</lib></properties>
    <dependencies>
      <dependency><groupId>x</groupId><artifactId>lib</artifactId></dependency>
      <dependency><groupId>x</groupId><artifactId>check</artifactId></dependency>
      <dependency><groupId>x</groupId><artifactId>far</artifactId></dependency>
      <dependency><groupId>x</groupId><artifactId>own</artifactId></dependency>
      <dependency><groupId>${project.groupId}</groupId><artifactId>bom</artifactId><version>${project.version}</version></dependency>
      <dependency><groupId>x</groupId><artifactId>unknown</artifactId></dependency>
      <dependency><groupId>x</groupId><artifactId>ranged</artifactId><version>[1,2)</version></dependency>
    </dependencies></project>)"));
  // Of another version, or not to be looked for beside it, a parent is another.
  files.push_back(file_of("app/other/pom.xml", R"(<project>
    <parent><groupId>g</groupId><artifactId>lone</artifactId><version>9</version><relativePath/></parent>
    <artifactId>other</artifactId>
    <dependencies><dependency><groupId>x</groupId><artifactId>lib</artifactId></dependency></dependencies>
    </project>)"));
  // Its own parent.
  files.push_back(file_of("loop/pom.xml", R"(<project>
    <parent><groupId>g</groupId><artifactId>loop</artifactId><version>1</version>
      <relativePath>../loop</relativePath></parent>
    <artifactId>loop</artifactId>
    <dependencies><dependency><groupId>x</groupId><artifactId>lib</artifactId><version>${none}</version></dependency>
    </dependencies></project>)"));
  settle(files);
  EXPECT_EQ(find(files[0], "g:root")->version, "2.1");
  EXPECT_EQ(find(files[1], "g:bom")->version, "2.1");
  const PackageFile& part = files[2];
  EXPECT_EQ(find(part, "g:part")->version, "2.1");
  EXPECT_EQ(find(part, "x:lib")->version, "1.5");
  EXPECT_EQ(find(part, "x:lib")->scope, Scope::kProduction);
  EXPECT_EQ(find(part, "x:check")->version, "3");
  EXPECT_EQ(find(part, "x:check")->scope, Scope::kDevelopment);
  EXPECT_EQ(find(part, "x:far")->version, "7");
  EXPECT_EQ(find(part, "x:own")->version, "2.1");
  EXPECT_EQ(find(part, "g:bom")->version, "2.1");
  EXPECT_EQ(find(part, "x:unknown")->version, "");
  EXPECT_EQ(find(part, "x:ranged")->version, "");
  EXPECT_EQ(find(part, "x:ranged")->requested, "[1,2)");
  EXPECT_EQ(find(files[3], "x:lib")->version, "");
  EXPECT_EQ(find(files[4], "x:lib")->version, "");
}

TEST(InventoryTest, OtherEcosystemsAndFoldersAreLeftAlone) {
  std::vector<PackageFile> files;
  files.push_back(file_of("a/package.json", R"({"dependencies": {"a": "^1.0.0"}})"));
  files.push_back(file_of("b/yarn.lock", kYarnLock));
  files.push_back(file_of("b/composer.json", R"({"require": {"x/a": "1"}})"));
  settle(files);
  EXPECT_EQ(files[0].list.packages.size(), 1U);
  EXPECT_EQ(files[2].list.packages.size(), 1U);
}

TEST(InventoryTest, SumsSpeakOnlyBesideAnIncompleteModule) {
  const std::string sums = "x.invalid/a v1.0.0 h1:a=\nx.invalid/b v1.0.0 h1:b=\n";
  const std::string require = "module x.invalid/m\nrequire x.invalid/a v1.0.0\n";
  std::vector<PackageFile> files;
  files.push_back(file_of("new/go.mod", "go 1.20\n" + require));
  files.push_back(file_of("new/go.sum", sums));
  files.push_back(file_of("old/go.mod", "go 1.15\n" + require));
  files.push_back(file_of("old/go.sum", sums));
  settle(files);
  EXPECT_TRUE(files[1].list.packages.empty());
  ASSERT_EQ(files[3].list.packages.size(), 1U);
  EXPECT_EQ(files[3].list.packages[0].name, "x.invalid/b");
}

TEST(InventoryTest, NoAddressLetsOneIn) {
  const std::string word = std::string("hun") + "ter2";
  const std::string lock = R"({"lockfileVersion": 1, "dependencies": {"a": {"version": "1.0.0",
    "resolved": "https://me:)" +
                           word + R"(@npm.invalid/a.tgz?token=)" + word + R"("}}})";
  const PackageFile file = file_of("package-lock.json", lock);
  EXPECT_EQ(file.list.packages.at(0).resolved, "https://***@npm.invalid/a.tgz?***");
  EXPECT_EQ(without_credentials("git+ssh://git@x.invalid/a.git#v1"),
            "git+ssh://git@x.invalid/a.git#v1");
  EXPECT_EQ(without_credentials("git+https://x.invalid/a?branch=main#abc"),
            "git+https://x.invalid/a?branch=main#abc");
  EXPECT_EQ(without_credentials("^1, https://u:" + word + "@x, 2"), "^1, https://***@x, 2");
  EXPECT_EQ(without_credentials("https://u:p/" + word + "@x.invalid/a"), "https://***@x.invalid/a");
  EXPECT_EQ(without_credentials("https://x.invalid:8080/a@1"), "https://x.invalid:8080/a@1");
}

TEST(InventoryTest, PackageUrls) {
  const auto purl = [](Ecosystem ecosystem, std::string name, std::string version) {
    Package package;
    package.ecosystem = ecosystem;
    package.name = std::move(name);
    package.version = std::move(version);
    return purl_of(package);
  };
  EXPECT_EQ(purl(Ecosystem::kNpm, "@a/b", "1.0.0"), "pkg:npm/%40a/b@1.0.0");
  EXPECT_EQ(purl(Ecosystem::kMaven, "org.a:b", "1"), "pkg:maven/org.a/b@1");
  EXPECT_EQ(purl(Ecosystem::kGo, "x.invalid/a", "v1.0.0+incompatible"),
            "pkg:golang/x.invalid/a@v1.0.0%2Bincompatible");
  EXPECT_EQ(purl(Ecosystem::kPypi, "a", ""), "pkg:pypi/a");
  EXPECT_EQ(purl(Ecosystem::kNone, "a", "1"), "pkg:generic/a@1");
  EXPECT_EQ(purl(Ecosystem::kNone, "a", ""), "");
  const std::string part = purl(Ecosystem::kCocoapods, "Pod/Part/Inner", "1");
  EXPECT_EQ(part, "pkg:cocoapods/Pod@1#Part/Inner");
  EXPECT_EQ(package_of_purl(part)->name, "Pod/Part/Inner");
  EXPECT_EQ(package_of_purl("pkg:golang/x.invalid/a@v1#sub")->name, "x.invalid/a");
}

}  // namespace
}  // namespace vedette::formats::packages
