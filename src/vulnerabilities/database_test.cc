// SPDX-License-Identifier: Apache-2.0
#include "vulnerabilities/database.h"

#include <algorithm>
#include <filesystem>
#include <thread>
#include <unistd.h>

#include "base/file.h"
#include "vulnerabilities/test_database.h"

namespace vedette::vulnerabilities {
namespace {

constexpr std::string_view kFixed1 = R"({"introduced": "0"}, {"fixed": "1.0"})";

std::vector<std::string> records() {
  return {
      test_record("PYSEC-1", "PyPI", "Foo_Bar", kFixed1, R"("aliases": ["GHSA-x"])"),
      test_record("GHSA-x", "PyPI", "foo-bar", kFixed1,
                  R"("aliases": ["CVE-2024-1"], "summary": "bad", "severity": [{"type": "CVSS_V3",
                     "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}])"),
      test_record("GHSA-y", "npm", "foo", kFixed1, R"("withdrawn": "2024-02-01T00:00:00Z")"),
      test_record("DSA-1", "Debian:12", "foo", kFixed1,
                  R"("upstream": ["CVE-2024-1", "CVE-2024-2"])"),
      R"({"id": "OSV-1", "affected": [{"ranges": [{"type": "GIT", "events": []}]}]})",
  };
}

TEST(Database, JoinsAliasesUnderOneName) {
  const std::string bytes = build_test_database(
      records(),
      R"({"vulnerabilities": [{"cveID": "CVE-2024-1", "dateAdded": "2024-03-01",
          "knownRansomwareCampaignUse": "Known"}]})",
      "#model_version:v1,score_date:2024-01-01\ncve,epss,percentile\nCVE-2024-1,0.5,0.9\n");
  const Result<Database> database = Database::of_bytes(bytes);
  ASSERT_TRUE(database.has_value()) << database.error().message;
  EXPECT_TRUE(database->verify().has_value());
  EXPECT_EQ(database->summary().advisories, 4U);
  EXPECT_EQ(database->summary().inputs.at(0).withdrawn, 1U);
  EXPECT_EQ(database->summary().without_package, 1U);
  EXPECT_EQ(database->summary().exploited, 1U);
  const std::vector<std::uint32_t> named = database->named("PYSEC-1");
  ASSERT_EQ(named.size(), 1U);
  EXPECT_EQ(database->named("GHSA-x"), named);
  const Result<Vulnerability> one = database->vulnerability(named[0]);
  ASSERT_TRUE(one.has_value());
  EXPECT_EQ(one->id, "CVE-2024-1");
  EXPECT_EQ(one->names, (std::vector<std::string>{"CVE-2024-1", "GHSA-x", "PYSEC-1"}));
  EXPECT_EQ(one->summary, "bad");
  EXPECT_TRUE(one->exploited);
  EXPECT_TRUE(one->ransomware);
  EXPECT_EQ(one->exploited_since, "2024-03-01");
  EXPECT_DOUBLE_EQ(one->probability, 0.5);
  // A distribution's advisory on two is a name of neither, but leads to both.
  EXPECT_EQ(database->named("DSA-1").size(), 2U);
  EXPECT_TRUE(database->named("GHSA-y").empty());
  const auto affected = database->affected("PyPI", "foo-bar");
  ASSERT_TRUE(affected.has_value());
  EXPECT_EQ(affected->size(), 2U);
  EXPECT_TRUE(database->affected("PyPI", "foo")->empty());
  EXPECT_TRUE(database->affected("npm", "foo")->empty());
  EXPECT_EQ(database->ecosystems_with("foo"), std::vector<std::string>{"Debian:12"});
}

TEST(Database, BelievesTheNewestProbability) {
  const std::string head = "#model_version:v1,score_date:2025-08-2";
  const std::string older = head + "4T12:00:00Z\ncve,epss,percentile\nCVE-2024-1,0.5,0.9\n";
  const std::string newer = head + "5T12:00:00Z\ncve,epss,percentile\nCVE-2024-1,0.25,0.8\n";
  const std::string undated = "cve,epss\nCVE-2024-1,0.75\n";
  std::vector<std::string> files = {older, newer, undated};
  std::ranges::sort(files);
  do {
    DatabaseBuilder builder;
    const std::uint32_t input = builder.add_input({"records", "osv", "", "", 0, 0, 0});
    formats::advisories::OsvReader reader;
    builder.add(*reader.read(test_record("CVE-2024-1", "PyPI", "foo", kFixed1), Limits()), input,
                "place");
    for (const std::string& file : files)
      builder.add(*formats::advisories::read_likelihoods(file), input);
    const Result<std::string> bytes = builder.build();
    ASSERT_TRUE(bytes.has_value());
    const Result<Database> database = Database::of_bytes(*bytes);
    ASSERT_TRUE(database.has_value());
    const auto one = database->vulnerability(database->named("CVE-2024-1").at(0));
    ASSERT_TRUE(one.has_value());
    EXPECT_DOUBLE_EQ(one->probability, 0.25);
    EXPECT_DOUBLE_EQ(one->percentile, 0.8);
  } while (std::ranges::next_permutation(files).found);
}

