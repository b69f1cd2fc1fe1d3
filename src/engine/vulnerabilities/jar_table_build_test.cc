// SPDX-License-Identifier: Apache-2.0
#include "engine/vulnerabilities/jar_table_build.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

#include "engine/scan/package_scan.h"
#include "formats/packages/jars/jar_writer.h"

namespace vedette::engine {
namespace {

namespace fs = std::filesystem;
using formats::packages::JarTable;
using formats::packages::write_classes;
using formats::packages::write_jar;

class JarTableBuildTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "jar_table_build_test.XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    add("repository/com/acme/tool/1.0/tool-1.0.jar",
        write_jar(write_classes("com/acme", 8, 1, {})));
    add("repository/com/acme/tool/1.0/tool-1.0-tests.jar",
        write_jar(write_classes("com/acme", 8, 5000, {})));
    add("repository/com/acme/tool/1.0/tool-1.0.pom", "<project/>");
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void add(const std::string& name, std::string_view content) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }
  Result<JarTableBuildReport> build() {
    const std::atomic<bool> stop = false;
    return build_jar_table({{path("repository")}, path("jars.db"), Limits()}, stop);
  }

  fs::path folder_;
};

TEST_F(JarTableBuildTest, MakesATableThatAScanUses) {
  const Result<JarTableBuildReport> report = build();
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->jars, 1U);
  EXPECT_EQ(report->unnamed, 1U);
  EXPECT_EQ(report->releases, 1U);
  EXPECT_EQ(report->classes, 8U);
  add("app/server.jar", write_jar(write_classes("app/shaded", 8, 1, {300, true, true, false})));
  PackageScanOptions options;
  options.targets = {path("app")};
  options.installed = true;
  const std::atomic<bool> stop = false;
  ASSERT_TRUE(scan_packages(options, stop)->files.at(0).list.packages.empty());
  Result<JarTable> table = JarTable::open(path("jars.db"));
  ASSERT_TRUE(table.has_value());
  options.jars = std::make_shared<const JarTable>(std::move(*table));
  const Result<PackageScan> scan = scan_packages(options, stop);
  ASSERT_EQ(scan->files.at(0).list.packages.size(), 1U);
  const formats::packages::Package& found = scan->files[0].list.packages[0];
  EXPECT_EQ(found.name, "com.acme:tool");
  EXPECT_EQ(found.version, "1.0");
  EXPECT_EQ(found.evidence, "8 of 8 classes");
  EXPECT_EQ(found.path, path("app/server.jar") + "!/app/shaded");
}

TEST_F(JarTableBuildTest, ADamagedJarIsTold) {
  add("repository/com/acme/tool/1.1/tool-1.1.jar", "no jar");
  const Result<JarTableBuildReport> report = build();
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->unreadable, 1U);
  EXPECT_EQ(report->problems.at(0).place.file, path("repository/com/acme/tool/1.1/tool-1.1.jar"));
}

TEST_F(JarTableBuildTest, WithoutAJarThereIsNoTable) {
  fs::remove_all(path("repository"));
  EXPECT_FALSE(build().has_value());
  fs::create_directories(path("repository"));
  EXPECT_FALSE(build().has_value());
  EXPECT_FALSE(fs::exists(path("jars.db")));
}

}  // namespace
}  // namespace vedette::engine
