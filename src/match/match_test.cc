// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <gtest/gtest.h>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/unicode.h"
#include "match/decimal.h"
#include "match/find_text.h"
#include "match/glob.h"
#include "match/literal_set.h"
#include "match/needle_scanner.h"
#include "match/network.h"
#include "match/regex.h"
#include "match/regex_length.h"
#include "match/run_length.h"

namespace vedette::match {
namespace {

std::string random_text(std::mt19937& random, std::size_t size_max, std::string_view alphabet) {
  std::string text(random() % (size_max + 1), ' ');
  for (char& c : text) c = alphabet[random() % alphabet.size()];
  return text;
}

TEST(Decimal, ComparesExactly) {
  const auto number = [](std::string_view text) { return Decimal::parse(text).value(); };
  EXPECT_EQ(number("4624"), number("4624.0"));
  EXPECT_EQ(number("4624"), number("+4.624e3"));
  EXPECT_EQ(number("0"), number("-0.000"));
  EXPECT_NE(number("9007199254740993"), number("9007199254740992"));
  EXPECT_LT(number("-2"), number("-1.5"));
  EXPECT_LT(number("0.09"), number("0.1"));
  EXPECT_LT(number("9"), number("10"));
  EXPECT_GT(number("1e100"), number("99999999999999999999"));
  EXPECT_LT(number("-1e100"), number("1e-100"));
  EXPECT_EQ(number("0100"), number("100"));
  for (const std::string_view bad :
       {"", "-", ".", "1.2.3", "0x10", "1e", "1e+", " 1", "1 ", "abc", "1,5", "--1"}) {
    EXPECT_FALSE(Decimal::parse(bad).has_value()) << bad;
  }
}

TEST(Network, ContainsAddressesOfItsFamily) {
  const auto in = [](std::string_view network, std::string_view address) {
    return Network::parse(network).value().contains(Address::parse(address).value());
  };
  EXPECT_TRUE(in("10.0.0.0/8", "10.255.1.2"));
  EXPECT_FALSE(in("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(in("192.168.1.77/31", "192.168.1.76"));
  EXPECT_TRUE(in("0.0.0.0/0", "8.8.8.8"));
  EXPECT_FALSE(in("0.0.0.0/0", "::1"));
  EXPECT_TRUE(in("fe80::/10", "fe80::1%eth0"));
  EXPECT_TRUE(in("10.0.0.0/8", "::ffff:10.1.2.3"));
  EXPECT_TRUE(in("::1", "[::1]"));
  EXPECT_TRUE(in("2001:db8::/33", "2001:db8:7fff::"));
  EXPECT_FALSE(in("2001:db8::/33", "2001:db8:8000::"));
  for (const std::string_view bad :
       {"", "10.0.0.0/33", "10.0.0/8", "::/129", "x", "10.0.0.0/", "10.0.0.0/-1"}) {
    EXPECT_FALSE(Network::parse(bad).has_value()) << bad;
  }
}

// Straightforward recursion, one character at a time.
bool glob_oracle(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() == kAnyRun) {
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (glob_oracle(pattern.substr(1), text.substr(i))) return true;
    }
    return false;
  }
  if (text.empty()) return false;
  if (pattern.front() != kAnyOne && pattern.front() != text.front()) return false;
  return glob_oracle(pattern.substr(1), text.substr(1));
}

TEST(Glob, AgreesWithRecursion) {
  std::mt19937 random(1);
  const std::string alphabet = std::string("aab") + kAnyRun + kAnyOne;
  for (int i = 0; i < 20000; ++i) {
    const std::string pattern = random_text(random, 6, alphabet);
    const std::string text = random_text(random, 8, "ab");
    ASSERT_EQ(glob_matches(pattern, text), glob_oracle(pattern, text)) << i;
  }
}

TEST(Glob, AnyOneIsOneCharacter) {
  const std::string one = std::string("a") + kAnyOne + "b";
  EXPECT_TRUE(glob_matches(one,
                           "a\xC3\xA9"
                           "b"));
  EXPECT_TRUE(glob_matches(one,
                           "a\xF0\x9F\x98\x80"
                           "b"));
  EXPECT_FALSE(glob_matches(one, "ab"));
}

TEST(LiteralSet, AgreesWithFind) {
  std::mt19937 random(2);
  for (int round = 0; round < 400; ++round) {
    struct Entry {
      std::string literal;
      Anchor anchor;
    };
    std::vector<Entry> entries;
    LiteralSet::Builder builder;
    const std::size_t count = 1 + random() % (round % 10 == 0 ? 2000 : 60);
    for (std::uint32_t id = 0; id < count; ++id) {
      const auto anchor = static_cast<Anchor>(random() % 4);
      std::string literal = random_text(random, 7 + random() % 8, "abc\\");
      if (literal.empty() && anchor != Anchor::kWhole) literal = "a";
      builder.add(literal, anchor, id);
      entries.push_back({literal, anchor});
    }
    const LiteralSet set = std::move(builder).build();
    for (int i = 0; i < 40; ++i) {
      const std::string text = random_text(random, 40, "abc\\");
      std::set<std::uint32_t> expected;
      for (std::uint32_t id = 0; id < count; ++id) {
        const auto& [literal, anchor] = entries[id];
        const bool found = anchor == Anchor::kWhole   ? text == literal
                           : anchor == Anchor::kStart ? text.starts_with(literal)
                           : anchor == Anchor::kEnd   ? text.ends_with(literal)
                                                      : text.find(literal) != std::string::npos;
        if (found) expected.insert(id);
      }
      std::set<std::uint32_t> actual;
      set.scan(text, [&](std::uint32_t id) { actual.insert(id); });
      ASSERT_EQ(actual, expected) << text;
    }
  }
}

TEST(NeedleScanner, AgreesWithFindWhateverTheCase) {
  std::mt19937 random(3);
  const auto lower = [](std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
  };
  int found_count = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> needles(1 + random() % 40);
    for (std::string& needle : needles) needle = "abc" + random_text(random, 6, "abcDE:");
    const NeedleScanner scanner(needles);
    for (int i = 0; i < 50; ++i) {
      const std::string text = random_text(random, 120, "aAbBcCdDeE:");
      const bool expected =
          std::any_of(needles.begin(), needles.end(), [&](const std::string& needle) {
            return lower(text).find(lower(needle)) != std::string::npos;
          });
      found_count += expected ? 1 : 0;
      ASSERT_EQ(scanner.found_in(text), expected) << text;
    }
  }
  EXPECT_GT(found_count, 100);  // the comparison is about both answers
}

TEST(NeedleScanner, AgreesWithFindForManyNeedles) {
  std::mt19937 random(4);
  for (int round = 0; round < 100; ++round) {
    std::vector<std::string> needles(60 + random() % 100);
    for (std::string& needle : needles) {
      do {
        needle = random_text(random, 12, "abcDE:");
      } while (needle.size() < 4);
    }
    const NeedleScanner scanner(needles);
    for (int i = 0; i < 50; ++i) {
      const std::string text = random_text(random, 60, "aAbBcCdDeE:-+*/");
      const bool expected =
          std::any_of(needles.begin(), needles.end(), [&](const std::string& needle) {
            return fold_case(text).find(fold_case(needle)) != std::string::npos;
          });
      ASSERT_EQ(scanner.found_in(text), expected) << text;
      std::vector<std::uint32_t> ids;
      scanner.find_all(text, ids);
      std::set<std::string> found;
      for (const std::uint32_t id : ids) found.insert(fold_case(needles[id]));
      for (const std::string& needle : needles) {
        ASSERT_EQ(found.contains(fold_case(needle)),
                  fold_case(text).find(fold_case(needle)) != std::string::npos)
            << needle << " in " << text;
      }
    }
  }
}

TEST(MinimumMatch, IsALowerBound) {
  EXPECT_EQ(minimum_match_bytes(".{1000,}"), 1000U);
  EXPECT_EQ(minimum_match_bytes("[^/]{100,}$"), 100U);
  EXPECT_EQ(minimum_match_bytes("(?i)ab(c|de){2}f?g*h+"), 5U);
  EXPECT_EQ(minimum_match_bytes("a{,3}"), 5U);  // RE2 takes it literally
  EXPECT_EQ(minimum_match_bytes("x|"), 0U);
  EXPECT_EQ(minimum_match_bytes("[]a]\\b\\d"), 2U);
  EXPECT_EQ(minimum_match_bytes("(?:a|bb|ccc)+?"), 0U);
  EXPECT_EQ(minimum_match_bytes("\\x41b"), 0U);
  const std::vector<std::pair<std::string, std::string>> found = {{"a{2}b", "aab"},
                                                                  {"(x{3}|y)z?", "y"},
                                                                  {"\\{.*\\}", "{}"},
                                                                  {"^(?P<n>ab)$", "ab"},
                                                                  {"a\\+", "a+"}};
  for (const auto& [pattern, text] : found) {
    ASSERT_TRUE(Regex::compile(pattern).value().found_in(text)) << pattern;
    EXPECT_LE(minimum_match_bytes(pattern), text.size()) << pattern;
  }
}

TEST(FindFolded, AgreesWithTheObvious) {
  std::mt19937 random(9);
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (std::size_t n = random() % 90; n > 0; --n) text += "aBb_@`"[random() % 6];
    std::string wanted;
    for (std::size_t n = 1 + random() % 4; n > 0; --n) wanted += "ab_"[random() % 3];
    std::string lower = text;
    for (char& c : lower) c = c == 'B' ? 'b' : c;
    const std::size_t from = random() % 4;
    EXPECT_EQ(find_folded(text, wanted, from), lower.find(wanted, from)) << text << ' ' << wanted;
  }
}

