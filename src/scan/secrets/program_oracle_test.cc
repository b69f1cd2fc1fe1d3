// SPDX-License-Identifier: Apache-2.0
// The compiled program against the naive scanner, which tells what gitleaks finds: over some of
// our sources and all cases, with our rules and, where they are there, gitleaks'.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <iterator>
#include <random>
#include <set>
#include <tuple>

#include "base/file.h"
#include "rules/secret/gitleaks.h"
#include "rules/secret/program.h"
#include "scan/secrets/naive_scanner.h"

namespace vedette::scan::secrets {
namespace {

using rules::secret::SecretMatch;
using rules::secret::SecretProgram;
using rules::secret::SecretRuleSet;

constexpr std::size_t kFileMax = std::size_t{1} << 20;
const std::string kSource = VEDETTE_SOURCE_DIR;

// Rule, first byte and size of a match.
using Found = std::tuple<std::string, std::size_t, std::size_t>;

std::vector<std::string> contents() {
  std::vector<std::string> texts;
  for (const char* folder : {"/src/scan/secrets", "/content/secrets/cases"}) {
    const std::vector<std::string> files = list_files(kSource + folder, {}).value();
    for (const std::string& file : files) {
      std::string text = read_file(file, kFileMax).value_or("");
      // As the cases mean it; with the bars, hardly a rule would match.
      for (std::size_t at = text.find("¦"); at != std::string::npos; at = text.find("¦", at))
        text.erase(at, std::string_view("¦").size());
      texts.push_back(std::move(text));
    }
  }
  return texts;
}

void compare(SecretRuleSet set) {
  // What the naive one alone does: to leave out what a rule with this word in its name finds beside
  // another.
  for (rules::secret::SecretRule& rule : set.rules) {
    const std::size_t at = rule.info.id.find("generic");
    if (at != std::string::npos) rule.info.id.replace(at, 7, "wide");
  }
  const auto program = SecretProgram::compile(set);
  const NaiveScanner naive(program->rules(), 0);
  SecretProgram::Scratch scratch;
  std::size_t total = 0;
  for (const std::string& text : contents()) {
    Content content;
    content.path = "a/b.conf";
    content.bytes = text;
    std::set<Found> expected;
    for (const NaiveFinding& finding : naive.scan(content)) {
      expected.emplace(finding.rule->info.id, finding.match_start,
                       finding.match_end - finding.match_start);
    }
    std::vector<SecretMatch> matches;
    program->find(content.path, text, "", scratch, matches);
    std::set<Found> actual;
    for (const SecretMatch& match : matches) {
      if (rules::secret::line_at(text, match.match_begin).find("gitleaks:allow") !=
          std::string_view::npos)
        continue;
      // The naive one cuts line breaks off, as gitleaks does.
      std::size_t begin = match.match_begin;
      std::size_t end = begin + match.match_size;
      while (begin < end && text[begin] == '\n') ++begin;
      while (begin < end && text[end - 1] == '\n') --end;
      actual.emplace(program->rules().rules[match.rule].info.id, begin, end - begin);
    }
    std::vector<Found> difference;
    std::ranges::set_symmetric_difference(expected, actual, std::back_inserter(difference));
    for (const auto& [rule, begin, size] : difference)
      ADD_FAILURE() << rule << " at " << begin << ": " << text.substr(begin, size)
                    << (actual.contains({rule, begin, size}) ? "\nnaive lacks it"
                                                             : "\nprogram lacks it");
    total += actual.size();
  }
  EXPECT_GT(total, 500U);
}

// Rules that require others, over random texts of what they look for.
TEST(SecretOracle, RequiredRulesAreNearTheSame) {
  const auto rule = [](std::string id, std::string regex,
                       std::vector<rules::secret::Required> required = {}) {
    rules::secret::SecretRule one;
    one.info.id = std::move(id);
    one.regex = std::move(regex);
    one.required = std::move(required);
    one.skip_report = one.info.id == "user";
    return one;
  };
  SecretRuleSet set;
  set.rules = {rule("user", "user"),
               rule("host", "\\n?host"),
               rule("any", "key", {{"user", {}, {}}}),
               rule("line", "key", {{"user", 0, {}}}),
               rule("lines", "key", {{"host", 2, {}}}),
               rule("columns", "\\n?key", {{"user", 1, 4}}),
               rule("both", "key", {{"user", 1, {}}, {"host", {}, 6}}),
               rule("either", "key", {{"user", 0, {}}, {"user", 3, 2}}),
               rule("none", "key", {{"absent", {}, {}}})};
  set.rules[0].keywords = {"nowhere"};
  const auto program = SecretProgram::compile(set);
  const NaiveScanner naive(program->rules(), 0);
  SecretProgram::Scratch scratch;
  std::mt19937 random(11);
  constexpr std::array<std::string_view, 7> kPieces = {"user", "host", "key", "\n",
                                                       " ",    "\n",   "..."};
  std::size_t total = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t n = random() % 20; n > 0; --n) text += kPieces[random() % kPieces.size()];
    Content content;
    content.path = "a";
    content.bytes = text;
    std::multiset<Found> expected;
    for (const NaiveFinding& finding : naive.scan(content))
      expected.emplace(finding.rule->info.id, finding.match_end, 0);
    std::vector<SecretMatch> matches;
    program->find(content.path, text, "", scratch, matches);
    std::multiset<Found> actual;
    for (const SecretMatch& match : matches) {
      const rules::secret::SecretRule& found = program->rules().rules[match.rule];
      if (!found.skip_report)
        actual.emplace(found.info.id, match.match_begin + match.match_size, 0);
    }
    ASSERT_EQ(actual, expected) << text;
    total += actual.size();
  }
  EXPECT_GT(total, 30'000U);
}

TEST(SecretOracle, OurRulesFindTheSame) {
  compare(rules::secret::load(list_files(kSource + "/content/secrets", {".toml"}).value(), {}));
}

TEST(SecretOracle, GitleaksRulesFindTheSame) {
  const char* const data = std::getenv("VEDETTE_DATA");
  const std::string file = (data != nullptr ? std::string(data) : kSource + "/../shared/data") +
                           "/secrets/gitleaks.toml";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no rules of gitleaks: set VEDETTE_DATA";
  const std::vector<std::string> files = {file};
  compare(rules::secret::load(files, {}));
}

}  // namespace
}  // namespace vedette::scan::secrets
