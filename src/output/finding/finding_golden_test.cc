// SPDX-License-Identifier: Apache-2.0
// Every format over the same findings, compared with tests/conformance/output/finding_NAME.golden.
// UPDATE=1 writes the expectations anew.
#include <cstdlib>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "base/file.h"
#include "output/finding/finding_formats.h"

namespace vedette::output {
namespace {

constexpr std::size_t kFileMax = std::size_t{1} << 20;

event::FindingRule rule(std::string id, event::Level severity) {
  event::FindingRule rule;
  rule.id = std::move(id);
  rule.title = "Title of " + rule.id;
  rule.description = "What [it] opens.";
  rule.remediation = "Revoke it. Then read it from <the> store.";
  rule.severity = severity;
  rule.tags = {"cloud", "cloud", "security"};
  rule.references = {"javascript:alert(1)", "https://example.org/doc"};
  rule.pack = "pack.toml";
  return rule;
}

const event::FindingRule kCritical = rule("acme-token", event::Level::kCritical);
const event::FindingRule kLow = rule("odd-\x1B[31m", event::Level::kLow);

event::Finding finding(const event::FindingRule& rule, std::string path, std::uint32_t line) {
  event::Finding finding;
  finding.rule = &rule;
  finding.identity = "0123456789abcdef0123456789abcdef";
  finding.severity = rule.severity;
  finding.confidence = event::Confidence::kHigh;
  finding.probability = 0.97;
  finding.message = rule.title + ": acme…(29)";
  finding.redacted = "acme…(29)";
  finding.place.path = std::move(path);
  finding.place.line = line;
  if (line != 0) {
    finding.place.column = 8;
    finding.place.end_line = line;
    finding.place.end_column = 37;
    finding.place.offset = 100;
    finding.place.size = 29;
    finding.excerpt = {"\tx = 'acme…(29)' # é\u202Ehere", 6, 11};
    finding.evidence = {{"checksum", "its checksum is right", 4.5},
                        {"test", "the file is a test", -0.5}};
  }
  return finding;
}

std::vector<event::Finding> findings() {
  std::vector<event::Finding> all = {
      finding(kCritical, "src/a.py", 2), finding(kCritical, "src/a.py", 9),
      finding(kLow, "odd \x1B]0;t\x07\n</script>\xFF/b.yml", 1), finding(kLow, "key.p12", 0)};
  event::FindingCommit commit;
  commit.id = "0123456789012345678901234567890123456789";
  commit.author = "A\x1B[1m B";
  commit.email = "a@example.org";
  commit.time = TimeNs{1'700'000'000} * kNsPerSecond;
  commit.subject = "add it";
  all[1].place.commit = commit;
  all[1].place.object = "89abcdef";
  all[1].also_at.push_back(all[0].place);
  return all;
}

event::ScanSummary summary() {
  event::ScanSummary summary;
  summary.scanner = "secrets";
  summary.targets = 1;
  summary.files = 1234;
  summary.bytes = 5'000'000;
  summary.findings = 4;
  summary.allowed = 2;
  summary.below_confidence = 7;
  summary.rules_loaded = 222;
  summary.rules_refused = 1;
  summary.seconds = 1.25;
  summary.load_seconds = 0.25;
  summary.problems = {{DiagnosticKind::kError, {"pack.toml", 7, 1, 0}, "no expression", "mend it"}};
  event::Skipped lost;
  lost.reason = "could not be read";
  lost.count = 1;
  lost.loss = true;
  lost.examples = {{DiagnosticKind::kError, {"x\x1B/y", 0, 0, 0}, "permission denied", ""}};
  event::Skipped binary;
  binary.reason = "binary";
  binary.count = 12;
  summary.skipped = {binary, lost};
  return summary;
}

struct Variant {
  const char* name;
  const char* format;
  bool colour = false;
  bool evidence = false;
};

class FindingGolden : public testing::TestWithParam<Variant> {};

TEST_P(FindingGolden, IsAsExpected) {
  const Variant& variant = GetParam();
  std::string text;
  Writer writer = Writer::to_string(text);
  auto sink = make_finding_sink(variant.format, {.writer = writer,
                                                 .colour = variant.colour,
                                                 .evidence = variant.evidence,
                                                 .version = "0.1.0"});
  ASSERT_TRUE(sink.has_value());
  for (const event::Finding& each : findings()) ASSERT_TRUE((*sink)->write(each).has_value());
  ASSERT_TRUE((*sink)->finish(summary()).has_value());
  if (!variant.colour) {
    EXPECT_EQ(text.find('\x1B'), std::string::npos);
  }
  const std::string path = std::string(VEDETTE_SOURCE_DIR) + "/tests/conformance/output/finding_" +
                           variant.name + ".golden";
  if (std::getenv("UPDATE") != nullptr) {
    ASSERT_TRUE(write_file_whole(path, text).has_value());
  }
  EXPECT_EQ(text, read_file(path, kFileMax).value_or(""));
  if (std::string_view(variant.format) == "table" || std::string_view(variant.format) == "ndjson")
    return;
  simdjson::dom::parser parser;
  EXPECT_EQ(parser.parse(text).error(), simdjson::SUCCESS);
}

INSTANTIATE_TEST_SUITE_P(All, FindingGolden,
                         testing::Values(Variant{"table", "table"},
                                         Variant{"table_colour", "table", true, true},
                                         Variant{"ndjson", "ndjson"}, Variant{"json", "json"},
                                         Variant{"sarif", "sarif"}),
                         [](const auto& variant) { return std::string(variant.param.name); });

TEST(FindingFormats, NamesTheKnownOnes) {
  std::string text;
  Writer writer = Writer::to_string(text);
  const auto sink = make_finding_sink("xml", {.writer = writer});
  ASSERT_FALSE(sink.has_value());
  EXPECT_NE(sink.error().message.find("sarif"), std::string::npos);
}

}  // namespace
}  // namespace vedette::output
