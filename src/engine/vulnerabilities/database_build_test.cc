// SPDX-License-Identifier: Apache-2.0
#include "engine/vulnerabilities/database_build.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include "engine/vulnerabilities/database_lookup.h"

namespace vedette::engine {
namespace {

namespace fs = std::filesystem;

class DatabaseBuildTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "database_build_test.XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    add("osv/PYSEC-1.json", R"({"id": "PYSEC-1", "modified": "2024-01-02T00:00:00Z",
      "aliases": ["CVE-2024-1"], "affected": [{"package": {"ecosystem": "PyPI", "name": "a"},
      "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}]}]})");
    add("osv/broken.json", "{");
    add("osv/README.md", "not a record");
    add("kev.json", R"({"catalogVersion": "2024.03.01", "vulnerabilities": [
      {"cveID": "CVE-2024-1", "dateAdded": "2024-03-01"}]})");
    add_packed(
        "epss.csv.gz",
        "#model_version:v1,score_date:2024-03-01\ncve,epss,percentile\nCVE-2024-1,0.5,0.9\n");
    add("exploits.csv", "id,codes\n7,CVE-2024-1\n");
    add("debian.json", R"([{"cycle": "10", "eol": "2024-06-30"}])");
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void add(const std::string& name, std::string_view content) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }
  void add_packed(const std::string& name, std::string_view content) {
    gzFile file = gzopen(path(name).c_str(), "wb");
    ASSERT_NE(file, nullptr);
    gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
    gzclose(file);
  }
  Result<DatabaseBuildReport> build(const std::vector<std::string>& names) {
    DatabaseBuildOptions options;
    for (const std::string& name : names) options.inputs.push_back(path(name));
    options.output = path("v.db");
    const std::atomic<bool> stop = false;
    return build_database(options, stop);
  }

  fs::path folder_;
};

TEST_F(DatabaseBuildTest, JoinsWhatAllInputsSay) {
  const auto report = build({"osv", "kev.json", "epss.csv.gz", "exploits.csv", "debian.json"});
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->summary.advisories, 1U);
  EXPECT_EQ(report->summary.inputs.size(), 5U);
  EXPECT_EQ(report->summary.lifecycles.at(0).product, "debian");
  // The broken record costs itself only, and is said.
  ASSERT_EQ(report->problems.size(), 1U);
  EXPECT_EQ(report->problems[0].place.file, "broken.json");
  const auto database = vulnerabilities::Database::open(path("v.db"));
  ASSERT_TRUE(database.has_value());
  for (const std::string_view query :
       {"CVE-2024-1", "PYSEC-1", "a@1.0", "PyPI:A@1.0", "pkg:pypi/a@1.0", "a"}) {
    SCOPED_TRACE(query);
    const auto found = look_up(*database, query);
    ASSERT_TRUE(found.has_value());
    ASSERT_EQ(found->size(), 1U);
    const vulnerabilities::Vulnerability& one = (*found)[0].vulnerability;
    EXPECT_EQ(one.id, "CVE-2024-1");
    EXPECT_TRUE(one.exploited);
    EXPECT_DOUBLE_EQ(one.probability, 0.5);
    EXPECT_EQ(one.exploits.size(), 1U);
  }
  EXPECT_EQ(look_up(*database, "a@1.0")->at(0).fixed, "1.1");
  for (const std::string_view query :
       {"a@1.1", "b", "npm:a", "CVE-2024-2", "pkg:npm/a", "pkg:", ""})
    EXPECT_TRUE(look_up(*database, query)->empty()) << query;
}

TEST_F(DatabaseBuildTest, WhatIsNothingIsRefusedAndNothingIsWritten) {
  EXPECT_FALSE(build({"osv/README.md"}).has_value());
  EXPECT_FALSE(build({"osv/broken.json"}).has_value());
  EXPECT_FALSE(build({"missing"}).has_value());
  EXPECT_FALSE(fs::exists(path("v.db")));
}

// Public records, as they are published: see the README of the test data.
TEST_F(DatabaseBuildTest, PublishedRecordsAreAllRead) {
  const char* const variable = std::getenv("VEDETTE_DATA");
  const fs::path data =
      fs::path(variable != nullptr ? variable : VEDETTE_SOURCE_DIR "/../shared/data") / "vulndb";
  if (!fs::exists(data / "PyPI-all.zip")) GTEST_SKIP() << "no published records; set VEDETTE_DATA";
  DatabaseBuildOptions options;
  options.inputs = {(data / "PyPI-all.zip").string(), (data / "Go-all.zip").string(),
                    (data / "known_exploited_vulnerabilities.json").string()};
  options.output = path("v.db");
  const std::atomic<bool> stop = false;
  const auto report = build_database(options, stop);
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_TRUE(report->problems.empty());
  std::uint64_t records = 0;
  std::uint64_t withdrawn = 0;
  for (const auto& input : report->summary.inputs) {
    if (input.kind != "osv") continue;
    records += input.records;
    withdrawn += input.withdrawn;
  }
  EXPECT_EQ(records, 6952U);
  EXPECT_EQ(report->summary.advisories, records - withdrawn);
  const auto database = vulnerabilities::Database::open(path("v.db"));
  ASSERT_TRUE(database.has_value());
  EXPECT_TRUE(database->verify().has_value());
  EXPECT_EQ(look_up(*database, "requests@2.19.0")->size(), 2U);
  EXPECT_TRUE(look_up(*database, "requests@2.32.0")->empty());
}

}  // namespace
}  // namespace vedette::engine
