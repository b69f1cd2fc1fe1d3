// SPDX-License-Identifier: Apache-2.0
#include "scan/baseline.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>
#include <unistd.h>

#include "base/file.h"
#include "scan/secrets/secret_scanner.h"

namespace vedette::scan {
namespace {

constexpr std::size_t kFileMax = std::size_t{1} << 20;
const std::string kFirst(32, 'a');
const std::string kSecond(32, 'b');

event::FindingRule make_rule(std::string id) {
  event::FindingRule rule;
  rule.id = std::move(id);
  return rule;
}
const event::FindingRule kRule = make_rule("acme-token");

event::Finding finding(std::string identity, std::string path = "a.py", std::uint32_t line = 3,
                       const event::FindingRule& rule = kRule) {
  event::Finding finding;
  finding.rule = &rule;
  finding.identity = std::move(identity);
  finding.place.path = std::move(path);
  finding.place.line = line;
  return finding;
}

Baseline parse(std::string_view text) {
  auto baseline = Baseline::parse(text, "known");
  EXPECT_TRUE(baseline.has_value()) << baseline.error().message;
  return std::move(baseline).value_or(Baseline());
}

std::size_t entry_count(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n')) - 2;
}

TEST(Baseline, HoldsWhatWasAddedWhereverItIs) {
  Baseline baseline;
  baseline.add(finding(kFirst));
  EXPECT_TRUE(baseline.holds(finding(kFirst, "moved/b.py", 99)));
  EXPECT_FALSE(baseline.holds(finding(kSecond)));
  const Baseline again = parse(baseline.text());
  EXPECT_TRUE(again.problems().empty());
  EXPECT_TRUE(again.holds(finding(kFirst)));
  EXPECT_EQ(again.text(), baseline.text());
}

TEST(Baseline, IsSortedAndWithoutRepetition) {
  Baseline one;
  Baseline two;
  for (const auto& [identity, path] :
       {std::pair(kSecond, "z"), std::pair(kFirst, "b"), std::pair(kFirst, "a")}) {
    one.add(finding(identity, path));
    one.add(finding(identity, path));
  }
  for (const auto& [identity, path] :
       {std::pair(kFirst, "a"), std::pair(kSecond, "z"), std::pair(kFirst, "b")})
    two.add(finding(identity, path));
  EXPECT_EQ(one.text(), two.text());
  EXPECT_EQ(entry_count(one.text()), 3U);
}

TEST(Baseline, WritesAnyPathInOneWord) {
  const event::FindingRule odd = make_rule("odd rule\n#1");
  for (const std::string path : {"a b", "a\nb", "#%20", "", "\xFF\xC3", "中 文", "a\tb\r", " "}) {
    Baseline baseline;
    baseline.add(finding(kFirst, path, 1, odd));
    const Baseline again = parse(baseline.text());
    EXPECT_TRUE(again.problems().empty()) << path;
    EXPECT_EQ(again.text(), baseline.text()) << path;
    EXPECT_TRUE(again.holds(finding(kFirst))) << path;
  }
}

TEST(Baseline, KeepsComments) {
  const std::string line = kFirst + " acme-token a.py  # rotated on 2026-01-05 # see 12\n";
  Baseline baseline = parse("# mine\n\n" + line + kFirst + " acme-token a.py\r\n");
  baseline.add(finding(kFirst));
  EXPECT_NE(baseline.text().find(line), std::string::npos);
  EXPECT_EQ(entry_count(baseline.text()), 1U);
}

TEST(Baseline, TakesBothSidesOfAnUnresolvedMergeAndSaysWhere) {
  const std::string third(32, 'c');
  const Baseline baseline =
      parse("<<<<<<< HEAD\n" + kFirst + " r p\n||||||| base\n" + third + " r p\n=======\n" +
            kSecond + " r p\n>>>>>>> other\n" + kFirst + " r q\n");
  ASSERT_EQ(baseline.problems().size(), 1U);
  EXPECT_EQ(to_string(baseline.problems()[0].place), "known:1");
  EXPECT_NE(baseline.problems()[0].message.find("merge"), std::string::npos);
  EXPECT_TRUE(baseline.holds(finding(kFirst)));
  EXPECT_TRUE(baseline.holds(finding(kSecond)));
  EXPECT_FALSE(baseline.holds(finding(third)));  // removed by both
}

TEST(Baseline, NamesBadLinesAndReadsTheRest) {
  const Baseline baseline = parse("nonsense\n" + kFirst + " rule\n" + kFirst + " rule a b\n" +
                                  kFirst.substr(1) + "A r p\na:b\na:b:c\n:1\n" + kSecond + " r p");
  ASSERT_EQ(baseline.problems().size(), 7U);
  for (std::size_t i = 0; i < 7; ++i)
    EXPECT_EQ(baseline.problems()[i].place.line, i + 1) << baseline.problems()[i].message;
  EXPECT_EQ(baseline.size(), 1U);
  EXPECT_TRUE(baseline.holds(finding(kSecond)));
}

TEST(Baseline, ReadsFingerprintsOfGitleaks) {
  const std::string commit = "0123456789012345678901234567890123456789";
  const Baseline baseline = parse("# ours\na.py:acme-token:3\n" + commit +
                                  ":old.py:acme-token:7\n0123456:short.py:acme-token:7\n"
                                  "./x/c:d.py:acme-token:8\nz.zip!in/y.txt:acme-token:9\n");
  EXPECT_TRUE(baseline.problems().empty());
  EXPECT_TRUE(baseline.holds(finding("", "a.py", 3)));
  EXPECT_FALSE(baseline.holds(finding("", "a.py", 4)));
  EXPECT_FALSE(baseline.holds(finding("", "a.py", 3, make_rule("other"))));
  EXPECT_FALSE(baseline.holds(finding("", "old.py", 7)));  // of that commit only
  event::Finding old = finding("", "old.py", 7);
  old.place.commit.emplace().id = commit;
  EXPECT_TRUE(baseline.holds(old));
  old.place.path = "short.py";
  EXPECT_TRUE(baseline.holds(old));
  old.place.commit->id.front() = 'f';
  EXPECT_FALSE(baseline.holds(old));
  EXPECT_TRUE(baseline.holds(finding("", "x/c:d.py", 8)));
  EXPECT_TRUE(baseline.holds(finding("", "z.zip/in/y.txt", 9)));
  EXPECT_EQ(entry_count(baseline.text()), 0U);
}

TEST(Baseline, ReadsAReportOfGitleaks) {
  const std::string secret = "acme_" + std::string(24, 'q');
  const Baseline baseline = parse(R"(
[
 {"RuleID": "acme-token", "Description": "x", "StartLine": 3, "Match": "REDACTED",
  "Secret": "REDACTED", "File": "a\/\u0062.py", "Commit": "", "Entropy": 3.5, "Tags": ["a", {"b": [1]}],
  "Fingerprint": ""},
 {"RuleID": "acme-token", "StartLine": 9, "Secret": ")" +
                                  secret +
                                  R"(", "File": "c.py", "Fingerprint": "c.py:acme-token:9"}
])");
  EXPECT_TRUE(baseline.problems().empty());
  EXPECT_TRUE(baseline.holds(finding("", "a/b.py", 3)));
  EXPECT_TRUE(baseline.holds(finding("", "c.py", 9)));
  EXPECT_FALSE(baseline.holds(finding("", "c.py", 10)));
  EXPECT_TRUE(baseline.holds(finding(secrets::identity_of("acme-token", secret), "moved.py", 1)));
  EXPECT_FALSE(baseline.holds(finding(secrets::identity_of("acme-token", "REDACTED"), "x", 1)));
  EXPECT_EQ(parse("[]").size(), 0U);
}

TEST(Baseline, SaysWhereAReportIsNone) {
  for (const std::string text :
       {"[", "[{", "[{\"RuleID\"", "[{\"RuleID\":}]", "[{\"a\":1}{\"b\":2}]", "[{\"a\":\"\\\"}]",
        "[1]", "[{\"a\":[1,2}", "[{\"a\":1,}]"}) {
    const auto baseline = Baseline::parse(text, "report.json");
    ASSERT_FALSE(baseline.has_value()) << text;
    EXPECT_NE(baseline.error().message.find("report.json: expected"), std::string::npos);
    EXPECT_NE(baseline.error().message.find("at byte"), std::string::npos);
  }
  const std::string deep = "[{\"a\":" + std::string(100'000, '[');
  EXPECT_EQ(Baseline::parse(deep, "x").error().code, ErrorCode::kLimit);
}

TEST(Baseline, WritesWholeAndReadsBack) {
  const std::string path = fmt::format("{}vedette_baseline_{}", testing::TempDir(), ::getpid());
  Baseline baseline;
  baseline.add(finding(kFirst));
  ASSERT_TRUE(baseline.write(path).has_value());
  const auto again = Baseline::read(path);
  std::filesystem::remove(path);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->text(), baseline.text());
  EXPECT_FALSE(Baseline::read(path).has_value());
}

// Numbers below a bound.
class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  unsigned below(unsigned bound) { return static_cast<unsigned>(engine_() % bound); }

 private:
  std::mt19937 engine_;
};

std::string branch_of(const std::vector<unsigned>& base, Random& random, unsigned mark,
                      std::set<unsigned>& added, std::set<unsigned>& removed) {
  Baseline baseline;
  const auto number = [&baseline](unsigned value) {
    baseline.add(finding(fmt::format("{:032x}", value), fmt::format("src/{}.py", value % 97)));
  };
  for (const unsigned value : base) {
    if (random.below(8) == 0) {
      removed.insert(value);
    } else {
      number(value);
    }
  }
  for (unsigned i = random.below(20); i > 0; --i) {
    // Some are close to others and to those of the other branch, some are the same.
    const unsigned value =
        random.below(4) == 0 ? 7'000'000 + random.below(9) : random.below(5'000'000) * 4 + mark;
    added.insert(value);
    number(value);
  }
  return baseline.text();
}

// Two branches add and remove lines of one baseline; git's union merge of them must hold what
// either added and what both kept, and leave no conflict.
TEST(Baseline, BranchesMergeByUnion) {
  ASSERT_EQ(std::system("git --version >/dev/null 2>&1"), 0) << "needs git";
  const std::string folder = fmt::format("{}vedette_merge_{}", testing::TempDir(), ::getpid());
  std::filesystem::create_directories(folder);
  Random random(11);
  for (int round = 0; round < 100; ++round) {
    std::vector<unsigned> base;
    Baseline original;
    for (unsigned i = random.below(40); i > 0; --i) {
      base.push_back(random.below(5'000'000) * 4 + 3);
      original.add(
          finding(fmt::format("{:032x}", base.back()), fmt::format("src/{}.py", base.back() % 97)));
    }
    std::set<unsigned> added;
    std::set<unsigned> removed;
    const std::string ours = branch_of(base, random, 1, added, removed);
    const std::string theirs = branch_of(base, random, 2, added, removed);
    ASSERT_TRUE(write_file_whole(folder + "/base", original.text()).has_value());
    ASSERT_TRUE(write_file_whole(folder + "/ours", ours).has_value());
    ASSERT_TRUE(write_file_whole(folder + "/theirs", theirs).has_value());
    const std::string command =
        "cd '" + folder + "' && git merge-file --union -p ours base theirs >merged 2>/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);
    const Baseline merged = parse(read_file(folder + "/merged", kFileMax).value_or("?"));
    EXPECT_TRUE(merged.problems().empty());
    for (const unsigned value : added)
      EXPECT_TRUE(merged.holds(finding(fmt::format("{:032x}", value)))) << value;
    for (const unsigned value : base) {
      const bool kept = merged.holds(finding(fmt::format("{:032x}", value)));
      EXPECT_TRUE(kept || removed.contains(value)) << value;
    }
    EXPECT_LE(merged.size(), base.size() + added.size());
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace vedette::scan
