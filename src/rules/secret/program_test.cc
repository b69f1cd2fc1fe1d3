// SPDX-License-Identifier: Apache-2.0
#include "rules/secret/program.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>
#include <set>
#include <string>
#include <tuple>

namespace vedette::rules::secret {
namespace {

SecretRule rule(std::string id, std::string regex, std::vector<std::string> keywords) {
  SecretRule rule;
  rule.info.id = std::move(id);
  rule.regex = std::move(regex);
  rule.keywords = std::move(keywords);
  return rule;
}

std::vector<std::string> found(const SecretRuleSet& rules, std::string_view content,
                               std::string_view path = "a.txt", std::string_view commit = "") {
  SecretProgram::Scratch scratch;
  std::vector<SecretMatch> matches;
  SecretProgram::compile(rules)->find(path, content, commit, scratch, matches);
  std::vector<std::string> out;
  for (const SecretMatch& match : matches) {
    out.push_back(rules.rules[match.rule].info.id + "=" +
                  std::string(content.substr(match.secret_begin, match.secret_size)));
  }
  return out;
}

using Texts = std::vector<std::string>;

TEST(SecretProgram, TakesTheGroupThatTheRuleNames) {
  SecretRule first = rule("first", "key(\\d)?([a-z]+)", {"key"});
  SecretRule named = first;
  named.info.id = "named";
  named.secret_group = 1;
  EXPECT_EQ(found({{first}, {}, {}, 0}, "keyabc KEY key7x"), Texts({"first=abc", "first=7"}));
  // A group that took no part leaves nothing to tell.
  EXPECT_EQ(found({{named}, {}, {}, 0}, "keyabc key7x"), Texts({"named=7"}));
}

TEST(SecretProgram, AsksForAKeywordAnywhereInTheContent) {
  const SecretRuleSet rules{{rule("r", "[0-9]{4}", {"acme"})}, {}, {}, 0};
  EXPECT_EQ(found(rules, "1234 5678"), Texts());
  EXPECT_EQ(found(rules, "1234 of AcMe, 5678"), Texts({"r=1234", "r=5678"}));
  EXPECT_EQ(found({{rule("short", "[0-9]{4}", {"ey"})}, {}, {}, 0}, "1234 KEY"),
            Texts({"short=1234"}));
}

TEST(SecretProgram, EntropyAndPathsDecideToo) {
  SecretRule entropic = rule("e", "k=(\\w+)", {"k="});
  entropic.entropy = 1.5;
  EXPECT_EQ(found({{entropic}, {}, {}, 0}, "k=aaab k=abcd"), Texts({"e=abcd"}));
  SecretRule of_path = rule("p", "k=(\\w+)", {"k="});
  of_path.path = "\\.env$";
  EXPECT_EQ(found({{of_path}, {}, {}, 0}, "k=abcd", "x/.env"), Texts({"p=abcd"}));
  EXPECT_EQ(found({{of_path}, {}, {}, 0}, "k=abcd", "x/env"), Texts());
  SecretRule name_only = rule("n", "", {});
  name_only.path = "\\.p12$";
  EXPECT_EQ(found({{name_only}, {}, {}, 0}, "", "x/a.p12"), Texts({"n="}));
}

TEST(SecretProgram, AllowlistsTakeAway) {
  const auto with = [](Allowlist allowlist, std::string_view path, std::string_view commit = "") {
    SecretRule allowed = rule("r", "key=(\\w+)", {"key="});
    allowed.allowlists = {std::move(allowlist)};
    return found({{allowed}, {}, {}, 0}, "key=Example9 // test\nkey=other\n", path, commit);
  };
  Allowlist words;
  words.stopwords = {"example"};
  EXPECT_EQ(with(words, "a"), Texts({"r=other"}));
  Allowlist line;
  line.regexes = {"// test$"};
  line.target = Allowlist::Target::kLine;
  EXPECT_EQ(with(line, "a"), Texts({"r=other"}));
  Allowlist match;
  match.regexes = {"^key=o"};
  match.target = Allowlist::Target::kMatch;
  EXPECT_EQ(with(match, "a"), Texts({"r=Example9"}));
  Allowlist both = words;
  both.paths = {"^tests/"};
  EXPECT_EQ(with(both, "a"), Texts({"r=other"}));
  both.condition = Allowlist::Condition::kAll;
  EXPECT_EQ(with(both, "a"), Texts({"r=Example9", "r=other"}));
  EXPECT_EQ(with(both, "tests/a"), Texts({"r=other"}));
  Allowlist commits;
  commits.commits = {"abc"};
  EXPECT_EQ(with(commits, "a", "abc"), Texts());
  EXPECT_EQ(with(commits, "a"), Texts({"r=Example9", "r=other"}));
  SecretRuleSet global{{rule("r", "key=(\\w+)", {"key="})}, {words}, {}, 0};
  EXPECT_EQ(found(global, "key=Example9 key=other"), Texts({"r=other"}));
}

// The program searches only where keywords are; the plain way searches everywhere. Rules whose
// keyword may lie outside of a match, or whose matches have no end, are among them.
TEST(SecretProgram, FindsWhatSearchingEverywhereFinds) {
  std::vector<SecretRule> rules = {
      rule("prefix", "\\btok_[a-c]{3,5}\\b", {"tok_"}),
      rule("around", "(?i)[\\w.]{0,6}?(?:tok_|pass)[ =]{1,3}['\"]?([a-c]{2,6})(?:['\" \\n]|$)",
           {"tok_", "pass"}),
      rule("backtick", "pass\\x60([a-c]+)\\x60", {"pass"}),
      rule("apart", "[a-c]{4}9", {"pass"}),
      rule("endless", "pass.*?end", {"pass"}),
      rule("lines", "pass\\s{0,3}=\\s{0,3}([a-c]{1,4})", {"pass"}),
  };
  std::vector<match::Regex> plain;
  for (const SecretRule& each : rules) plain.push_back(match::Regex::compile(each.regex).value());
  const SecretRuleSet set{rules, {}, {}, 0};
  const auto program = SecretProgram::compile(set);
  std::mt19937 random(5);
  constexpr std::array<std::string_view, 12> kPieces = {"tok_", "PASS", "pass", " = ", "\n",  "abc",
                                                        "a",    "'",    "`",    "9",   "end", "x."};
  SecretProgram::Scratch scratch;
  std::size_t total = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string content;
    for (std::size_t n = random() % 60; n > 0; --n) content += kPieces[random() % kPieces.size()];
    std::string lower = content;
    for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    std::set<std::tuple<std::uint32_t, std::size_t, std::size_t>> expected;
    for (std::uint32_t i = 0; i < rules.size(); ++i) {
      const auto has = [&](const std::string& word) { return lower.find(word) != lower.npos; };
      if (std::ranges::none_of(rules[i].keywords, has)) continue;
      std::vector<std::string_view> groups;
      for (std::size_t from = 0;
           plain[i].find(content, from, match::Regex::Anchor::kAnywhere, groups);) {
        const auto begin = static_cast<std::size_t>(groups[0].data() - content.data());
        expected.emplace(i, begin, groups[0].size());
        from = begin + groups[0].size();
      }
    }
    std::vector<SecretMatch> matches;
    program->find("a", content, "", scratch, matches);
    std::set<std::tuple<std::uint32_t, std::size_t, std::size_t>> actual;
    for (const SecretMatch& match : matches)
      actual.emplace(match.rule, match.match_begin, match.match_size);
    ASSERT_EQ(actual, expected) << content;
    total += actual.size();
  }
  EXPECT_GT(total, 3000U);
}

TEST(SecretEntropy, IsShannons) {
  EXPECT_EQ(entropy(""), 0);
  EXPECT_EQ(entropy("aaaa"), 0);
  EXPECT_DOUBLE_EQ(entropy("abcd"), 2);
}

TEST(SecretLine, HasNoEnd) {
  EXPECT_EQ(line_at("ab\r\ncd", 1), "ab");
  EXPECT_EQ(line_at("ab\ncd", 3), "cd");
  EXPECT_EQ(line_at("ab\ncd", 99), "cd");
  EXPECT_EQ(line_at("", 0), "");
}

}  // namespace
}  // namespace vedette::rules::secret
