// SPDX-License-Identifier: Apache-2.0
#include "scan/secrets/naive_scanner.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "rules/secret/gitleaks.h"

namespace vedette::scan {
namespace {

// "rule line:column-end line:end column secret" of each finding.
std::vector<std::string> found_in(std::string_view text, const std::string& pack,
                                  std::string_view path = "a.txt") {
  rules::secret::LoadOptions options;
  options.read = [&](const std::string&) -> Result<std::string> { return pack; };
  const rules::secret::SecretRuleSet set =
      rules::secret::load(std::vector<std::string>{"pack.toml"}, options);
  for (const Diagnostic& problem : set.problems) ADD_FAILURE() << problem.message;
  const Content content{.path = path, .bytes = text, .object = {}, .commit = nullptr, .lines = {}};
  std::vector<std::string> lines;
  for (const NaiveFinding& finding : NaiveScanner(set).scan(content)) {
    lines.push_back(fmt::format("{} {}:{}-{}:{} {}", finding.rule->info.id, finding.line,
                                finding.column, finding.end_line, finding.end_column,
                                finding.secret));
    if (finding.decode_depth > 0 || finding.line == 0) continue;
    EXPECT_EQ(finding.secret,
              text.substr(finding.secret_start, finding.secret_end - finding.secret_start));
    EXPECT_EQ(finding.match,
              text.substr(finding.match_start, finding.match_end - finding.match_start));
  }
  return lines;
}

using Lines = std::vector<std::string>;

const std::string kToken = "[[rules]]\nid='token'\nregex='tok_([a-z0-9]+)'\n";

TEST(NaiveScanner, CountsLinesAndColumnsAsGitleaks) {
  EXPECT_EQ(found_in("tok_abc\n tok_de\ntok_f", kToken),
            (Lines{"token 1:1-1:7 abc", "token 2:3-2:8 de", "token 3:2-3:6 f"}));
  EXPECT_EQ(found_in("x tok_abc", kToken), Lines{"token 1:3-1:9 abc"});
}

TEST(NaiveScanner, TrimsLineBreaksOfMatches) {
  EXPECT_EQ(found_in("a\nkey\nb\n", "[[rules]]\nid='k'\nregex='\\n(?:key)\\n'\n"),
            Lines{"k 2:1-2:3 key"});
}

TEST(NaiveScanner, TakesTheGroupAskedForOrTheFirstThatIsNotEmpty) {
  const std::string pack = "[[rules]]\nid='k'\nregex='(x)?(y+)(z)?'\n";
  EXPECT_EQ(found_in("yyz\n", pack), Lines{"k 1:1-1:3 yy"});
  EXPECT_EQ(found_in("yyz\n", pack + "secretGroup=3\n"), Lines{"k 1:1-1:3 z"});
}

TEST(NaiveScanner, AsksKeywordsEntropyAndPath) {
  EXPECT_TRUE(found_in("tok_abc\n", kToken + "keywords=['other']\n").empty());
  EXPECT_EQ(found_in("tok_abc OTHER\n", kToken + "keywords=['Other']\n").size(), 1U);
  EXPECT_TRUE(found_in("tok_aaaa\n", kToken + "entropy=0.1\n").empty());
  EXPECT_TRUE(found_in("tok_ab\n", kToken + "entropy=1\n").empty()) << "equal is too low";
  EXPECT_EQ(found_in("tok_abcd\n", kToken + "entropy=1.9\n").size(), 1U);
  EXPECT_TRUE(found_in("tok_abc\n", kToken + "path='\\.env$'\n").empty());
  EXPECT_EQ(found_in("x", "[[rules]]\nid='p'\npath='\\.pem$'\n", "d/k.pem"), Lines{"p 0:0-0:0 "});
}

TEST(NaiveScanner, ObeysAllowlistsAndTheComment) {
  EXPECT_TRUE(found_in("tok_abc # gitleaks:allow\n", kToken).empty());
  EXPECT_EQ(found_in("tok_abc\n# gitleaks:allow\n", kToken).size(), 1U);
  EXPECT_TRUE(found_in("gitleaks:allow\nx\ntok_abc", kToken).empty())
      << "the line of a match behind the last line break is the whole text";
  const std::string list = kToken + "[[rules.allowlists]]\n";
  EXPECT_TRUE(found_in("tok_myexample\n", list + "stopwords=['EXAMPLE']\n").empty());
  EXPECT_EQ(found_in("tok_abc\n", list + "regexes=['tok']\n").size(), 1U);
  EXPECT_TRUE(found_in("tok_abc\n", list + "regexes=['tok']\nregexTarget='match'\n").empty());
  EXPECT_TRUE(found_in("x tok_abc\n", list + "regexes=['^\\nx|^x']\nregexTarget='line'\n").empty());
  EXPECT_TRUE(found_in("tok_abc\n", list + "paths=['a.txt']\n").empty());
  const std::string both = list + "condition='AND'\npaths=['a.txt']\nstopwords=['abc']\n";
  EXPECT_TRUE(found_in("tok_abc\n", both).empty());
  EXPECT_EQ(found_in("tok_xyz\n", both).size(), 1U);
  EXPECT_EQ(found_in("tok_abc\n", both, "b.txt").size(), 1U);
  EXPECT_TRUE(found_in("tok_abc\n", list + "regexes=['(?i)x','ABC']\n").empty())
      << "a flag holds for the alternatives behind it";
}

TEST(NaiveScanner, WantsRequiredRulesNearBy) {
  const std::string pack = "[[rules]]\nid='name'\nregex='name'\nskipReport=true\n" + kToken +
                           "[[rules.required]]\nid='name'\nwithinLines=1\n";
  EXPECT_EQ(found_in("name\ntok_abc\n", pack), Lines{"token 2:2-2:8 abc"});
  EXPECT_TRUE(found_in("name\n\ntok_abc\n", pack).empty());
}

TEST(NaiveScanner, LetsGenericRulesGiveWay) {
  const std::string pack = kToken + "[[rules]]\nid='generic-key'\nregex='key=(?:tok_)?(\\w+)'\n";
  EXPECT_EQ(found_in("key=tok_abc\n", pack), Lines{"token 1:5-1:11 abc"});
  EXPECT_EQ(found_in("key=abc\n", pack), Lines{"generic-key 1:1-1:7 abc"});
}

TEST(NaiveScanner, DecodesAgainAndAgain) {
  const std::string pack = "[[rules]]\nid='token'\nregex='tok_([a-z0-9]{9})'\n";
  EXPECT_EQ(found_in("a tok%5Fabcdefgh1\n", pack), Lines{"token 1:3-1:17 abcdefgh1"});
  EXPECT_EQ(found_in("746f6b5f616263646566676831202020 \n", pack),
            Lines{"token 1:1-1:32 abcdefgh1"});
  EXPECT_EQ(found_in("dG9rX2FiY2RlZmdoMSAgIA== \n", pack), Lines{"token 1:1-1:24 abcdefgh1"});
  EXPECT_EQ(found_in("\\u0074\\u006F\\u006b\\u005fabcdefgh1 \n", pack),
            Lines{"token 1:1-1:33 abcdefgh1"});
  EXPECT_EQ(found_in("U+0074 U+006F U+006B U+005F abcdefgh1 \n", pack),
            Lines{"token 1:1-1:37 abcdefgh1"});
  EXPECT_EQ(found_in("ZEc5clgyRmlZMlJsWm1kb01TQWdJQT09 \n", pack),
            Lines{"token 1:1-1:32 abcdefgh1"})
      << "base64 of base64";
}

}  // namespace
}  // namespace vedette::scan
