// SPDX-License-Identifier: Apache-2.0
#include "engine/live/open_interest.h"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "detect/naive_evaluator.h"

namespace vedette::engine {
namespace {

using rules::Case;
using rules::Expression;
using rules::Predicate;

using Kind = Expression::Kind;

Expression leaf(std::string field, rules::Test test, std::string text,
                Case letter_case = Case::kRespect) {
  Expression expression;
  expression.kind = Kind::kLeaf;
  expression.field = std::move(field);
  expression.predicate = {test, letter_case, std::move(text), {}};
  return expression;
}

OpenInterest reads(const Expression& condition) {
  return open_interest(condition, "openat", CallOutcome::kReadOnlyOpen);
}

TEST(OpenInterest, TheCheapestPartOfAnAndStandsForIt) {
  const Expression tar = leaf("proc.name", rules::Test::kEquals, "tar");
  const Expression below = leaf("fd.name", rules::Test::kStartsWith, "/etc/");
  const OpenInterest both = reads(Expression::make(Kind::kAnd, {below, tar}));
  EXPECT_EQ(both.programs, std::set<std::string>{"tar"});
  EXPECT_TRUE(both.prefixes.empty());
  const OpenInterest one = reads(Expression::make(Kind::kOr, {below, tar}));
  EXPECT_EQ(one.programs, std::set<std::string>{"tar"});
  EXPECT_EQ(one.prefixes, std::set<std::string>{"/etc/"});
}

TEST(OpenInterest, WhatIsNotUnderstoodIsEverything) {
  EXPECT_TRUE(reads(leaf("fd.name", rules::Test::kEndsWith, "id_rsa")).everything);
  EXPECT_TRUE(reads(leaf("fd.name", rules::Test::kStartsWith, "/etc/", Case::kIgnore)).everything);
  EXPECT_TRUE(reads(leaf("fd.nameraw", rules::Test::kStartsWith, "/etc/")).everything);
  EXPECT_TRUE(reads(leaf("fd.directory", rules::Test::kEquals, "/")).everything);
  EXPECT_TRUE(reads(Expression::make(Kind::kNot, {leaf("fd.name", rules::Test::kEquals, "/a")}))
                  .everything);
}

TEST(OpenInterest, WhatCannotBeSoIsNothing) {
  EXPECT_TRUE(reads(leaf("evt.is_open_write", rules::Test::kEquals, "true")).nothing());
  EXPECT_TRUE(reads(leaf("evt.type", rules::Test::kEquals, "execve")).nothing());
  EXPECT_TRUE(reads(leaf("fd.num", rules::Test::kLess, "0")).nothing());
  const Expression failed = leaf("evt.rawres", rules::Test::kLess, "0");
  EXPECT_FALSE(may_hold(failed, "openat", CallOutcome::kSuccess));
  EXPECT_TRUE(may_hold(failed, "openat", CallOutcome::kFailure));
}

// One event of an open, as the decoder shows it.
struct Open {
  std::string type;
  std::int64_t result = 0;
  std::string name;
  std::string given;
  std::string program;
  bool writes = false;
};

detect::EventFields fields_of(const Open& open) {
  static const rules::LogSources kNoSources;
  detect::EventFields fields(kNoSources);
  const auto put = [&fields](std::string_view path, std::string_view text,
                             event::Kind kind = event::Kind::kString) {
    fields.add(path, kind, text);
  };
  put("evt.type", open.type);
  put("evt.source", "syscall");
  put("evt.failed", open.result < 0 ? "true" : "false", event::Kind::kBoolean);
  put("evt.res", open.result < 0 ? "ENOENT" : "SUCCESS");
  put("evt.rawres", std::to_string(open.result), event::Kind::kNumber);
  if (open.result >= 0) put("fd.num", std::to_string(open.result), event::Kind::kNumber);
  put("evt.is_open_write", open.writes ? "true" : "false", event::Kind::kBoolean);
  put("evt.is_open_read", open.writes ? "false" : "true", event::Kind::kBoolean);
  put("fd.name", open.name);
  put("fd.nameraw", open.given);
  put("fd.directory", open.name.rfind('/') == 0 ? "/" : open.name.substr(0, open.name.rfind('/')));
  put("proc.name", open.program);
  return fields;
}

bool lets_pass(const OpenInterest& interest, const Open& open) {
  if (interest.everything || interest.programs.contains(open.program)) return true;
  if (interest.with_parents && open.given.find("..") != std::string::npos) return true;
  return std::ranges::any_of(
      interest.prefixes, [&](const std::string& prefix) { return open.name.starts_with(prefix); });
}

class Dice {
 public:
  template <std::size_t count>
  const char* any(const std::array<const char*, count>& texts) {
    return texts[below(count)];
  }
  std::size_t below(std::size_t bound) { return random_() % bound; }

