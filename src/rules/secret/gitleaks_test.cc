// SPDX-License-Identifier: Apache-2.0
#include "rules/secret/gitleaks.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <set>

#include "base/file.h"

namespace vedette::rules::secret {
namespace {

using Files = std::map<std::string, std::string>;

SecretRuleSet load_files(const Files& files, const std::vector<std::string>& paths) {
  LoadOptions options;
  options.default_pack = "default.toml";
  options.read = [&](const std::string& path) -> Result<std::string> {
    const auto file = files.find(path);
    if (file == files.end()) return failure(ErrorCode::kNotFound, path + " is not there");
    return file->second;
  };
  return load(paths, options);
}

std::size_t error_count(const SecretRuleSet& set) {
  return static_cast<std::size_t>(
      std::ranges::count(set.problems, DiagnosticKind::kError, &Diagnostic::kind));
}

TEST(Gitleaks, LaterPacksWinAndSaySo) {
  const SecretRuleSet set =
      load_files({{"a.toml", "[[rules]]\nid='x'\nregex='a'\n[[rules]]\nid='y'\nregex='b'\n"},
                  {"b.toml", "[[rules]]\nid='x'\nregex='c'\n"}},
                 {"a.toml", "b.toml"});
  ASSERT_EQ(set.rules.size(), 2U);
  EXPECT_EQ(set.rules[0].regex, "c");
  ASSERT_EQ(set.problems.size(), 1U);
  EXPECT_EQ(set.problems[0].place.file, "b.toml");
  EXPECT_EQ(set.problems[0].message, "rule \"x\" is used instead of the one of a.toml:1");
}

TEST(Gitleaks, ExtendsTheDefaultPackItIsGiven) {
  const Files files = {{"a.toml", "[extend]\nuseDefault=true\n"},
                       {"default.toml", "[[rules]]\nid='x'\nregex='a'\n"}};
  EXPECT_EQ(load_files(files, {"a.toml"}).rules.size(), 1U);
  EXPECT_EQ(error_count(load_files({{"a.toml", files.at("a.toml")}}, {"a.toml"})), 1U);
}

TEST(Gitleaks, ExtendsAFileOnceMoreAtMost) {
  const Files files = {{"d/1.toml", "[extend]\npath='2.toml'\n"},
                       {"d/2.toml", "[extend]\npath='3.toml'\n[[rules]]\nid='second'\nregex='a'\n"},
                       {"d/3.toml", "[extend]\npath='4.toml'\n[[rules]]\nid='third'\nregex='a'\n"},
                       {"d/4.toml", "[[rules]]\nid='fourth'\nregex='a'\n"}};
  const SecretRuleSet set = load_files(files, {"d/1.toml"});
  ASSERT_EQ(set.rules.size(), 2U);
  EXPECT_EQ(set.rules[0].info.id, "second");
  EXPECT_EQ(set.rules[1].info.id, "third");
  ASSERT_EQ(set.problems.size(), 1U);
  EXPECT_EQ(set.problems[0].place.file, "d/3.toml");
}

TEST(Gitleaks, AFileThatExtendsItselfEnds) {
  const SecretRuleSet set = load_files(
      {{"a.toml", "[extend]\npath='a.toml'\n[[rules]]\nid='x'\nregex='a'\n"}}, {"a.toml"});
  EXPECT_EQ(set.rules.size(), 1U);
}

TEST(Gitleaks, MissingAndBrokenFilesAreTold) {
  EXPECT_EQ(error_count(load_files({}, {"a.toml"})), 1U);
  const SecretRuleSet set = load_files({{"a.toml", "\nx = = 1\n"}}, {"a.toml"});
  ASSERT_EQ(set.problems.size(), 1U);
  EXPECT_EQ(set.problems[0].place.line, 2U);
}

TEST(Gitleaks, TrustsExpressionsWhenTold) {
  LoadOptions options;
  options.read = [](const std::string&) -> Result<std::string> {
    return "[[rules]]\nid='x'\nregex='('\n";
  };
  EXPECT_TRUE(load(std::vector<std::string>{"a.toml"}, options).rules.empty());
  options.expressions = Expressions::kTrust;
  EXPECT_EQ(load(std::vector<std::string>{"a.toml"}, options).rules.size(), 1U);
}

// The peer's own configuration fixtures, when VEDETTE_GITLEAKS names a checkout of it.
class GitleaksFixtures : public testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("VEDETTE_GITLEAKS");
    if (folder == nullptr) GTEST_SKIP() << "VEDETTE_GITLEAKS names no checkout of gitleaks";
    folder_ = folder;
  }

  std::vector<std::string> files(const std::string& below) const {
    return list_files(folder_ + "/testdata/config/" + below, {".toml"}).value();
  }

  SecretRuleSet load_one(const std::string& path) const {
    LoadOptions options;
    options.default_pack = folder_ + "/config/gitleaks.toml";
    options.working_folder = folder_ + "/config";  // where its tests run
    return load(std::vector<std::string>{path}, options);
  }

  static std::string errors_of(const SecretRuleSet& set) {
    std::string text;
    for (const Diagnostic& problem : set.problems) {
      if (problem.kind == DiagnosticKind::kError) {
        text += fmt::format("{}: {}\n", to_string(problem.place), problem.message);
      }
    }
    return text;
  }

  std::string folder_;
};

TEST_F(GitleaksFixtures, ValidOnesAreTaken) {
  // Halves of others, which gitleaks refuses as well when it is given them alone.
  const std::set<std::string> halves = {"extend_rule_new.toml", "extend_base_1.toml",
                                        "extend_base_2.toml"};
  for (const std::string& path : files("valid")) {
    const std::string errors = errors_of(load_one(path));
    if (halves.contains(std::filesystem::path(path).filename())) {
      EXPECT_NE(errors, "") << path;
    } else {
      EXPECT_EQ(errors, "") << path;
    }
  }
}

TEST_F(GitleaksFixtures, InvalidOnesAreRefused) {
  for (const std::string& path : files("invalid")) {
    EXPECT_NE(errors_of(load_one(path)), "") << path;
  }
}

TEST_F(GitleaksFixtures, ItsOwnPackLoadsWhole) {
  const SecretRuleSet set = load_one(folder_ + "/config/gitleaks.toml");
  EXPECT_EQ(errors_of(set), "");
  EXPECT_GE(set.rules.size(), 222U);
  for (const Diagnostic& problem : set.problems) ADD_FAILURE() << problem.message;
}

}  // namespace
}  // namespace vedette::rules::secret
