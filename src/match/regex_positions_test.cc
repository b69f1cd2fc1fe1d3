// SPDX-License-Identifier: Apache-2.0
#include "match/regex_positions.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <gtest/gtest.h>
#include <random>

#include "match/lazy_automaton.h"
#include "match/needle_finder.h"
#include "match/regex.h"

namespace vedette::match {
namespace {

using Texts = std::vector<std::string>;

Texts literals(std::string_view pattern) {
  Texts found;
  for (const Pivot& pivot : regex_pivots(pattern)) found.push_back(pivot.literal);
  std::ranges::sort(found);
  return found;
}

TEST(RegexPositions, ChoosesLiteralsThatEveryMatchHolds) {
  EXPECT_EQ(literals(R"(\b(ghp_[0-9a-zA-Z]{36})\b)"), Texts({"ghp_"}));
  EXPECT_EQ(literals("(?i)[\\w.-]{0,50}?(?:adafruit)(?:[ \t\\w.-]{0,20})=([a-z0-9]{32})"),
            Texts({"adafruit"}));
  EXPECT_EQ(literals("(?:AKIA|ASIA|A3T[A-Z0-9])[A-Z2-7]{16}"), Texts({"a3t", "akia", "asia"}));
  EXPECT_EQ(literals("(?:sk|rk)_(?:live|test)_[a-z]{4}"),
            Texts({"rk_live_", "rk_test_", "sk_live_", "sk_test_"}));
  EXPECT_EQ(literals("y[0-2]_[a-z]+"), Texts({"y0_", "y1_", "y2_"}));
  EXPECT_EQ(literals("zq-?jx[a-z]+"), Texts({"zq-jx", "zqjx"}));
  EXPECT_EQ(literals("[0-9]?credentials?="), Texts({"credential"}));
  EXPECT_EQ(literals("-{5}BEGIN"), Texts({"-----begin"}));
  EXPECT_EQ(literals("(?:abcd)+[0-9]"), Texts({"abcd"}));
}

TEST(RegexPositions, KnowsWhereThereIsNoSuchChoice) {
  for (const char* const pattern :
       {"[a-f0-9]{32}", "a|bcd", "(?:abcd)?[0-9]+", "(?:abcd)*", "", "abcd|", "x", "\\pL+abcd"}) {
    EXPECT_EQ(literals(pattern), Texts()) << pattern;
  }
  EXPECT_FALSE(regex_positions("[[:wrong:]]abc"));
  EXPECT_FALSE(regex_positions("(abc"));
  EXPECT_FALSE(regex_positions("abc)"));
  EXPECT_FALSE(regex_positions("a{3000}b{3000}(?:[ab]{1,60}[cd]{1,60}){60}"));
}

TEST(RegexPositions, KnowsHowFarAMatchReachesToTheFront) {
  const auto before = [](std::string_view pattern) { return regex_pivots(pattern)[0].before; };
  EXPECT_EQ(before("[a-z]{0,50}[0-9]?token="), 51U);
  EXPECT_EQ(before("token=[a-z]+"), 0U);
  EXPECT_EQ(before("[a-z]*token="), kUnboundedBytes);
  EXPECT_EQ(before("(?:[a-z][0-9]){2,3}(?:x|yy)?token="), 8U);
  EXPECT_EQ(before(".{3}token="), 12U);  // characters of four bytes
}

// A random expression over few letters, of all forms that rules use.
class RandomRegex {
 public:
  explicit RandomRegex(std::mt19937& random) : random_(random) {}
  std::string make(unsigned depth) {
    std::string pattern;
    const std::size_t parts = 1 + random_() % 4;
    for (std::size_t i = 0; i < parts; ++i) pattern += part(depth);
    if (random_() % 4 == 0) pattern += "|" + part(depth);
    return pattern;
  }