  Expression condition(int depth) {
    const std::size_t kind = below(depth == 0 ? 1 : 5);
    if (kind < 2) return leaf_of();
    if (kind == 2) return Expression::make(Kind::kNot, {condition(depth - 1)});
    std::vector<Expression> children;
    for (std::size_t count = below(4); count > 0; --count) children.push_back(condition(depth - 1));
    return Expression::make(kind == 3 ? Kind::kAnd : Kind::kOr, std::move(children));
  }

  Open open() {
    return {any(kTypes),    below(3) == 0 ? -2 : static_cast<std::int64_t>(below(2)),
            any(kPaths),    any(kGiven),
            any(kPrograms), below(3) == 0};
  }

 private:
  static constexpr auto kTypes = std::to_array<const char*>({"open", "openat"});
  static constexpr auto kPaths =
      std::to_array<const char*>({"/a", "/etc/passwd", "/etc/pam.d/x", "/etc/pam.dx", "/ETC/passwd",
                                  "/1/b", "/home/u/.ssh/k"});
  static constexpr auto kGiven =
      std::to_array<const char*>({"a", "../a", "/x/../../a", "a..b", "/etc/passwd"});
  static constexpr auto kPrograms = std::to_array<const char*>({"tar", "sshd", "Tar"});
  static constexpr auto kTexts = std::to_array<const char*>(
      {"/etc/",   "/etc/pam.d", "/a",     "/",     "",       "..",     "../",
       "tar",     "TAR",        "true",   "false", "-2",     "0",      "1",
       "SUCCESS", "E",          "ENOENT", "open",  "openat", "execve", "/1/"});
  static constexpr auto kFields = std::to_array<const char*>(
      {"fd.name", "fd.nameraw", "fd.directory", "proc.name", "evt.type", "evt.failed", "evt.res",
       "evt.rawres", "fd.num", "evt.is_open_write", "evt.is_open_read"});

  Expression leaf_of() {
    static constexpr auto kTests = std::to_array<rules::Test>(
        {rules::Test::kEquals, rules::Test::kEquals, rules::Test::kContains,
         rules::Test::kStartsWith, rules::Test::kStartsWith, rules::Test::kEndsWith,
         rules::Test::kGlob, rules::Test::kNumberEquals, rules::Test::kLess,
         rules::Test::kLessEquals, rules::Test::kGreater, rules::Test::kGreaterEquals,
         rules::Test::kExists, rules::Test::kNull});
    const rules::Test test = kTests[below(kTests.size())];
    const bool number = test >= rules::Test::kNumberEquals && test <= rules::Test::kGreaterEquals;
    static constexpr auto kNumbers = std::to_array<const char*>({"-2", "-1", "0", "1"});
    std::string text = number ? any(kNumbers) : any(kTexts);
    if (test == rules::Test::kGlob && below(2) == 0)
      text.insert(below(text.size() + 1), 1, rules::kAnyRun);
    return leaf(any(kFields), test, std::move(text),
                below(4) == 0 ? Case::kIgnore : Case::kRespect);
  }

  std::mt19937 random_{20261125};
};

TEST(OpenInterest, NeverKeepsBackWhatAConditionMatches) {
  Dice dice;
  std::size_t matched = 0;
  std::size_t kept_back = 0;
  for (int round = 0; round < 40'000; ++round) {
    const Expression condition = dice.condition(3);
    const Open open = dice.open();
    const CallOutcome outcome = open.result < 0 ? CallOutcome::kFailure
                                : open.writes   ? CallOutcome::kSuccess
                                                : CallOutcome::kReadOnlyOpen;
    const bool passes = lets_pass(open_interest(condition, open.type, outcome), open);
    const CallOutcome broad = open.result < 0 ? CallOutcome::kFailure : CallOutcome::kSuccess;
    const bool wanted = may_hold(condition, open.type, broad);
    if (!passes) ++kept_back;
    if (!detect::evaluate(condition, fields_of(open))) continue;
    ++matched;
    ASSERT_TRUE(passes && wanted) << "round " << round;
  }
  // Both sides were asked often enough for the test to mean something.
  EXPECT_GT(matched, 5'000U);
  EXPECT_GT(kept_back, 5'000U);
}

}  // namespace
}  // namespace vedette::engine
