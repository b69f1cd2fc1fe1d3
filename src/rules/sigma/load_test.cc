// SPDX-License-Identifier: Apache-2.0
#include "rules/load.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/file.h"
#include "rules/sigma/detection.h"
#include "rules/sigma/sigma.h"

namespace vedette::rules::sigma {
namespace {

RuleSet load_one(const std::string& text, const LoadOptions& options = {}) {
  auto rules = sigma::load_text(text, "file.yml", options);
  EXPECT_TRUE(rules.has_value());
  return std::move(*rules);
}

std::string rule_with(const std::string& detection) {
  return "title: T\nid: 00000000-0000-0000-0000-000000000001\nlogsource: {product: p}\n"
         "detection:\n" +
         detection;
}

TEST(Load, RulesSayWhatTheyAre) {
  const RuleSet set = load_one(
      "title: A title\nid: 00000000-0000-0000-0000-000000000001\nname: n\nstatus: test\n"
      "description: D\nauthor: A, B\ndate: 2024-01-02\nlevel: high\n"
      "tags: [attack.t1059, attack.execution]\nreferences: [https://example.org]\n"
      "falsepositives: [none]\nfields: [f, g]\n"
      "logsource: {category: c, product: p, service: s}\n"
      "detection:\n  sel:\n    f|contains: x\n    g: 5\n  condition: sel\n");
  ASSERT_EQ(set.rules.size(), 1U);
  const Rule& rule = set.rules[0];
  EXPECT_EQ(rule.info.title, "A title");
  EXPECT_EQ(rule.info.id, "00000000-0000-0000-0000-000000000001");
  EXPECT_EQ(rule.info.level, event::Level::kHigh);
  EXPECT_EQ(rule.info.tags.size(), 2U);
  EXPECT_EQ(rule.info.logsource, "p/c/s");
  EXPECT_EQ(rule.info.file, "file.yml");
  EXPECT_EQ(rule.fields, (std::vector<std::string>{"f", "g"}));
  ASSERT_EQ(rule.condition.kind, Expression::Kind::kAnd);
  const Expression& leaf = rule.condition.children[0];
  EXPECT_EQ(leaf.field, "f");
  EXPECT_EQ(leaf.selection, "sel");
  EXPECT_EQ(leaf.line, 16U);
  EXPECT_EQ(leaf.predicate, (Predicate{rules::Test::kContains, Case::kIgnore, "x"}));
  EXPECT_EQ(rule.condition.children[1].predicate.test, rules::Test::kNumberEquals);
  EXPECT_TRUE(set.warnings.empty());
}

TEST(Load, RefusalsNameTheirPlace) {
  const RuleSet set =
      load_one(rule_with("  sel:\n    f:\n      - a\n      - {b: c}\n  condition: sel\n"));
  ASSERT_EQ(set.refused.size(), 1U);
  EXPECT_EQ(set.refused[0].file, "file.yml");
  EXPECT_EQ(set.refused[0].line, 8U);
  EXPECT_EQ(set.refused[0].column, 9U);
  EXPECT_EQ(set.refused[0].rule, "00000000-0000-0000-0000-000000000001");
}

TEST(Load, AMillionAlternativesAreRefusedSoon) {
  std::string text = rule_with("  sel:\n    f:\n");
  for (int i = 0; i < 1'000'000; ++i) text += "      - v" + std::to_string(i) + "\n";
  text += "  condition: sel\n";
  const auto start = std::chrono::steady_clock::now();
  const RuleSet set = load_one(text);
  ASSERT_EQ(set.refused.size(), 1U);
  EXPECT_NE(set.refused[0].reason.find("values"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  std::string pattern = "  sel:\n    f|re: '";
  for (int i = 0; i < 1'000'000; ++i) pattern += "v" + std::to_string(i) + "|";
  EXPECT_EQ(load_one(rule_with(pattern + "x'\n  condition: sel\n")).refused.size(), 1U);
}

// Few bytes that ask for many values: modifiers, aliases, names that occur again and again.
TEST(Load, MultiplyingRulesAreRefused) {
  std::string dashes = "  sel:\n    f|windash:\n";
  for (int i = 0; i < 1000; ++i) dashes += fmt::format("      - '-a{} -b -c -d'\n", i);
  EXPECT_EQ(load_one(rule_with(dashes + "  condition: sel\n")).refused.size(), 1U);

  std::string aliases = "  a0: &a0\n    - f: x\n    - g: y\n";
  for (int i = 1; i < 30; ++i) aliases += fmt::format("  a{0}: &a{0} [*a{1}, *a{1}]\n", i, i - 1);
  EXPECT_EQ(load_one(rule_with(aliases + "  condition: a29\n")).refused.size(), 1U);

  std::string values = "  sel:\n    f:\n";
  for (int i = 0; i < 2000; ++i) values += fmt::format("      - v{}\n", i);
  std::string names = "sel";
  for (int i = 0; i < 5000; ++i) names += " or sel";
  EXPECT_EQ(load_one(rule_with(values + "  condition: " + names + "\n")).refused.size(), 1U);
}

TEST(Load, ManyRulesTogetherAreBounded) {
  std::string text;
  std::string values;
  for (int i = 0; i < 100; ++i) values += "'-a -b -c -d', ";
  for (std::size_t i = 0; i < kLoadValuesMax / 60000 + 2; ++i) {
    text += "---\n" + rule_with("  sel: {f|windash: [" + values + "]}\n  condition: sel\n");
  }
  const RuleSet set = load_one(text);
  EXPECT_FALSE(set.rules.empty());
  ASSERT_FALSE(set.refused.empty());
  EXPECT_NE(set.refused.back().reason.find("loaded together"), std::string::npos);
}

class LoadFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / fmt::format("vedette_load_{}", ::getpid());
    std::filesystem::create_directories(folder_ / "sub");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string write(const std::string& name, const std::string& text) {
    EXPECT_TRUE(write_file_whole(folder_ / name, text).has_value());
    return folder_ / name;
  }
  std::filesystem::path folder_;
};

TEST_F(LoadFiles, FoldersAreReadByNameAndFilesOnce) {
  const std::string body = "logsource: {product: p}\ndetection:\n  s: {f: 1}\n  condition: s\n";
  write("b.yml", "title: B\n" + body);
  const std::string first = write("sub/a.yaml", "title: A\n" + body);
  write("notes.txt", "no rule");
  LoadOptions options;
  options.paths = {first, folder_};
  const auto set = load(options);
  ASSERT_TRUE(set.has_value());
  ASSERT_EQ(set->rules.size(), 2U);
  EXPECT_EQ(set->rules[0].info.title, "A");
  EXPECT_EQ(set->rules[1].info.title, "B");
  EXPECT_TRUE(set->refused.empty());
}

TEST_F(LoadFiles, MissingPathsAndPipelinesFailTheLoad) {
  LoadOptions options;
  options.paths = {folder_ / "none"};
  EXPECT_FALSE(load(options).has_value());
  options.paths = {folder_};
  EXPECT_TRUE(load(options).has_value());
  options.pipelines = {folder_ / "none.yml"};
  EXPECT_FALSE(load(options).has_value());
}

TEST_F(LoadFiles, LargeFilesCostThemselvesOnly) {
  LoadOptions options;
  options.limits.file_bytes_max = 100;
  write("large.yml", std::string(200, '#'));
  options.paths = {folder_};
  const auto set = load(options);
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(set->refused.size(), 1U);
}

TEST_F(LoadFiles, PipelinesActInOrderOfPriority) {
  const std::string second = write(
      "p1.yml", "priority: 20\ntransformations:\n  - {type: field_name_suffix, suffix: .b}\n");
  const std::string first = write(
      "p2.yml", "priority: 10\ntransformations:\n  - {type: field_name_suffix, suffix: .a}\n");
  LoadOptions options;
  options.pipelines = {second, first};
  const RuleSet set = load_one(rule_with("  s: {f: 1}\n  condition: s\n"), options);
  ASSERT_EQ(set.rules.size(), 1U);
  EXPECT_EQ(set.rules[0].condition.field, "f.a.b");
}

TEST_F(LoadFiles, PipelinesMapTheFieldsOfCorrelations) {
  LoadOptions options;
  options.pipelines = {write(
      "p.yml", "transformations:\n  - {type: field_name_mapping, mapping: {user: user.name}}\n")};
  const RuleSet set = load_one(
      "title: B\nname: base\nlogsource: {product: p}\ndetection:\n  s: {user: a}\n"
      "  condition: s\n---\ntitle: C\ncorrelation:\n  type: event_count\n  rules: [base]\n"
      "  group-by: [user, host]\n  timespan: 5m\n  condition: {gte: 3}\n",
      options);
  ASSERT_EQ(set.correlations.size(), 1U);
  EXPECT_EQ(set.correlations[0].group_by, (std::vector<std::string>{"user.name", "host"}));
  EXPECT_EQ(set.rules[0].condition.field, "user.name");
}

TEST_F(LoadFiles, Variables) {
  const auto variables = load_variables(write("v.yml", "a: 1\nb: [x, 'y*']\n"), {});
  ASSERT_TRUE(variables.has_value());
  EXPECT_EQ(variables->at("a"), std::vector<std::string>{"1"});
  EXPECT_EQ(variables->at("b"), (std::vector<std::string>{"x", "y*"}));
  EXPECT_FALSE(load_variables(write("v.yml", "- a\n"), {}).has_value());
  EXPECT_FALSE(load_variables(write("v.yml", "a: {b: c}\n"), {}).has_value());
  EXPECT_FALSE(load_variables(folder_ / "none.yml", {}).has_value());
}

// All public rules: only placeholders without values are a reason to refuse one.
TEST(LoadPublicRules, OnlyUnresolvedPlaceholdersAreRefused) {
  const char* data = std::getenv("VEDETTE_DATA");
  const std::filesystem::path folder =
      (data != nullptr ? std::filesystem::path(data)
                       : std::filesystem::path(VEDETTE_SOURCE_DIR) / "../shared/data") /
      "sigma";
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP()
        << "the public rules are missing: set VEDETTE_DATA to the folder that holds sigma/";
  }
  LoadOptions options;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with("rules")) {
      options.paths.push_back(entry.path());
    }
  }
  const auto set = load(options);
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(set->rules.size() + set->refused.size(), 3780U);
  EXPECT_EQ(set->refused.size(), 25U);
  for (const Refusal& refusal : set->refused) {
    EXPECT_NE(refusal.reason.find("placeholder %"), std::string::npos) << refusal.reason;
  }
}

}  // namespace
}  // namespace vedette::rules::sigma
