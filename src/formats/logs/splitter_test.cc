// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/splitter.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>

namespace vedette::formats::logs {
namespace {

using event::RecordFormat;
using Texts = std::vector<std::string>;

struct Outcome {
  Texts records;  // of kJson
  std::string delivered;
  std::vector<std::string> problems;  // "offset message"
  std::size_t lost = 0;
  std::size_t held_max = 0;  // bytes that had to be kept
};

// Feeds `text` in pieces of `piece` bytes, as a reader with a buffer does.
Outcome feed(RecordFormat format, std::string_view text, std::size_t piece,
             const Limits& limits = Limits()) {
  Splitter splitter(format, limits);
  Outcome outcome;
  std::string held;
  std::size_t read = 0;
  std::size_t base = 0;
  while (true) {
    const std::string_view more = text.substr(read, piece);
    held += more;
    read += more.size();
    outcome.held_max = std::max(outcome.held_max, held.size());
    const bool at_end = read == text.size();
    while (true) {
      const Cut cut = splitter.cut(held, at_end);
      for (const CutProblem& problem : cut.problems) {
        outcome.problems.push_back(fmt::format("{} {}", base + problem.offset, problem.message));
      }
      outcome.lost += cut.lost;
      for (const event::RecordSpan& span : cut.records) {
        outcome.records.push_back(held.substr(span.offset, span.size));
      }
      if (!cut.drop) outcome.delivered += held.substr(0, cut.size);
      held.erase(0, cut.size);
      base += cut.size;
      if (cut.size == 0 || held.empty()) break;
    }
    if (at_end) break;
  }
  EXPECT_TRUE(held.empty());
  return outcome;
}

// The records of `text`, which must not depend on the pieces it comes in.
Outcome json(std::string_view text, const Limits& limits = Limits()) {
  Outcome whole = feed(RecordFormat::kJson, text, std::max<std::size_t>(text.size(), 1), limits);
  for (const std::size_t piece : {1U, 2U, 7U, 63U, 64U, 65U}) {
    const Outcome pieces = feed(RecordFormat::kJson, text, piece, limits);
    EXPECT_EQ(pieces.records, whole.records) << "in pieces of " << piece << ": " << text;
    EXPECT_EQ(pieces.problems, whole.problems) << "in pieces of " << piece << ": " << text;
  }
  return whole;
}

void expect_clean(std::string_view text, const Texts& records) {
  const Outcome outcome = json(text);
  EXPECT_EQ(outcome.records, records) << text;
  EXPECT_EQ(outcome.problems, Texts()) << text;
}

TEST(JsonSplitter, FindsObjectsInEveryLayout) {
  const Texts two = {R"({"a":1})", R"({"b":{"c":[1,{"d":"}"}]}})"};
  expect_clean(two[0] + "\n" + two[1] + "\n", two);
  expect_clean(two[0] + two[1], two);
  expect_clean("\xEF\xBB\xBF" + two[0] + "\r\n" + two[1], two);
  expect_clean("\x1E" + two[0] + "\n\x1E" + two[1] + "\n", two);
  expect_clean("[" + two[0] + "," + two[1] + "]", two);
  expect_clean("[\r\n  " + two[0] + " ,\r\n  " + two[1] + "\r\n]\r\n", two);
  expect_clean("[" + two[0] + "]\n[" + two[1] + "]\n[]\n", two);
  expect_clean("\n\n" + two[0] + ",\n" + two[1] + "\n\n", two);
  expect_clean("", {});
  expect_clean(" \n", {});
  expect_clean("[]", {});
}

TEST(JsonSplitter, KnowsStringsAndEscapes) {
  expect_clean(R"({"a":"\"}{"}{"b":"\\"}{"c\\\"":"x\\\\\\\"{["})",
               {R"({"a":"\"}{"})", R"({"b":"\\"})", R"({"c\\\"":"x\\\\\\\"{["})"});
}

TEST(JsonSplitter, KeepsPrettyPrintedObjectsWhole) {
  const std::string one = "{\n  \"a\": {\n    \"b\": [\n      1\n    ]\n  }\n}";
  const std::string two = "{\n}";
  expect_clean(one + "\n" + two + "\n", {one, two});
}

TEST(JsonSplitter, OpensWrappers) {
  const Texts two = {R"({"a":1})", R"({"events":[{"x":1}],"b":2})"};
  const std::string list = "[" + two[0] + ",\n " + two[1] + "]";
  expect_clean("{\"Records\":" + list + "}", two);
  expect_clean("{\"Records\" : " + list + "}\n", two);
  expect_clean(R"({"h":{"x":[1]},"records":)" + list + R"(,"t":{"y":"]"}})", two);
  expect_clean("{\"Records\":[" + two[0] + "]}\n{\"Records\":[" + two[1] + "]}", two);
  expect_clean(R"({"@odata.context":"u","value":)" + list + "}", two);
  expect_clean(R"({"kind":"EventList","metadata":{"v":1},"items":)" + list + R"(,"n":null})", two);
  expect_clean(R"({"took":1,"_shards":{"n":5},"hits":{"total":{"v":2},"hits":)" + list + "}}", two);
  expect_clean(R"({"Records":[]})", {});
}