TEST(Database, TheSameContentGivesTheSameBytes) {
  std::vector<std::string> turned = records();
  std::ranges::reverse(turned);
  EXPECT_EQ(build_test_database(records()), build_test_database(turned));
}

TEST(Database, OfTwoWithOneIdTheLaterStays) {
  const std::string old_record =
      R"({"id": "A-1", "modified": "2023-01-01T00:00:00Z", "summary": "old"})";
  const std::string new_record =
      R"({"id": "A-1", "modified": "2024-01-01T00:00:00Z", "summary": "new"})";
  for (const auto& both : {std::vector{old_record, new_record}, {new_record, old_record}}) {
    const std::string bytes = build_test_database(both);
    const Result<Database> database = Database::of_bytes(bytes);
    ASSERT_TRUE(database.has_value());
    EXPECT_EQ(database->summary().advisories, 1U);
    EXPECT_EQ(database->advisory(0)->summary, "new");
  }
}

TEST(Database, AnEmptyOneAnswers) {
  const std::string bytes = build_test_database({});
  const Result<Database> database = Database::of_bytes(bytes);
  ASSERT_TRUE(database.has_value());
  EXPECT_TRUE(database->affected("PyPI", "a")->empty());
  EXPECT_TRUE(database->named("CVE-1").empty());
  EXPECT_FALSE(database->advisory(0).has_value());
}

// Every byte is under a checksum: with any of them changed, or any cut off, there is an error or
// the same answer as before, and never another.
TEST(Database, DamageIsNeverAWrongAnswer) {
  const std::string bytes = build_test_database(records());
  const auto answer = [](const Database& database) -> Result<std::string> {
    TRY(const std::vector<AffectedRecord> affected, database.affected("PyPI", "foo-bar"));
    std::string text;
    for (const AffectedRecord& record : affected) {
      TRY(const AdvisoryRecord advisory, database.advisory(record.advisory));
      text += advisory.id;
      for (const std::uint32_t index : advisory.vulnerabilities) {
        TRY(const Vulnerability one, database.vulnerability(index));
        text += ' ' + one.id;
      }
    }
    return text;
  };
  const std::string right = *answer(*Database::of_bytes(bytes));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x41);
    const Result<Database> database = Database::of_bytes(damaged);
    if (database) {
      EXPECT_FALSE(database->verify().has_value()) << i;
      const Result<std::string> found = answer(*database);
      EXPECT_EQ(found.value_or(right), right) << i;
    }
    EXPECT_FALSE(Database::of_bytes(std::string_view(bytes).substr(0, i)).has_value()) << i;
  }
}

TEST(Database, SixteenReadersAtOnce) {
  std::string name = (std::filesystem::temp_directory_path() / "database_test.XXXXXX").string();
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  const std::string path = name + "/v.db";
  ASSERT_TRUE(write_file_whole(path, build_test_database(records())).has_value());
  const Result<Database> database = Database::open(path);
  ASSERT_TRUE(database.has_value());
  std::vector<int> found(16);
  std::vector<std::thread> threads;
  for (int& count : found) {
    threads.emplace_back([&database, &count, &path] {
      const Result<Database> own = Database::open(path);
      for (int i = 0; own && i < 200; ++i) {
        count += static_cast<int>(database->affected("PyPI", "foo-bar")->size());
        count += static_cast<int>(own->affected("Debian:12", "foo")->size());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int count : found) EXPECT_EQ(count, 600);
  std::filesystem::remove_all(name);
}

TEST(Database, OtherFilesAreSaid) {
  EXPECT_EQ(Database::open("/nonexistent/v.db").error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(Database::of_bytes("SQLite format 3").has_value());
  std::string other = build_test_database({});
  other[8] = 9;
  EXPECT_EQ(Database::of_bytes(other).error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace vedette::vulnerabilities
