// SPDX-License-Identifier: Apache-2.0
// Every format over the same verdicts, compared with tests/conformance/output/gate_NAME.golden.
// UPDATE=1 writes the expectations anew.
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/unicode.h"
#include "output/finding/finding_sample.h"
#include "output/gate/gate_formats.h"
#include "output/gate/markdown_text.h"

namespace vedette::output {

void PrintTo(const GateFormat& format, std::ostream* out) { *out << format.name; }

namespace {

using event::Verdict;

constexpr std::size_t kFileMax = std::size_t{4} << 20;
const std::string kSource = VEDETTE_SOURCE_DIR;
constexpr std::string_view kHostile =
    "]]> <img src=x> @all #1 !2 [x](http://y.example) `z` | www.y.example ::error::no\n"
    "##vso[task.setvariable variable=a;]b \x1b[2J %0A /merge";

struct Sample {
  std::vector<event::Finding> findings;
  event::GateReport report;
};

void judge(const event::Finding& finding, Verdict verdict, bool is_new, std::string clause,
           event::GateReport& report) {
  event::Judgement& one = report.judgements.emplace_back();
  one.finding = &finding;
  one.verdict = verdict;
  one.is_new = is_new;
  one.steps.push_back({std::move(clause),
                       "severity: high, " + std::string(kHostile),
                       {"vedette.yaml", 4, 7, 0},
                       verdict});
  one.changes.push_back({Verdict::kAllow, std::string(kHostile)});
}

// The gravest first, as a report has them.
void sample(Sample& out) {
  for (const event::Finding& finding : sample_vulnerabilities()) out.findings.push_back(finding);
  for (const event::Finding& finding : sample_findings()) out.findings.push_back(finding);
  out.findings[4].place.path = "./" + out.findings[4].place.path;
  out.findings[5].message = kHostile;
  constexpr std::size_t kBlocked = 3;
  constexpr std::size_t kWarned = 6;
  for (std::size_t i = 0; i < out.findings.size(); ++i) {
    const bool last = i + 1 == out.findings.size();
    judge(out.findings[i],
          last           ? Verdict::kAllow
          : i < kBlocked ? Verdict::kBlock
          : i < kWarned  ? Verdict::kWarn
                         : Verdict::kTrack,
          i % 2 == 0, last ? "waiver of ada" : "tier " + std::string(i % 2 == 0 ? "a" : kHostile),
          out.report);
  }
  out.report.verdict = Verdict::kBlock;
  out.report.has_base = out.report.incomplete = true;
  out.report.policy = "vedette.yaml";
  out.report.environment = "production";
  out.report.now = TimeNs{1'767'225'600} * kNsPerSecond;
  out.report.budgets = {{"medium", 2, 3, Verdict::kWarn}, {"low", 9, 3, Verdict::kWarn}};
  out.report.problems = {
      {DiagnosticKind::kWarning, {"a.zip", 0, 0, 0}, std::string(kHostile), "look"}};
  out.report.fixed = {{"1", std::string(kHostile), "old.py"}};
}

std::string render(std::string_view format, const event::GateReport& report,
                   std::size_t bytes_max = 65'536) {
  GateTextOptions options;
  options.version = "0.1.0";
  options.bytes_max = bytes_max;
  return gate_text(format, report, options).value_or("no such format");
}

class GateGolden : public testing::TestWithParam<GateFormat> {};

TEST_P(GateGolden, IsAsExpected) {
  Sample all;
  sample(all);
  const std::string text = render(GetParam().name, all.report);
  const std::string path =
      fmt::format("{}/tests/conformance/output/gate_{}.golden", kSource, GetParam().name);
  if (std::getenv("UPDATE") != nullptr) {
    ASSERT_TRUE(write_file_whole(path, text).has_value());
  }
  EXPECT_EQ(text, read_file(path, kFileMax).value_or("")) << path << "; UPDATE=1 rewrites it";
}

TEST_P(GateGolden, HoldsNothingThatItsReaderObeys) {
  Sample all;
  sample(all);
  const std::string text = render(GetParam().name, all.report);
  EXPECT_TRUE(is_utf8(text));
  for (const char c : text) ASSERT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  EXPECT_EQ(render(GetParam().name, event::GateReport()),
            render(GetParam().name, event::GateReport()));
}

INSTANTIATE_TEST_SUITE_P(All, GateGolden, testing::ValuesIn(gate_formats()), [](const auto& one) {
  std::string name(one.param.name);
  std::erase(name, '-');
  return name;
});

TEST(GateAnnotations, EachLineIsOneCommandOfOurs) {
  Sample all;
  sample(all);
  for (const auto& [format, begin] :
       {std::pair("github", "::"), std::pair("azure", "##vso[task.")}) {
    const std::string text = render(format, all.report);
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
      EXPECT_TRUE(text.compare(at, std::string_view(begin).size(), begin) == 0) << format;
  }
}

// Of none of the formats, whatever it is that is printed in a pipeline.
TEST(GateAnnotations, NothingOfOthersIsACommandInALog) {
  Sample all;
  sample(all);
  all.report.problems[0].place.file = "::error::no";
  for (const GateFormat& format : gate_formats()) {
    if (format.text == LogText::kCommands) continue;
    const std::string text = "\n" + render(format.name, all.report);
    EXPECT_EQ(text.find("##vso["), std::string::npos) << format.name;
    EXPECT_EQ(text.find("\n::"), std::string::npos) << format.name;
  }
  EXPECT_EQ(without_log_commands("a\n  ::b ##vso[c] ##[d] ## ::", LogText::kPlain),
            "a\n  : :b # #vso[c] # #[d] ## ::");
  EXPECT_EQ(without_log_commands("{\"##vso[a]\"}", LogText::kJson), "{\"#\\u0023vso[a]\"}");
  EXPECT_EQ(without_log_commands("::a ##[b", LogText::kMarkup), "&#58;:a #&#35;[b");
}

TEST(GateAnnotations, OnlyTheGravestTenOfEachLevel) {
  std::vector<event::Finding> findings;
  for (unsigned i = 0; i < 30; ++i) findings.push_back(sample_finding(event::Level::kHigh, i));
  event::GateReport report;
  for (std::size_t i = 0; i < findings.size(); ++i)
    judge(findings[i], i < 12 ? Verdict::kBlock : Verdict::kWarn, true, "tier a", report);
  const std::string text = render("github", report);
  const auto count = [&text](std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
      ++found;
    return found;
  };
  EXPECT_EQ(count("::error file="), 10U);
  EXPECT_EQ(count("::warning file="), 10U);
  EXPECT_EQ(count("2 more findings: block"), 1U);
  EXPECT_EQ(count("8 more findings: warn"), 1U);
}

// Whatever is in the findings, and however many there are.
TEST(GateMarkdown, NeverIsLongerThanTheServiceTakes) {
  const std::string worst(5000, '@');
  std::vector<event::Finding> findings;
  for (unsigned i = 0; i < 400; ++i) {
    findings.push_back(sample_finding(event::Level::kHigh, i));
    findings.back().message = findings.back().remediation = findings.back().place.path = worst;
  }
  event::GateReport report;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    judge(findings[i], i < 200 ? Verdict::kBlock : Verdict::kWarn, true, worst, report);
    report.problems.push_back({DiagnosticKind::kWarning, {worst, 0, 0, 0}, worst, ""});
    report.fixed.push_back({"1", worst, worst});
    report.budgets.push_back({worst, 0, 3, Verdict::kWarn});
  }
  for (const std::size_t bytes_max :
       {std::size_t{8000}, std::size_t{65'536}, std::size_t{1'000'000}}) {
    const std::string text = render("markdown", report, bytes_max);
    EXPECT_LE(text.size(), bytes_max);
    EXPECT_NE(text.find(" more to do, of which "), std::string::npos);
    EXPECT_TRUE(text.ends_with("</sub>\n"));
  }
  EXPECT_LE(render("summary", report).size(), kSummaryBytesMax);
}

TEST(MarkdownText, IsTextAndNothingElse) {
  EXPECT_EQ(markdown_text("plain-name_1.2/x y"), "plain-name&#95;1.2/x y");
  EXPECT_EQ(markdown_text("@ada"), "&#64;&#8203;ada");
  EXPECT_EQ(markdown_text("- a"), "&#45; a");
  EXPECT_EQ(markdown_text("1. a"), "&#49;. a");
  EXPECT_EQ(markdown_text("1.0 a.py:3:1"), "1.0 a.py&#58;3&#58;1");
  EXPECT_EQ(markdown_text("GH-1 www.x"), "GH-&#8203;1 www&#8203;.x");
  EXPECT_EQ(markdown_text("http://x"), "http&#58;&#8203;//x");
  EXPECT_EQ(markdown_text("a|b\nc").find('|'), std::string::npos);
  EXPECT_EQ(markdown_text("a|b\nc").find('\n'), std::string::npos);
  EXPECT_TRUE(markdown_text(std::string(199, 'a') + "ä and more").ends_with("a…"));
  EXPECT_EQ(markdown_code("npm install a@1"), "`npm install a@1`");
  for (const char* text : {"a`b", "a|b", "a\\b", " a", "a ", ""})
    EXPECT_EQ(markdown_code(text), markdown_text(text)) << text;
  EXPECT_EQ(markdown_link("https://a.example/x?y=1"), "[a.example](<https://a.example/x?y=1>)");
  for (const char* text : {"javascript:x", "http://a.example", "https://a.example/)", "https:///x",
                           "https://a@b.example/", "https://a.example/<x>", ""})
    EXPECT_EQ(markdown_link(text), "") << text;
}

// Runs a validator of tools/; absence of what it needs skips.
void validate(const char* format, const std::string& tool, const std::string& schema) {
  const char* folder = std::getenv("VEDETTE_DATA");
  const std::string data = folder != nullptr ? folder : kSource + "/../shared/data";
  if (!schema.empty() && !std::filesystem::exists(data + "/" + schema))
    GTEST_SKIP() << "no test data at " << data << "/" << schema;
  Sample all;
  sample(all);
  const std::string file = testing::TempDir() + "vedette_gate_" + format;
  ASSERT_TRUE(write_file_whole(file, render(format, all.report)).has_value());
  std::string command = "python3 '" + kSource + "/tools/" + tool + "' ";
  if (!schema.empty()) command += "'" + data + "/" + schema + "' ";
  command += "'" + file + "' >&2";
  const int status = std::system(command.c_str());
  std::filesystem::remove(file);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == 77 || code == 127) GTEST_SKIP() << tool << " needs Python and its packages";
  EXPECT_EQ(code, 0) << command;
}

TEST(GateSarif, IsValid) {
  validate("sarif", "validate_json.py", "schemas/sarif-2.1.0.schema.json");
}

TEST(GateJunit, IsValid) { validate("junit", "validate_junit.py", ""); }

TEST(GateGitlab, SecretsAreValid) {
  validate("gitlab-secrets", "validate_json.py",
           "schemas/gitlab-secret-detection-15.2.1.schema.json");
}

TEST(GateGitlab, DependenciesAreValid) {
  validate("gitlab-dependencies", "validate_json.py",
           "schemas/gitlab-dependency-scanning-15.2.1.schema.json");
}

}  // namespace
}  // namespace vedette::output
