// SPDX-License-Identifier: Apache-2.0
// Every format over the same findings, compared with tests/conformance/output/finding_NAME.golden.
// UPDATE=1 writes the expectations anew.
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <set>
#include <simdjson.h>

#include "base/file.h"
#include "base/unicode.h"
#include "output/finding/finding_formats.h"
#include "output/finding/finding_sample.h"
#include "output/finding/finding_text.h"

namespace vedette::output {
namespace {

constexpr std::size_t kFileMax = std::size_t{1} << 20;
const std::string kSource = VEDETTE_SOURCE_DIR;

struct Variant {
  const char* name;
  const char* format;
  bool colour = false;
  bool evidence = false;
  unsigned width = 0;
  event::FindingClass kind = event::FindingClass::kDetection;
};

void PrintTo(const Variant& variant, std::ostream* out) { *out << variant.name; }

constexpr Variant kVariants[] = {
    {"table", "table"},
    {"table_colour", "table", true, true},
    {"table_narrow", "table", false, true, 50},
    {"ndjson", "ndjson"},
    {"json", "json"},
    {"csv", "csv"},
    {"sarif", "sarif"},
    {"ocsf", "ocsf"},
    {"junit", "junit"},
    {"gitlab", "gitlab"},
    {"html", "html"},
};

constexpr Variant vulnerability(const char* name, const char* format, bool evidence = false) {
  return {name, format, false, evidence, 0, event::FindingClass::kVulnerability};
}
constexpr Variant kVulnerabilityVariants[] = {
    vulnerability("vulnerability_table", "table"),
    vulnerability("vulnerability_table_evidence", "table", true),
    vulnerability("vulnerability_ndjson", "ndjson"),
    vulnerability("vulnerability_csv", "csv"),
    vulnerability("vulnerability_sarif", "sarif"),
    vulnerability("vulnerability_ocsf", "ocsf"),
    vulnerability("vulnerability_junit", "junit"),
    vulnerability("vulnerability_gitlab", "gitlab"),
    vulnerability("vulnerability_openvex", "openvex"),
    vulnerability("vulnerability_html", "html"),
};

std::string render(const Variant& variant, const std::vector<event::Finding>& findings) {
  std::string text;
  Writer writer = Writer::to_string(text);
  auto sink = make_finding_sink(variant.format, {.writer = writer,
                                                 .colour = variant.colour,
                                                 .evidence = variant.evidence,
                                                 .width = variant.width,
                                                 .version = "0.1.0",
                                                 .now = TimeNs{1'767'225'600} * kNsPerSecond,
                                                 .base_uri = "file:///home/a/",
                                                 .kind = variant.kind});
  if (!sink.has_value()) return sink.error().message;
  for (const event::Finding& each : findings) EXPECT_TRUE((*sink)->write(each).has_value());
  EXPECT_TRUE((*sink)->finish(sample_summary()).has_value());
  EXPECT_EQ(writer.bytes_written(), text.size());
  return text;
}

std::string render(const Variant& variant) {
  return render(variant, variant.kind == event::FindingClass::kVulnerability
                             ? sample_vulnerabilities()
                             : sample_findings());
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size()))
    ++count;
  return count;
}

// A change of the page's looks is no change of what it says.
std::string without_looks(std::string text) {
  const auto cut = [&](std::string_view from, std::string_view to) {
    const std::size_t start = text.find(from);
    const std::size_t end = text.find(to, start);
    ASSERT_NE(end, std::string::npos) << from;
    text.replace(start, end - start, std::string(from) + "\u2026");
  };
  cut("sha256-", "; base-uri");
  cut("<style>", "</style>");
  cut("<script>", "</script>\n</body>");
  return text;
}

class FindingGolden : public testing::TestWithParam<Variant> {};

TEST_P(FindingGolden, IsAsExpected) {
  const Variant& variant = GetParam();
  std::string text = render(variant);
  if (std::string_view(variant.format) == "html") text = without_looks(std::move(text));
  const std::string path =
      kSource + "/tests/conformance/output/finding_" + variant.name + ".golden";
  if (std::getenv("UPDATE") != nullptr) {
    ASSERT_TRUE(write_file_whole(path, text).has_value());
  }
  EXPECT_EQ(text, read_file(path, kFileMax).value_or("")) << path << "; UPDATE=1 rewrites it";
}

// Control bytes, bytes that are not UTF-8, and characters that turn text stay out of what people
// see; JSON escapes the first and its readers show the last.
TEST_P(FindingGolden, HoldsNothingThatItsReaderObeys) {
  const std::string_view format = GetParam().format;
  const std::string text = render(GetParam());
  EXPECT_TRUE(is_utf8(text));
  for (const char c : text) {
    const bool own = c == '\n' || c == '\r' || (GetParam().colour && c == '\x1B');
    ASSERT_TRUE(own || static_cast<unsigned char>(c) >= 0x20) << int{c};
  }
  const bool json = format.ends_with("json") || format == "sarif" || format == "ocsf" ||
                    format == "gitlab" || format == "openvex";
  EXPECT_EQ(text.find("\u202E") != std::string::npos, json) << format;
}

INSTANTIATE_TEST_SUITE_P(All, FindingGolden, testing::ValuesIn(kVariants),
                         [](const auto& variant) { return std::string(variant.param.name); });

INSTANTIATE_TEST_SUITE_P(Vulnerabilities, FindingGolden, testing::ValuesIn(kVulnerabilityVariants),
                         [](const auto& variant) { return std::string(variant.param.name); });

TEST(FindingJson, EveryLineOrDocumentParses) {
  simdjson::dom::parser parser;
  for (const char* format : {"json", "sarif", "gitlab"})
    EXPECT_EQ(parser.parse(render({format, format})).error(), simdjson::SUCCESS) << format;
  for (const char* format : {"ndjson", "ocsf"}) {
    const std::string text = render({format, format});
    EXPECT_EQ(count_of(text, "\n"), sample_findings().size());
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      EXPECT_EQ(parser.parse(text.substr(at, end - at)).error(), simdjson::SUCCESS) << format;
      at = end + 1;
    }
  }
}