TEST(ContainsText, AgreesWithFind) {
  std::mt19937 random(8);
  int found = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::string text = random_text(random, 70, "ab");
    const std::string wanted = random_text(random, 8, "ab");
    const bool expected = text.find(wanted) != std::string::npos;
    found += expected ? 1 : 0;
    ASSERT_EQ(contains_text(text, wanted), expected) << wanted << " in " << text;
  }
  EXPECT_GT(found, 1000);
  EXPECT_LT(found, 19000);
}

TEST(RunLength, AgreesWithRe2) {
  EXPECT_EQ(counted_dots(".{1000,}"), 1000U);
  EXPECT_EQ(counted_dots("(.){200,}"), 200U);
  for (const char* other : {".{5,9}", ".{5,}$", "^.{5,}", "(?s).{5,}", ".{,5}", ".{0,}", ".{5,}+"})
    EXPECT_EQ(counted_dots(other), std::nullopt) << other;
  // Another way to write the same, which is not taken for a count.
  ASSERT_EQ(counted_dots("(?:.){4,}"), std::nullopt);
  const Regex expression = Regex::compile("(?:.){4,}").value();
  std::mt19937 random(6);
  constexpr std::string_view kBytes(
      "ab\n\xC3\xA9\xE2\x82\xAC\xED\xA0\x80\xF0\x9F\x98\xF4\x90\xC0\xFF\x00", 20);
  int found = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text(random() % 12, ' ');
    for (char& c : text) c = kBytes[random() % kBytes.size()];
    const bool expected = expression.found_in(text);
    found += expected ? 1 : 0;
    ASSERT_EQ(has_run_of_characters(text, 4), expected)
        << ::testing::PrintToString(std::vector<unsigned char>(text.begin(), text.end()));
  }
  EXPECT_GT(found, 100);
}

