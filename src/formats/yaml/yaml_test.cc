// SPDX-License-Identifier: Apache-2.0
#include "formats/yaml/yaml.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace vedette::formats::yaml {
namespace {

Document parse(std::string_view text, const Limits& limits = {}) {
  auto document = Document::parse(text, limits);
  EXPECT_TRUE(document.has_value());
  return std::move(document).value();
}

// The tree as one line: [a, b], {k: v}, "quoted" or plain text.
std::string show(const Node& node) {
  std::string out;
  if (node.kind == NodeKind::kScalar) {
    return node.plain ? std::string(node.text) : '"' + std::string(node.text) + '"';
  }
  if (node.kind == NodeKind::kSequence) {
    for (const Node* element : node.elements) out += (out.empty() ? "" : ", ") + show(*element);
    return "[" + out + "]";
  }
  for (const Member& member : node.members) {
    out += (out.empty() ? "" : ", ") + show(*member.key) + ": " + show(*member.value);
  }
  return "{" + out + "}";
}

std::string show(std::string_view text) {
  const Document document = parse(text);
  std::string out;
  for (const Node* root : document.roots()) out += (out.empty() ? "" : " | ") + show(*root);
  for (const SyntaxError& error : document.errors()) {
    out += " !" + std::to_string(error.line) + ":" + std::to_string(error.column);
  }
  return out;
}

TEST(Yaml, TreesKeepOrderAndDuplicateKeys) {
  EXPECT_EQ(show("a: 1\nb: [x, 'y', \"z\"]\na: 2\n"), "{a: 1, b: [x, \"y\", \"z\"], a: 2}");
  EXPECT_EQ(show("- a\n-\n  - b\n- {}\n- []\n"), "[a, [b], {}, []]");
  EXPECT_EQ(show("t: |\n  one\n  two\n"), "{t: \"one\ntwo\n\"}");
  EXPECT_EQ(show("t: one\n  two\n"), "{t: one two}");
}

TEST(Yaml, SeveralDocuments) {
  EXPECT_EQ(show("a: 1\n---\nb: 2\n...\n---\n- c\n"), "{a: 1} | {b: 2} | [c]");
  EXPECT_EQ(show(""), "");
  EXPECT_EQ(parse("---\n---\na: 1\n").roots().size(), 2U) << "an empty document is a null";
}

TEST(Yaml, PositionsCountFromOne) {
  const Document document = parse("a: 1\nb:\n  - c: d\n");
  const Node& root = *document.roots()[0];
  EXPECT_EQ(root.line, 1U);
  EXPECT_EQ(root.column, 1U);
  const Node& d = *root.find("b")->elements[0]->find("c");
  EXPECT_EQ(d.line, 3U);
  EXPECT_EQ(d.column, 8U);
  EXPECT_EQ(root.find("z"), nullptr);
}

TEST(Yaml, AliasesAreTheAnchoredNode) {
  const Document document = parse("a: &x [1, 2]\nb: *x\nc: *x\n");
  const Node& root = *document.roots()[0];
  EXPECT_EQ(root.find("b"), root.find("a"));
  EXPECT_EQ(root.find("c"), root.find("a"));
  EXPECT_EQ(show("a: &x 1\n---\nb: *x\n"), "{a: 1} !3:4") << "anchors end with their document";
  EXPECT_EQ(show("a: &x [1, *x]\n"), " !1:11") << "no cycles";
}

TEST(Yaml, MergeKeysAddWhatIsNew) {
  EXPECT_EQ(show("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3, r: 4}\n"),
            "{a: {p: 1, q: 2}, b: {q: 3, r: 4, p: 1}}");
  EXPECT_EQ(show("- &x {p: 1}\n- &y {p: 2, q: 2}\n- {<<: [*x, *y]}\n"),
            "[{p: 1}, {p: 2, q: 2}, {p: 1, q: 2}]");
  EXPECT_EQ(show("a: {'<<': 1}\n"), "{a: {\"<<\": 1}}") << "a quoted key is a key";
  EXPECT_EQ(show("a: {<<: 1}\n"), " !1:10") << "reported where the mapping ends";
  std::string wide = "a: &x {";
  for (int i = 0; i < 40; ++i) wide += "k" + std::to_string(i) + ": 1, ";
  const Document document = parse(wide + "}\nb: {k3: own, <<: *x}\n");
  const Node& b = *document.roots()[0]->find("b");
  EXPECT_EQ(b.members.size(), 40U);
  EXPECT_EQ(b.find("k3")->text, "own");
}

TEST(Yaml, SyntaxErrorsKeepEarlierDocuments) {
  EXPECT_EQ(show("a: 1\n---\nb: [1,\n"), "{a: 1} !4:1");
  EXPECT_EQ(show("a: \"x"), " !1:6");
  EXPECT_EQ(show("a: !!python/name:os.system x\n"), " !1:4");
  EXPECT_EQ(parse("a: \xff\xff\n").errors().size(), 1U);
}

TEST(Yaml, TagsDecideTypes) { EXPECT_EQ(show("[!!str 1, !!int '2', ! 3]"), "[\"1\", 2, \"3\"]"); }

// The first error, "line:column: message"; empty when there is none.
std::string problem(std::string_view text, const Limits& limits) {
  const auto document = Document::parse(text, limits);
  if (!document.has_value() || document->errors().empty()) return "";
  const SyntaxError& error = document->errors().front();
  return fmt::format("{}:{}: {}", error.line, error.column, error.message);
}

TEST(Yaml, LimitsAreErrors) {
  Limits limits;
  limits.depth_max = 4;
  limits.values_max = 8;
  EXPECT_EQ(problem("[[[[1]]]]", limits), "");
  EXPECT_EQ(problem("a\n---\n[[[[[1]]]]]", limits), "3:5: nested deeper than 4 levels");
  EXPECT_EQ(Document::parse("a\n---\n[[[[[1]]]]]", limits)->roots().size(), 1U)
      << "the documents before it are kept";
  EXPECT_EQ(problem("[1,2,3,4,5,6,7,\n 8]", limits),
            "2:2: more than 8 values in one YAML document; split it");
  EXPECT_EQ(problem("[1,2,3]\n---\n[1,2,3]\n---\n[1,2,3]\n", limits), "")
      << "the bound is per document";
  std::string documents;
  for (int i = 0; i < 100; ++i) documents += "--- [1,2,3]\n";
  EXPECT_NE(problem(documents, limits), "") << "and sixteen times it per file";
  EXPECT_NE(problem(std::string(100000, '['), {}), "");
}

TEST(Yaml, DepthCountsThroughAliases) {
  std::string text = "- &a0 [x]\n";
  for (int i = 1; i < 70; ++i) {
    text += "- &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  }
  EXPECT_EQ(problem(text, {}), "64:9: nested deeper than 64 levels");
}

TEST(Yaml, MergesCountTowardsTheLimit) {
  // Each mapping merges the one before it: a quadratic number of members.
  std::string text = "a0: &a0 {x: 1}\n";
  for (int i = 1; i < 600; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " {<<: *a" +
            std::to_string(i - 1) + ", y" + std::to_string(i) + ": 1}\n";
  }
  EXPECT_NE(problem(text, {}), "");
}

TEST(Yaml, NodesOutliveTheTextAndMoves) {
  std::string text = "a: [b, c]\n";
  Document first = parse(text);
  text.assign(text.size(), 'x');
  const Document second = std::move(first);
  EXPECT_EQ(show(*second.roots()[0]), "{a: [b, c]}");
}

struct TypeCase {
  std::string_view text;
  ScalarType type;
  std::string_view decimal;
};

class YamlTypes : public testing::TestWithParam<TypeCase> {};

TEST_P(YamlTypes, FollowTheYaml11Resolver) {
  Node node;
  node.plain = true;
  node.text = GetParam().text;
  EXPECT_EQ(scalar_type(node), GetParam().type) << node.text;
  EXPECT_EQ(decimal_of(node), GetParam().decimal) << node.text;
  node.plain = false;
  EXPECT_EQ(scalar_type(node), ScalarType::kString);
}

constexpr TypeCase kTypeCases[] = {
    {"", ScalarType::kNull, ""},
    {"~", ScalarType::kNull, ""},
    {"NULL", ScalarType::kNull, ""},
    {"nULL", ScalarType::kString, ""},
    {"yes", ScalarType::kBoolean, ""},
    {"Off", ScalarType::kBoolean, ""},
    {"y", ScalarType::kString, ""},
    {"0", ScalarType::kInteger, "0"},
    {"-0", ScalarType::kInteger, "0"},
    {"4624", ScalarType::kInteger, "4624"},
    {"+1_000", ScalarType::kInteger, "1000"},
    {"0x1F", ScalarType::kInteger, "31"},
    {"0xffffffffffffffffffff", ScalarType::kInteger, "1208925819614629174706175"},
    {"0b101", ScalarType::kInteger, "5"},
    {"017", ScalarType::kInteger, "15"},
    {"0o17", ScalarType::kString, ""},
    {"08", ScalarType::kString, ""},
    {"1:30", ScalarType::kInteger, "90"},
    {"-1:00:01", ScalarType::kInteger, "-3601"},
    {"1:60", ScalarType::kString, ""},
    {"1.5", ScalarType::kFloat, "1.5"},
    {"-1.50", ScalarType::kFloat, "-1.5"},
    {"4624.0", ScalarType::kFloat, "4624"},
    {".5", ScalarType::kFloat, "0.5"},
    {"1.", ScalarType::kFloat, "1"},
    {"1.25e+1", ScalarType::kFloat, "12.5"},
    {"1.25e-2", ScalarType::kFloat, "0.0125"},
    {"1e3", ScalarType::kString, ""},
    {"1.0e3", ScalarType::kString, ""},
    {".inf", ScalarType::kFloat, ""},
    {".NaN", ScalarType::kFloat, ""},
    {"1.2.3", ScalarType::kString, ""},
    {"10.0.0.1", ScalarType::kString, ""},
    {"2024-01-02", ScalarType::kTimestamp, ""},
    {"2024-1-2", ScalarType::kString, ""},
    {"2024-01-02T03:04:05.6Z", ScalarType::kTimestamp, ""},
    {"2024-01-02 3:04:05 +1:30", ScalarType::kTimestamp, ""},
    {"2024-01-02 03:04", ScalarType::kString, ""},
    {"-", ScalarType::kString, ""},
    {"S-1-0-0", ScalarType::kString, ""},
    {"1234-5678", ScalarType::kString, ""},
};
INSTANTIATE_TEST_SUITE_P(All, YamlTypes, testing::ValuesIn(kTypeCases));

}  // namespace
}  // namespace vedette::formats::yaml
