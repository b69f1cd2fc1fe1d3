// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/package_scan.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

#include "output/package/package_formats.h"

namespace vedette::engine {
namespace {

namespace fs = std::filesystem;

class PackageScanTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "package_scan_test.XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    add("package.json", R"({"dependencies": {"apple": "^1.0.0"}})");
    add("package-lock.json",
        "{\"lockfileVersion\": 1, \"dependencies\": {\n\"apple\": {\"version\": \"1.2.3\"}}}");
    add("node_modules/apple/package.json", R"({"name": "apple", "version": "1.2.3"})");
    add("notes.txt", "nothing");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void add(const std::string& name, std::string_view content) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }
  PackageScan scan(PackageScanOptions options) {
    if (options.targets.empty()) options.targets = {folder_.string()};
    const std::atomic<bool> stop = false;
    Result<PackageScan> done = scan_packages(options, stop);
    EXPECT_TRUE(done.has_value());
    return done ? std::move(*done) : PackageScan();
  }

  fs::path folder_;
};

TEST_F(PackageScanTest, ReadsAndSettlesATree) {
  const PackageScan done = scan({});
  ASSERT_EQ(done.files.size(), 2U);
  EXPECT_EQ(done.summary.findings, 1U);
  EXPECT_EQ(done.files[0].list.packages.at(0).relation, formats::packages::Relation::kDirect);
  EXPECT_EQ(done.files[0].list.packages.at(0).line, 2U);
  EXPECT_EQ(done.files[1].left_out, 1U);
  EXPECT_TRUE(done.summary.problems.empty());
}

TEST_F(PackageScanTest, InstalledPackagesAreAskedFor) {
  PackageScanOptions options;
  options.installed = true;
  EXPECT_EQ(scan(options).summary.findings, 2U);
}

TEST_F(PackageScanTest, AFileOfNoKindIsSaid) {
  PackageScanOptions options;
  options.targets = {(folder_ / "notes.txt").string()};
  const PackageScan done = scan(options);
  ASSERT_EQ(done.summary.problems.size(), 1U);
  EXPECT_EQ(done.summary.findings, 0U);
}

TEST_F(PackageScanTest, ReportsAreWrittenInEachFormat) {
  add("Cargo.lock", "[[package]]\nname = \"\x1b[31m\\u001b\"\nversion = \"1\"\n");
  const PackageScan done = scan({});
  for (const output::PackageFormat& format : output::package_formats()) {
    SCOPED_TRACE(format.name);
    std::string text;
    output::Writer writer = output::Writer::to_string(text);
    ASSERT_TRUE(
        format.write(done.files, done.summary, {writer, false, 80, "tree", "1.0", 0}).has_value());
    EXPECT_NE(text.find("apple"), std::string::npos);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.back(), '\n');
  }
}

}  // namespace
}  // namespace vedette::engine
