// SPDX-License-Identifier: Apache-2.0
// Runs tests/conformance/packages/CASE/**: each file that is of a kind is read, and what it names
// is compared with FILE.tsv beside it, one package a line: line, ecosystem, name, version,
// requested, relation, scope, needs, licences, resolved, checksum; then problems. UPDATE=1
// rewrites.
#include "formats/packages/package_file.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <set>
#include <string>

#include "base/file.h"
#include "formats/packages/package_reading.h"

namespace vedette::formats::packages {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kRelations = {"", "direct", "transitive", "root"};
constexpr std::array<std::string_view, 3> kScopes = {"production", "development", "optional"};

std::string line_of(const Package& package, const PackageList& list) {
  std::string needs;
  for (const std::uint32_t index : package.needs) {
    needs += fmt::format("{}{}@{}", needs.empty() ? "" : " ", list.packages.at(index).name,
                         list.packages.at(index).version);
  }
  std::string licenses;
  for (const std::string& license : package.licenses) {
    licenses += (licenses.empty() ? "" : "|") + license;
  }
  return fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", package.line,
                     names_of(package.ecosystem).purl, package.name, package.version,
                     package.requested, kRelations[static_cast<std::size_t>(package.relation)],
                     kScopes[static_cast<std::size_t>(package.scope)], needs, licenses,
                     package.resolved, package.checksum);
}

std::string text_of(const PackageList& list) {
  std::string text = fmt::format("complete {}\n", list.complete ? "yes" : "no");
  for (const Package& package : list.packages) text += line_of(package, list);
  for (const Diagnostic& problem : list.problems) {
    text += fmt::format("problem\t{}\t{}\n", problem.place.line, problem.message);
  }
  return text;
}

fs::path cases() { return fs::path(VEDETTE_SOURCE_DIR) / "tests/conformance/packages"; }

TEST(PackageFileTest, ReadsAllKindsAsExpected) {
  std::set<std::string_view> kinds;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(cases())) {
    if (!entry.is_regular_file() || entry.path().extension() == ".tsv") continue;
    const std::string path = fs::relative(entry.path(), cases());
    SCOPED_TRACE(path);
    const PackageFileKind* kind = package_file_kind(path);
    if (kind == nullptr) continue;  // the runner of tests/conformance
    kinds.insert(kind->name);
    const Result<std::string> bytes = read_file(entry.path(), std::size_t{1} << 24);
    ASSERT_TRUE(bytes.has_value());
    const std::string found = text_of(kind->read(path, *bytes, Limits{}));
    const std::string expected_path = entry.path().string() + ".tsv";
    if (std::getenv("UPDATE") != nullptr) {
      ASSERT_TRUE(write_file_whole(expected_path, found).has_value());
    }
    const Result<std::string> expected = read_file(expected_path, std::size_t{1} << 24);
    ASSERT_TRUE(expected.has_value()) << "no " << expected_path;
    EXPECT_EQ(found, *expected);
  }
  for (const PackageFileKind& kind : package_file_kinds()) {
    EXPECT_TRUE(kinds.contains(kind.name)) << "no case for " << kind.name;
  }
}

// What stands before the damage is found, and nothing is lost silently.
TEST(PackageFileTest, KeepsWhatStandsBeforeACut) {
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(cases())) {
    if (!entry.is_regular_file() || entry.path().extension() == ".tsv") continue;
    const std::string path = fs::relative(entry.path(), cases());
    SCOPED_TRACE(path);
    const PackageFileKind* kind = package_file_kind(path);
    if (kind == nullptr) continue;
    const Result<std::string> bytes = read_file(entry.path(), std::size_t{1} << 24);
    ASSERT_TRUE(bytes.has_value());
    for (std::size_t size = 0; size < bytes->size(); size += 1 + bytes->size() / 64) {
      const PackageList list = kind->read(path, std::string_view(*bytes).substr(0, size), Limits{});
      for (const Package& package : list.packages) {
        EXPECT_LE(package.line, 1 + std::count(bytes->begin(), bytes->end(), '\n'));
        for (const std::uint32_t index : package.needs) EXPECT_LT(index, list.packages.size());
      }
    }
  }
}

