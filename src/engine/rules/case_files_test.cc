// SPDX-License-Identifier: Apache-2.0
#include "engine/rules/case_files.h"

#include <gtest/gtest.h>

namespace vedette::engine {
namespace {

std::string json(const std::string& yaml) {
  const auto document = formats::yaml::Document::parse(yaml, Limits());
  if (!document || document->roots().empty()) return "no document";
  const auto written = json_of(*document->roots()[0], Limits());
  return written ? *written : written.error().message;
}

TEST(CaseFiles, YamlValuesKeepTheirType) {
  EXPECT_EQ(json("{a: 1, b: '1', c: true, d: null, e: [x, {y: 1.5}], f: {}, g: []}"),
            R"({"a":1,"b":"1","c":true,"d":null,"e":["x",{"y":1.5}],"f":{},"g":[]})");
  EXPECT_EQ(json("{a: 0x10, b: .5, c: \"q\\\"\\n\", d: 2026-11-23}"),
            R"({"a":16,"b":".5","c":"q\"\n","d":"2026-11-23"})");
}

TEST(CaseFiles, AliasesThatMultiplyEnd) {
  std::string yaml = "a0: &a0 [xxxxxxxxxxxxxxxx]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    yaml +=
        "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + "," + before + "]\n";
  }
  EXPECT_NE(json(yaml).find("expected an event of at most"), std::string::npos);
}

TEST(CaseFiles, ReadsEventsAndSequences) {
  const auto files = parse_case_file(
      "events:\n"
      "  - match: true\n"
      "    name: a shell\n"
      "    event: {Image: /bin/sh}\n"
      "  - match: false\n"
      "    line: |\n"
      "      type=SYSCALL a=1\n"
      "      type=PATH b=2\n"
      "sequences:\n"
      "  - alerts: 2\n"
      "    events: [{event: {a: 1}}, {line: raw}]\n",
      "rules/x.case.yml", Limits());
  ASSERT_TRUE(files.has_value()) << files.error().message;
  ASSERT_EQ(files->size(), 1U);
  const CaseFile& file = files->front();
  EXPECT_EQ(file.rule_file, "rules/x.yml");
  ASSERT_EQ(file.events.size(), 2U);
  EXPECT_TRUE(file.events[0].match);
  EXPECT_EQ(file.events[0].text, "{\"Image\":\"/bin/sh\"}\n");
  EXPECT_EQ(file.events[0].line, 2U);
  EXPECT_FALSE(file.events[1].match);
  EXPECT_EQ(file.events[1].text, "type=SYSCALL a=1\ntype=PATH b=2\n");
  ASSERT_EQ(file.sequences.size(), 1U);
  EXPECT_EQ(file.sequences[0].alerts, 2U);
  EXPECT_EQ(file.sequences[0].text, "{\"a\":1}\nraw\n");
}

TEST(CaseFiles, HoldACaseInEachDocument) {
  const auto files = parse_case_file(
      "rule: one\nevents: [{match: true, event: {a: 1}}]\n---\n"
      "rule: two\nevents: [{match: false, event: {a: 2}}]\n",
      "x.case.yml", Limits());
  ASSERT_TRUE(files.has_value()) << files.error().message;
  ASSERT_EQ(files->size(), 2U);
  EXPECT_EQ((*files)[0].rule, "one");
  EXPECT_EQ((*files)[1].rule, "two");
  EXPECT_EQ((*files)[1].events[0].line, 5U);
}

TEST(CaseFiles, SaysWhereACaseIsWrong) {
  const auto message = [](const std::string& yaml) {
    const auto file = parse_case_file(yaml, "x.case.yml", Limits());
    return file ? "accepted" : file.error().message;
  };
  EXPECT_NE(message("events:\n  - event: {a: 1}\n").find("x.case.yml:2:5: expected match:"),
            std::string::npos);
  EXPECT_NE(message("events:\n  - match: true\n").find("expected event: or line:"),
            std::string::npos);
  EXPECT_NE(message("events:\n  - match: maybe\n    event: {a: 1}\n").find("found 'match'"),
            std::string::npos);
  EXPECT_NE(message("event: []\n").find("found 'event'"), std::string::npos);
  EXPECT_NE(message("events: []\n").find("at least one"), std::string::npos);
  EXPECT_NE(message("sequences:\n  - alerts: few\n    events: []\n").find("found 'few'"),
            std::string::npos);
  EXPECT_NE(message("a: [\n"), "accepted");
  EXPECT_NE(message("").find("expected a YAML mapping"), std::string::npos);
  EXPECT_NE(message("- a\n").find("x.case.yml:1:1: expected YAML mappings"), std::string::npos);
}

}  // namespace
}  // namespace vedette::engine