TEST(JsonSplitter, TakesOrdinaryObjectsForRecords) {
  const std::string events = R"({"id":1,"events":[{"x":1}]})";
  expect_clean(events + "\n" + events, {events, events});
  const std::string nested = R"({"events":[{"x":1}],"host":{"name":"h"}})";
  expect_clean(nested, {nested});
  const std::string two_lists = R"({"events":[{"x":1}],"alerts":[{"y":1}]})";
  expect_clean(two_lists, {two_lists});
  const std::string scalars = R"({"Records":[1,2],"value":["x"]})";
  expect_clean(scalars, {scalars});
  const std::string inner = R"({"a":{"Records":[{"x":1}]}})";
  expect_clean(inner, {inner});
}

TEST(JsonSplitter, DecidesLongWrappersByTheirBeginning) {
  std::string text = R"({"nextToken":"t","events":[)";
  Texts records;
  for (int i = 0; i < 4000; ++i) {
    records.push_back(fmt::format(R"({{"n":{},"text":"{:040}"}})", i, i));
    text += (i == 0 ? "" : ",") + records.back();
  }
  text += R"(],"searched":[{"s":1}]})";
  const Outcome outcome = feed(RecordFormat::kJson, text, 10'000);
  EXPECT_EQ(outcome.records, records);
  EXPECT_EQ(outcome.problems, Texts());
  EXPECT_LE(outcome.held_max, kWrapperWindow + 20'000);
}

TEST(JsonSplitter, LosesOnlyTheMalformedRecord) {
  const std::string a = R"({"a":1})";
  const std::string c = R"({"c":3})";
  for (const std::string bad : {R"({"b":"x)", R"({"b":2)", R"({"b":)", R"({"b":[1})", R"({"b":{)",
                                R"({"b)", R"(nonsense)", R"("text)", R"(})"}) {
    const Outcome outcome = json(a + "\n" + bad + "\n" + c + "\n" + c + "\n");
    EXPECT_EQ(outcome.records, (Texts{a, c, c})) << bad;
    EXPECT_EQ(outcome.lost, 1U) << bad;
    ASSERT_EQ(outcome.problems.size(), 1U) << bad;
    EXPECT_TRUE(outcome.problems[0].starts_with("8 ")) << outcome.problems[0];
  }
}

TEST(JsonSplitter, GoesOnInsideArrays) {
  const std::string good = "{\n    \"c\": {\n      \"d\": 3\n    }\n  }";
  const std::string bad = "{\n    \"b\": {\n      \"d\": \"x\n    }\n  }";
  EXPECT_EQ(json("[\n  " + good + ",\n  " + bad + ",\n  " + good + "\n]\n" + "{}").records,
            (Texts{good, good, "{}"}));
  EXPECT_EQ(json("[\n  " + good + ",\n  " + bad + "\n]\n" + "{}").records, (Texts{good, "{}"}));
  // Elements that begin behind the end of the one before, and behind a comma.
  EXPECT_EQ(json("[{\n  \"a\": \"x\n}, {\n  \"b\": 1\n}]").records, (Texts{"{\n  \"b\": 1\n}"}));
  EXPECT_EQ(json("[{\"a\":1\n,{\"b\":1}\n,{\"c\":1}]").records,
            (Texts{R"({"b":1})", R"({"c":1})"}));
  EXPECT_EQ(json("[{\"a\":1\n[{\"b\":1}]").records, (Texts{R"({"b":1})"}));
}

TEST(JsonSplitter, LeavesOutElementsThatAreNoObjects) {
  const Outcome outcome = json(R"([1,"x,{}",{"a":1},[{"b":1}],null,{"c":1}])");
  EXPECT_EQ(outcome.records, (Texts{R"({"a":1})", R"({"c":1})"}));
  EXPECT_EQ(outcome.lost, 4U);
}

TEST(JsonSplitter, SaysWhenTheInputEndsEarly) {
  EXPECT_EQ(json(R"([{"a":1},{"b")").problems.size(), 2U);
  EXPECT_EQ(json(R"([{"a":1},)").problems.size(), 1U);
  EXPECT_EQ(json(R"({"Records":[{"a":1}])").problems.size(), 1U);
  EXPECT_EQ(json(R"({"Records":[{"a":1}])").records.size(), 1U);
}

TEST(JsonSplitter, BoundsLengthAndDepth) {
  Limits limits;
  limits.record_bytes_max = 100;
  limits.depth_max = 10;
  const std::string length = R"({"a":")" + std::string(500'000, 'x') + R"("})";
  const Outcome outcome = feed(RecordFormat::kJson, "{}\n" + length + "\n{\"b\":1}", 16, limits);
  EXPECT_EQ(outcome.records, (Texts{"{}", R"({"b":1})"}));
  EXPECT_EQ(outcome.lost, 1U);
  EXPECT_LE(outcome.held_max, 100U + 2 * 16);

  std::string deep = "{\"a\":" + std::string(40, '[') + std::string(40, ']') + "}";
  const Outcome deep_outcome = json("[" + deep + ",{\"b\":1}]", limits);
  EXPECT_EQ(deep_outcome.records, (Texts{R"({"b":1})"}));
  EXPECT_EQ(deep_outcome.lost, 1U);
}

TEST(JsonSplitter, SurvivesTenThousandBrackets) {
  for (const std::string_view open : {"[", "{\"a\":", "{\n", "[\n"}) {
    std::string text;
    for (int i = 0; i < 10'000; ++i) text += open;
    EXPECT_GT(feed(RecordFormat::kJson, text, 4096).problems.size(), 0U);
  }
}

// A random value as JSON text, printed with `space` between its tokens.
std::string random_value(std::mt19937& random, int depth, const std::string& space) {
  const auto pick = [&](unsigned below) { return random() % below; };
  static constexpr std::string_view kStrings[] = {R"("")",        R"("a\"b")",  R"("\\")",
                                                  R"("}{")",      R"("][,")",   R"("C:\\x\\")",
                                                  R"("é\u00e9")", R"("events")"};
  const std::size_t kind = pick(depth > 4 ? 3 : 5);
  if (kind == 0) return std::string(kStrings[pick(std::size(kStrings))]);
  if (kind == 1) return std::to_string(random());
  if (kind == 2) return "null";
  std::string text = kind == 3 ? "[" : "{";
  const std::size_t count = pick(5);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += "," + space;
    if (kind == 4) text += fmt::format("\"k{}\":", i) + space;
    text += random_value(random, depth + 1, space);
  }
  return text + space + (kind == 3 ? "]" : "}");
}

TEST(JsonSplitter, GivesTheRecordsThatWerePutInAllLayouts) {
  std::mt19937 random(20240229);
  for (int round = 0; round < 300; ++round) {
    const std::string space = std::array{"", " ", "\n  ", "\r\n"}[random() % 4];
    Texts records;
    for (std::size_t i = random() % 6; i-- > 0;) {
      records.push_back(fmt::format("{{\"r\":{}{}}}", random_value(random, 0, space), space));
    }
    const auto join = [&](std::string_view between) {
      return fmt::format("{}", fmt::join(records, between));
    };
    expect_clean(join("\n"), records);
    expect_clean("[" + join(",") + "]", records);
    expect_clean("[\n  " + join(",\n  ") + "\n]\n", records);
    expect_clean(R"({"n":1,"Records":[)" + join(", ") + R"(],"m":{"Records":[]}})", records);
  }
}

TEST(Splitter, CutsLinesAtTheLastLineEnd) {
  const Limits limits;
  Splitter splitter(RecordFormat::kSyslog, limits);
  EXPECT_EQ(splitter.cut("one", false).size, 0U);
  EXPECT_EQ(splitter.cut("one\ntwo\nthr", false).size, 8U);
  EXPECT_EQ(splitter.cut("three", false).size, 0U);
  EXPECT_EQ(splitter.cut("three", true).size, 5U);
  EXPECT_EQ(splitter.cut("", true).size, 0U);
}

TEST(Splitter, DropsALineThatIsTooLong) {
  Limits limits;
  limits.record_bytes_max = 1000;
  const std::string before = "short\n";
  const std::string after = "after\nlast";
  for (const std::size_t piece : {1U, 100U, 999U}) {
    const Outcome outcome = feed(RecordFormat::kJsonLines,
                                 before + std::string(100'000, 'x') + "\n" + after, piece, limits);
    EXPECT_EQ(outcome.delivered, before + after);
    EXPECT_EQ(outcome.lost, 1U);
    ASSERT_EQ(outcome.problems.size(), 1U);
    EXPECT_TRUE(outcome.problems[0].starts_with("6 ")) << outcome.problems[0];
    EXPECT_NE(outcome.problems[0].find("1000 bytes"), std::string::npos);
    EXPECT_LE(outcome.held_max, 1000 + 2 * piece);
  }
}

}  // namespace
}  // namespace vedette::formats::logs