TEST(RegexSet, RulesOutOnlyWhatCannotBeFound) {
  const std::vector<std::string> patterns = {"(?i)PowerShell.*-enc", "foo|bar",    "^[0-9]+$",
                                             "\\x{e9}t\\x{e9}",      "abc\\d{2,}", ".*"};
  RegexSet set;
  for (const std::string& pattern : patterns) ASSERT_TRUE(set.add(pattern).has_value());
  const std::vector<std::string> atoms = set.finish();
  for (const std::string text :
       {"x POWERSHELL -enc", "bar", "123", "\xC3\xA9t\xC3\xA9", "zabc99", "nothing"}) {
    std::string folded = text;
    std::transform(folded.begin(), folded.end(), folded.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    std::vector<int> present;
    for (std::size_t i = 0; i < atoms.size(); ++i) {
      if (folded.find(atoms[i]) != std::string::npos) present.push_back(static_cast<int>(i));
    }
    std::vector<int> candidates;
    set.candidates(present, candidates);
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      const bool found = Regex::compile(patterns[i]).value().found_in(text);
      EXPECT_EQ(set.found_in(i, text), found);
      if (found) {
        EXPECT_NE(std::find(candidates.begin(), candidates.end(), static_cast<int>(i)),
                  candidates.end())
            << patterns[i] << " in " << text;
      }
    }
  }
  EXPECT_FALSE(Regex::compile("(?=x)").has_value());
}

}  // namespace
}  // namespace vedette::match