 private:
  std::string part(unsigned depth) {
    static constexpr std::array<const char*, 14> kAtoms = {
        "abc", "key", "k",      "s", "[ab]", "[^a]",    "\\w",
        "\\b", "=",   "[ \\t]", ".", "$",    "(?i:Ab)", "\xC3\xA4"};
    static constexpr std::array<const char*, 9> kCounts = {"?",     "*",     "+",  "{2}", "{0,3}",
                                                           "{2,}?", "{1,4}", "+?", "??"};
    std::string atom = kAtoms[random_() % kAtoms.size()];
    if (depth > 0 && random_() % 2 == 0) {
      static constexpr std::array<const char*, 4> kGroups = {"(", "(?:", "(?i:", "(?s:"};
      atom = kGroups[random_() % kGroups.size()] + make(depth - 1) + ")";
    }
    if (random_() % 3 != 0) return atom;
    return "(?:" + atom + ")" + kCounts[random_() % kCounts.size()];
  }
  std::mt19937& random_;
};

// Whether around some pivot of `match` (a part of `text`) the automata let it pass.
bool is_let_pass(const RegexPositions& positions, std::string_view text, std::string_view match) {
  const auto match_begin = static_cast<std::size_t>(match.data() - text.data());
  const ByteClasses classes(positions.sets);
  for (const Pivot& pivot : positions.pivots) {
    const NeedleFinder finder({pivot.literal});
    std::vector<NeedleFinder::Place> places;
    finder.find_all(text, places);
    const LazyAutomaton forward(positions, classes, LazyAutomaton::Direction::kForward,
                                pivot.path.back());
    const LazyAutomaton backward(positions, classes, LazyAutomaton::Direction::kBackward,
                                 pivot.path.front());
    for (const NeedleFinder::Place& place : places) {
      if (place.begin < match_begin || place.begin - match_begin > pivot.before) continue;
      if (place.begin + pivot.literal.size() > match_begin + match.size()) continue;
      if (!forward.may_match(text, place.begin + pivot.literal.size())) continue;
      if (!backward.may_match(text, place.begin)) continue;
      const auto is_word = [text](std::size_t at) {
        return at < text.size() &&
               (std::isalnum(static_cast<unsigned char>(text[at])) != 0 || text[at] == '_');
      };
      const std::size_t end = place.begin + pivot.literal.size();
      if (positions.positions[pivot.path.front()].begins_at_boundary &&
          (place.begin > 0 && is_word(place.begin - 1)) == is_word(place.begin))
        continue;
      if (positions.positions[pivot.path.back()].ends_at_boundary &&
          is_word(end - 1) == is_word(end))
        continue;
      const std::optional<std::size_t> first = backward.first_begin(text, place.begin, 0);
      const std::optional<std::size_t> own = backward.first_begin(text, place.begin, match_begin);
      if ((!first || *first <= match_begin) && (!own || *own == match_begin)) return true;
    }
  }
  return false;
}

TEST(RegexPositions, RuleOutNothingThatRe2Finds) {
  std::mt19937 random(7);
  constexpr std::string_view kAlphabet = "abcABCkeyskK= \t\n0\xC3\xA4";
  unsigned found = 0;
  for (unsigned round = 0; round < 4000; ++round) {
    const std::string pattern = RandomRegex(random).make(2);
    const Result<Regex> regex = Regex::compile(pattern);
    const std::optional<RegexPositions> positions = regex_positions(pattern);
    if (!regex || !positions) continue;
    EXPECT_EQ(positions->pivots.size(), regex_pivots(pattern).size()) << pattern;
    if (positions->pivots.empty()) continue;
    for (unsigned k = 0; k < 20; ++k) {
      std::string text(random() % 40, ' ');
      for (char& c : text) c = kAlphabet[random() % kAlphabet.size()];
      const Pivot& pivot = positions->pivots[random() % positions->pivots.size()];
      text.insert(random() % (text.size() + 1), pivot.literal);
      std::vector<std::string_view> groups;
      if (!regex->find(text, 0, Regex::Anchor::kAnywhere, groups)) continue;
      ++found;
      ASSERT_TRUE(is_let_pass(*positions, text, groups[0]))
          << pattern << "\nin: " << text << "\nfound: " << groups[0];
    }
  }
  EXPECT_GT(found, 5000U);
}

TEST(RegexPositions, KnowsWordBoundariesBesideLiterals) {
  const auto sides = [](std::string_view pattern) {
    const std::optional<RegexPositions> positions = regex_positions(pattern);
    const Pivot& pivot = positions->pivots.at(0);
    return std::pair(positions->positions[pivot.path.front()].begins_at_boundary,
                     positions->positions[pivot.path.back()].ends_at_boundary);
  };
  EXPECT_EQ(sides("\\bcurl\\b"), std::pair(true, true));
  EXPECT_EQ(sides("\\b(?:(curl)x|zzzz)"), std::pair(true, false));
  EXPECT_EQ(sides("(?:\\bcurl)+\\b"), std::pair(true, false));
  EXPECT_EQ(sides("\\b(?:curl)+"), std::pair(false, false));
  EXPECT_EQ(sides("curl|\\bwget"), std::pair(false, false));
  EXPECT_EQ(sides("\\b[a-z]?curl"), std::pair(false, false));
}

TEST(LazyAutomaton, TellsWhereAMatchMayBegin) {
  const std::optional<RegexPositions> positions = regex_positions("[a-z]{0,3}KEY[0-9]{2}$");
  ASSERT_TRUE(positions);
  ASSERT_EQ(positions->pivots.size(), 1U);
  const Pivot& pivot = positions->pivots[0];
  const ByteClasses classes(positions->sets);
  using Direction = LazyAutomaton::Direction;
  const LazyAutomaton forward(*positions, classes, Direction::kForward, pivot.path.back());
  const LazyAutomaton backward(*positions, classes, Direction::kBackward, pivot.path.front());
  EXPECT_TRUE(forward.may_match("KEY12", 3));
  EXPECT_FALSE(forward.may_match("KEY12 ", 3));
  EXPECT_FALSE(forward.may_match("KEY1", 3));
  constexpr std::string_view kText = "xx abcdKEY12";
  EXPECT_EQ(backward.first_begin(kText, 7, 0), 4U);
  EXPECT_EQ(backward.first_begin(kText, 7, 6), 6U);
  EXPECT_EQ(backward.first_begin(kText, 7, 7), 7U);
}

TEST(NeedleFinder, FindsWhatIsThere) {
  std::mt19937 random(3);
  constexpr std::string_view kAlphabet = "abcABC_-@`[{";
  for (unsigned round = 0; round < 300; ++round) {
    std::vector<std::string> needles;
    const std::size_t count = 1 + random() % 200;
    for (std::size_t i = 0; i < count; ++i) {
      std::string needle(2 + random() % 6, ' ');
      for (char& c : needle) {
        c = kAlphabet[random() % kAlphabet.size()];
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
      }
      needles.push_back(std::move(needle));
    }
    std::ranges::sort(needles);
    const auto repeated = std::ranges::unique(needles);
    needles.erase(repeated.begin(), repeated.end());
    std::string text(random() % 300, ' ');
    for (char& c : text) c = kAlphabet[random() % kAlphabet.size()];
    std::string folded = text;
    for (char& c : folded) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    const NeedleFinder finder(needles);
    std::vector<std::pair<std::uint32_t, std::size_t>> expected;
    for (std::uint32_t i = 0; i < needles.size(); ++i) {
      for (std::size_t at = folded.find(needles[i]); at != std::string::npos;
           at = folded.find(needles[i], at + 1)) {
        expected.emplace_back(i, at);
      }
    }
    std::vector<NeedleFinder::Place> places;
    finder.find_all(text, places);
    std::vector<std::pair<std::uint32_t, std::size_t>> actual;
    for (const NeedleFinder::Place& place : places) actual.emplace_back(place.needle, place.begin);
    std::ranges::sort(actual);
    EXPECT_EQ(actual, expected) << text;
    EXPECT_EQ(finder.found_in(text), !expected.empty());
  }
}

}  // namespace
}  // namespace vedette::match
