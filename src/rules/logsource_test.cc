// SPDX-License-Identifier: Apache-2.0
#include "rules/logsource.h"

#include <filesystem>
#include <gtest/gtest.h>

#include "base/file.h"

namespace vedette::rules {
namespace {

// A folder that is removed at the end of the test.
class LogSourcesTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("vedette_logsources_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, std::string_view text) {
    ASSERT_TRUE(write_file_whole(folder_ / name, text).has_value());
  }
  Result<LogSources> load() { return load_log_sources(folder_, warnings_); }

  std::filesystem::path folder_;
  std::vector<Diagnostic> warnings_;
};

TEST_F(LogSourcesTest, FilesAreMergedInNameOrder) {
  write("b.yml", "aliases: {Channel: [b, both]}\ntime: [t2]\nroles: {host: Computer}\n");
  write("a.yml",
        "sources:\n"
        "  - category: process_creation\n"
        "    product: windows\n"
        "    when: {Channel: Security, EventID: [4688, 1]}\n"
        "    fields: {Image: NewProcessName}\n"
        "  - service: dns\n"
        "    when:\n"
        "      - query|exists: true\n"
        "      - {name: 'dns*', old: null}\n"
        "containers: [winlog.event_data]\n"
        "aliases: {Channel: [both, a]}\n"
        "time: [t1]\n");
  const auto loaded = load();
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  ASSERT_EQ(loaded->entries.size(), 2U);
  const LogSourceEntry& first = loaded->entries[0];
  EXPECT_EQ(first.source.category, "process_creation");
  EXPECT_EQ(first.source.product, "windows");
  EXPECT_EQ(first.source.service, "");
  EXPECT_EQ(first.fields.at("Image"), "NewProcessName");
  EXPECT_EQ(first.line, 2U);
  ASSERT_EQ(first.when.kind, Expression::Kind::kAnd);
  EXPECT_EQ(first.when.children[0].predicate,
            (Predicate{rules::Test::kEquals, Case::kIgnore, "Security"}));
  EXPECT_EQ(first.when.children[1].kind, Expression::Kind::kOr);
  const Expression& second = loaded->entries[1].when;
  ASSERT_EQ(second.kind, Expression::Kind::kOr);
  EXPECT_EQ(second.children[0].predicate.test, rules::Test::kExists);
  EXPECT_EQ(second.children[1].children[0].predicate.test, rules::Test::kStartsWith);
  EXPECT_EQ(second.children[1].children[1].predicate.test, rules::Test::kNull);
  EXPECT_EQ(loaded->containers, std::vector<std::string>{"winlog.event_data"});
  EXPECT_EQ(loaded->aliases.at("Channel"), (std::vector<std::string>{"both", "a", "b"}));
  EXPECT_EQ(loaded->time, (std::vector<std::string>{"t1", "t2"}));
  EXPECT_EQ(loaded->roles[static_cast<std::size_t>(event::Role::kHost)],
            std::vector<std::string>{"Computer"});
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(LogSourcesTest, ErrorsNameTheirPlace) {
  write("a.yml", "sources:\n  - product: windows\n    when: {EventID|unknown: 1}\n");
  const auto loaded = load();
  ASSERT_FALSE(loaded.has_value());
  EXPECT_NE(loaded.error().message.find("a.yml:3:12: "), std::string::npos)
      << loaded.error().message;
  write("a.yml", "sources:\n  - product: windows\n");
  EXPECT_FALSE(load().has_value()) << "`when` is needed";
  write("a.yml", "sources:\n  - when: {a: 1}\n");
  EXPECT_FALSE(load().has_value()) << "a name is needed";
  write("a.yml", "sources: [\n");
  EXPECT_FALSE(load().has_value());
}

TEST_F(LogSourcesTest, UnknownKeysAreDoubted) {
  write("a.yml", "source: []\nroles: {hots: x}\n");
  EXPECT_TRUE(load().has_value());
  EXPECT_EQ(warnings_.size(), 2U);
}

TEST(Covers, EachNamedPartMustBeTheEntrys) {
  const LogSource entry{"process_creation", "windows", "sysmon"};
  EXPECT_TRUE(covers({"process_creation", "windows", ""}, entry));
  EXPECT_TRUE(covers({"", "Windows", "SYSMON"}, entry));
  EXPECT_TRUE(covers({"", "", ""}, entry));
  EXPECT_FALSE(covers({"process_creation", "linux", ""}, entry));
  EXPECT_FALSE(covers({"process_creation", "windows", "security"}, entry));
  EXPECT_FALSE(
      covers({"process_creation", "windows", "sysmon"}, {"process_creation", "windows", ""}));
}

}  // namespace
}  // namespace vedette::rules