TEST(FindingHtml, NothingScannedBecomesMarkup) {
  const std::string text = render({"html", "html"});
  EXPECT_EQ(count_of(text, "<script"), 1U);
  EXPECT_EQ(count_of(text, "</script"), 1U);
  EXPECT_EQ(count_of(text, "<!--"), 0U);
  EXPECT_EQ(count_of(text, "<b>B"), 0U);
  EXPECT_EQ(count_of(text, "href=\"javascript"), 0U);
  EXPECT_EQ(count_of(text, "<article"), sample_findings().size());
  EXPECT_EQ(count_of(text, "<details"), count_of(text, "</details>"));
}

TEST(FindingHtml, IsFullAtItsBound) {
  std::vector<event::Finding> many(10'001, sample_findings()[0]);
  const std::string text = render({"html", "html"}, many);
  EXPECT_EQ(count_of(text, "<article"), 10'000U);
  EXPECT_NE(text.find("1 findings are counted but not listed"), std::string::npos);
}

// 24,999 low ones, then three grave ones: two of the low ones must go.
TEST(FindingSarif, KeepsTheGravest) {
  std::vector<event::Finding> many;
  for (unsigned i = 0; i < 25'002; ++i)
    many.push_back(sample_finding(i < 24'999 ? event::Level::kLow : event::Level::kCritical, i));
  const std::string text = render({"sarif", "sarif"}, many);
  EXPECT_EQ(count_of(text, "\"ruleId\""), 25'000U);
  EXPECT_EQ(count_of(text, "\"level\":\"error\",\"rank\""), 3U);
  EXPECT_NE(text.find("\"startLine\":24997,"), std::string::npos);
  EXPECT_EQ(text.find("\"startLine\":24998,"), std::string::npos);
  EXPECT_NE(text.find("2 findings of the lowest severities are left out"), std::string::npos);
}

TEST(FindingSarif, NumbersEqualFindingsOfOneFile) {
  event::Finding one = sample_findings()[0];
  event::Finding elsewhere = one;
  elsewhere.place.path = "other.py";
  const std::string text = render({"sarif", "sarif"}, {one, one, elsewhere});
  EXPECT_EQ(count_of(text, one.identity.substr(0, 16) + ":1\""), 2U);
  EXPECT_EQ(count_of(text, one.identity.substr(0, 16) + ":2\""), 1U);
}

TEST(FindingUuid, TellsPlacesApart) {
  std::set<std::string> seen;
  for (const event::Finding& finding : sample_findings()) {
    const std::string uuid = finding_uuid(finding);
    EXPECT_EQ(uuid, finding_uuid(finding));
    EXPECT_EQ(uuid.size(), 36U);
    EXPECT_EQ(uuid[14], '8');
    seen.insert(uuid);
  }
  EXPECT_EQ(seen.size(), sample_findings().size());
}

// Runs a validator of tools/; absence of what it needs skips.
void validate(const char* format, const std::string& tool, const std::string& schema) {
  const char* folder = std::getenv("VEDETTE_DATA");
  const std::string data = folder != nullptr ? folder : kSource + "/../shared/data";
  if (!schema.empty() && !std::filesystem::exists(data + "/" + schema))
    GTEST_SKIP() << "no test data at " << data << "/" << schema;
  const std::string file = testing::TempDir() + "vedette_finding_" + format;
  ASSERT_TRUE(write_file_whole(file, render({format, format})).has_value());
  std::string command = "python3 '" + kSource + "/tools/" + tool + "' ";
  if (!schema.empty()) command += "'" + data + "/" + schema + "' ";
  command += "'" + file + "' >&2";
  const int status = std::system(command.c_str());
  std::filesystem::remove(file);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == 77 || code == 127) GTEST_SKIP() << tool << " needs Python and its packages";
  EXPECT_EQ(code, 0) << command;
}

TEST(FindingSarif, IsValid) {
  validate("sarif", "validate_json.py", "schemas/sarif-2.1.0.schema.json");
}

TEST(FindingOcsf, IsValid) { validate("ocsf", "validate_ocsf.py", "ocsf"); }

TEST(FindingGitlab, IsValid) {
  validate("gitlab", "validate_json.py", "schemas/gitlab-secret-detection-15.2.1.schema.json");
}

TEST(FindingJunit, IsValid) { validate("junit", "validate_junit.py", ""); }

TEST(FindingFormats, NamesTheKnownOnes) {
  std::string text;
  Writer writer = Writer::to_string(text);
  const auto sink = make_finding_sink("xml", {.writer = writer});
  ASSERT_FALSE(sink.has_value());
  EXPECT_NE(sink.error().message.find("sarif"), std::string::npos);
}

}  // namespace
}  // namespace vedette::output