TEST(PackageFileTest, AFileSystemsPackageJsonIsAnInstalledPackage) {
  const std::string_view path = "usr/share/nodejs/acorn/package.json";
  EXPECT_EQ(package_file_kind(path)->role, FileRole::kManifest);
  const PackageFileKind* kind = installed_file_kind(path);
  ASSERT_NE(kind, nullptr);
  EXPECT_EQ(kind->role, FileRole::kInstalled);
  const PackageList list = kind->read(path, R"({"name": "acorn", "version": "8.8.1"})", Limits{});
  ASSERT_EQ(list.packages.size(), 1U);
  EXPECT_EQ(list.packages[0].name, "acorn");
  EXPECT_EQ(installed_file_kind("srv/package-lock.json"), nullptr);
  EXPECT_EQ(installed_file_kind("srv/readme"), nullptr);
}

TEST(PackageFileTest, DamageAtTheEndCostsTheEndOnly) {
  const std::string npm =
      "{\"lockfileVersion\": 3, \"packages\": {\n\"node_modules/a\": {\"version\": \"1.0.0\"},\n"
      "\"node_modules/b\": {\"vers";
  const PackageList list = package_file_kind("package-lock.json")->read("x", npm, Limits{});
  ASSERT_GE(list.packages.size(), 1U);
  EXPECT_EQ(list.packages[0].name, "a");
  EXPECT_EQ(list.packages[0].line, 2U);
  EXPECT_FALSE(list.problems.empty());
  const std::string cargo =
      "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"b\"\nversi = = 3\n";
  const PackageList crates = package_file_kind("Cargo.lock")->read("x", cargo, Limits{});
  ASSERT_EQ(crates.packages.size(), 1U);
  EXPECT_EQ(crates.packages[0].name, "a");
  ASSERT_EQ(crates.problems.size(), 1U);
  EXPECT_EQ(crates.problems[0].place.line, 7U);
}

TEST(PackageFileTest, NestingAndSizeAreBounded) {
  for (const PackageFileKind& kind : package_file_kinds()) {
    SCOPED_TRACE(kind.name);
    for (const std::string_view piece : {"[", "{\"a\":", "<a>", "- ", "[a.", "\"\\", "a:\n "}) {
      std::string text;
      while (text.size() < 100'000) text += piece;
      const PackageList list = kind.read("x", text, Limits{});
      EXPECT_LE(list.problems.size(), PackageReading::kProblemsMax + 2);
    }
  }
}

TEST(PackageFileTest, AManifestTellsWhatIsDirect) {
  const std::string lock =
      "# yarn lockfile v1\n\na@^1.0.0:\n  version \"1.0.0\"\n  dependencies:\n    b \"^2.0.0\"\n\n"
      "b@^2.0.0:\n  version \"2.1.0\"\n\nc@^3.0.0:\n  version \"3.0.0\"\n";
  const std::string manifest =
      R"({"dependencies": {"a": "^1.0.0"}, "devDependencies": {"c": "^3.0.0"}})";
  PackageList packages = package_file_kind("yarn.lock")->read("yarn.lock", lock, Limits{});
  apply_manifest(package_file_kind("package.json")->read("package.json", manifest, Limits{}),
                 packages);
  ASSERT_EQ(packages.packages.size(), 3U);
  EXPECT_EQ(packages.packages[0].relation, Relation::kDirect);
  EXPECT_EQ(packages.packages[1].relation, Relation::kTransitive);
  EXPECT_EQ(packages.packages[1].scope, Scope::kProduction);
  EXPECT_EQ(packages.packages[2].relation, Relation::kDirect);
  EXPECT_EQ(packages.packages[2].scope, Scope::kDevelopment);
}

TEST(PackageFileTest, KindsAreFoundByPath) {
  EXPECT_EQ(package_file_kind("a/node_modules/b/package.json")->name, "npm installed package.json");
  EXPECT_EQ(package_file_kind("a/package.json")->name, "npm package.json");
  EXPECT_EQ(package_file_kind("requirements/base.txt")->name, "Python requirements.txt");
  EXPECT_EQ(package_file_kind("README.md"), nullptr);
  EXPECT_EQ(package_file_kind(""), nullptr);
}

}  // namespace
}  // namespace vedette::formats::packages
