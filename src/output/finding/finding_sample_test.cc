// SPDX-License-Identifier: Apache-2.0
#include "output/finding/finding_sample.h"

#include <array>
#include <fmt/format.h>

namespace vedette::output {
namespace {

// Every reader is tried: terminals, HTML, XML, JSON, Markdown, spreadsheets, SARIF placeholders.
constexpr std::string_view kHostile =
    "=cmd|'/C calc'!A0 \"q\" </script><script>alert(1)</script><!-- ]]> {0} [link](http://x) **b** "
    "\x1b[2J\x1b]0;title\x07 \xff\xfe\xc3 \xe2\x80\xae"
    "evil \xef\xbf\xbf \xe4\xb8\xad\xe6\x96\x87 &amp;";

event::FindingRule make_rule(std::string id, std::string title, event::Level severity) {
  event::FindingRule rule;
  rule.id = std::move(id);
  rule.title = std::move(title);
  rule.description = "What [it] opens: all of the account's {data}.";
  rule.remediation =
      "Revoke it at <https://acme.example/keys>. Then read it from a store of secrets, and rotate "
      "whatever it could reach since the commit that brought it.";
  rule.severity = severity;
  rule.tags = {"cloud", "cloud", "security"};
  rule.references = {"javascript:alert(1)", "https://acme.example/doc?a=1&b=2"};
  rule.pack = "secrets/acme.toml";
  return rule;
}

const std::vector<event::FindingRule>& rules() {
  static const std::vector<event::FindingRule> kRules = [] {
    std::vector<event::FindingRule> rules = {
        make_rule("acme-low", "Low thing", event::Level::kLow),
        make_rule("acme-token", "Acme token", event::Level::kCritical),
        make_rule("private-key", "Private key", event::Level::kHigh),
        make_rule("odd\x1B[31m id", std::string(kHostile), event::Level::kMedium),
        make_rule("bare", "", event::Level::kInformational)};
    event::FindingRule& hostile = rules[3];
    hostile.description = hostile.remediation = kHostile;
    hostile.remediation += "\nsecond line </failure>";
    for (int i = 0; i < 30; ++i) hostile.tags.push_back(fmt::format("tag-{}", i));
    event::FindingRule& bare = rules[4];
    bare.description.clear();
    bare.remediation.clear();
    bare.references.clear();
    bare.tags.clear();
    return rules;
  }();
  return kRules;
}

event::Finding make_finding(std::size_t rule, std::string path, std::uint32_t line) {
  static constexpr std::array kLevelOfRule = {event::Level::kLow, event::Level::kCritical,
                                              event::Level::kHigh, event::Level::kMedium,
                                              event::Level::kInformational};
  event::Finding finding;
  finding.rule = &rules()[rule];
  finding.identity =
      fmt::format("{0:016x}{0:016x}", 0xABCDEF0123456789 + rule * 0x1111111111111111);
  finding.severity = kLevelOfRule[rule];
  finding.confidence = event::Confidence::kHigh;
  finding.probability = 0.97;
  finding.redacted = "acme…(29)";
  finding.message = "Acme token: acme…(29)";
  finding.place.path = std::move(path);
  finding.place.line = line;
  if (line == 0) return finding;
  finding.place.column = 6;
  finding.place.end_line = line;
  finding.place.end_column = 35;
  finding.place.offset = 100;
  finding.place.size = 29;
  finding.excerpt = {"x = 'acme…(29)'  # here", 5, 11};
  finding.evidence = {{"checksum", "its checksum is right", 4.5},
                      {"test", "the file is a test", -0.5}};
  return finding;
}

event::FindingCommit commit() {
  event::FindingCommit commit;
  commit.id = "0123456789012345678901234567890123456789";
  commit.author = "A\x1B[1m <b>B</b>";
  commit.email = "a@example.org";
  commit.time = TimeNs{1'700'000'000} * kNsPerSecond;
  commit.subject = "add it ]]> \xe2\x80\xae";
  return commit;
}

// Text before the mark whose bytes, columns and UTF-16 units differ, and a secret of several lines.
void add_odd_lines(std::vector<event::Finding>& all) {
  event::Finding wide = make_finding(1, "src/wide.py", 3);
  wide.place.column = 16;
  wide.place.end_column = 45;
  wide.excerpt = {"\t\xe4\xb8\xad\xe6\x96\x87\xf0\x9f\x94\x91 = 'acme…(29)' é\u202E", 15, 11};
  all.push_back(wide);
  event::Finding key = make_finding(2, "src/wide.py", 9);
  key.place.end_line = 36;
  key.place.end_column = 30;
  key.place.size = 1700;
  key.excerpt = {"key = \"----…(1700)", 7, 13};
  key.redacted = "----…(1700)";
  all.push_back(key);
  event::Finding cut = make_finding(1, "dist/app.min.js", 1);
  cut.place.column = 51'234;
  cut.place.end_column = 51'263;
  cut.excerpt = {"…" + std::string(70, 'a') + "acme…(29)" + std::string(70, 'b') + "…", 73, 11};
  all.push_back(cut);
}

}  // namespace

event::Finding sample_finding(event::Level severity, unsigned number) {
  event::Finding finding = make_finding(1, "src/many.py", number + 1);
  finding.severity = severity;
  finding.identity = fmt::format("{:08x}{:024x}", number, 0);
  return finding;
}

std::vector<event::Finding> sample_findings() {
  std::vector<event::Finding> all = {make_finding(1, "src/a.py", 2), make_finding(1, "src/a.py", 9),
                                     make_finding(0, "backup.tar.gz/etc/a b#c%.env", 1)};
  all[1].place.commit = commit();
  all[1].place.object = "89abcdef";
  for (std::uint32_t i = 0; i < 5; ++i)
    all[1].also_at.push_back(make_finding(1, fmt::format("old/{}.py", i), i).place);
  all[2].confidence = event::Confidence::kLow;
  all[2].probability = 0.31;
  add_odd_lines(all);
  event::Finding hostile = make_finding(3, "odd \x1B]0;t\x07\n</script>\xFF\xe2\x80\xae/b.yml", 1);
  hostile.message = kHostile;
  hostile.redacted = "…(9)";
  hostile.excerpt = {std::string(kHostile) + "…(9)", static_cast<std::uint32_t>(kHostile.size()),
                     6};
  hostile.evidence = {{"name", std::string(kHostile), 1.5}};
  all.push_back(hostile);
  hostile.place.path = "=2+3.csv";
  hostile.place.commit = commit();
  all.push_back(hostile);
  event::Finding file = make_finding(2, "id/key.p12", 0);
  file.message = "Private key: the file's name says so";
  file.redacted.clear();
  all.push_back(file);
  event::Finding bare = make_finding(4, "-", 4);
  bare.evidence.clear();
  all.push_back(bare);
  all.push_back(make_finding(1, "/abs/path.txt", 7));
  event::Finding broken = make_finding(1, "broken", 7);  // what a scanner should never say
  broken.place.column = broken.place.end_line = broken.place.end_column = 0;
  broken.excerpt = {"short", 900, 900};
  broken.probability = 7;
  all.push_back(broken);
  return all;
}

event::ScanSummary sample_summary() {
  event::ScanSummary summary;
  summary.scanner = "secrets";
  summary.targets = 1;
  summary.files = 1234;
  summary.commits = 56;
  summary.bytes = 5'000'000;
  summary.cached = 1000;
  summary.findings = sample_findings().size();
  summary.in_baseline = 3;
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
  lost.bytes = 77;
  lost.loss = true;
  lost.examples = {{DiagnosticKind::kError, {"x\x1B/<y>", 0, 0, 0}, "permission denied ]]>", ""}};
  event::Skipped binary;
  binary.reason = "binary";
  binary.count = 12;
  summary.skipped = {binary, lost};
  return summary;
}

std::vector<event::Finding> sample_vulnerabilities() {
  std::vector<event::Finding> findings(3);
  for (event::Finding& finding : findings) {
    finding.kind = event::FindingClass::kVulnerability;
    finding.rule = &rules()[3];
    finding.severity = event::Level::kMedium;
    finding.confidence = event::Confidence::kHigh;
    finding.probability = 0.95;
    finding.identity = std::string(31, '0') + static_cast<char>('1' + (&finding - &findings[0]));
    finding.place.path = "app/requirements.txt";
    finding.place.line = finding.place.end_line = 3;
    finding.message = "apple 1.0 has it";
    finding.remediation = "Update apple to 1.1 or later.";
    event::FindingVulnerability& one = finding.vulnerability.emplace();
    one.ecosystem = "PyPI";
    one.package = "apple";
    one.version = "1.0";
    one.purl = "pkg:pypi/apple@1.0";
    one.through = "app > tree > apple";
    one.names = {"CVE-2024-1", "GHSA-1"};
    one.advisories = {"GHSA-1"};
    one.fixed = "1.1";
    one.upgrade = "1.2";
    one.upgrade_fixes = 2;
    one.command = "pip install \"apple>=1.2\"";
  }
  event::Finding& grave = findings[1];
  grave.severity = event::Level::kCritical;
  grave.evidence = {{"exploited", "known to be exploited since 2024-03-01 (CISA)", 1}};
  grave.also_at = {findings[0].place};
  grave.vulnerability->vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
  grave.vulnerability->score = 9.8;
  grave.vulnerability->exploited = grave.vulnerability->ransomware = true;
  grave.vulnerability->exploited_since = "2024-03-01";
  grave.vulnerability->probability = 0.5;
  grave.vulnerability->percentile = 0.75;
  grave.vulnerability->exploits = {"https://acme.example/exploit?a=1&b=2"};
  // Of another package, of which nobody knows a fix, and whose name wants to break its reader.
  event::Finding& hostile = findings[2];
  event::FindingVulnerability bare;
  bare.ecosystem = "npm";
  bare.package = bare.version = kHostile;
  hostile.vulnerability = bare;
  hostile.message = hostile.remediation = kHostile;
  // One that its producer says nothing need be done about.
  event::Finding excused = findings[0];
  excused.identity = std::string(32, '9');
  excused.vulnerability->statement = {event::VexStatus::kNotAffected,
                                      "code_not_reachable",
                                      std::string(kHostile),
                                      "",
                                      "Ada",
                                      "urn:vex:1",
                                      "vex.json",
                                      TimeNs{1'767'225'600} * kNsPerSecond};
  excused.evidence = {{"vex", fmt::format("Ada says not_affected: {}", kHostile), -5}};
  excused.vulnerability->used = false;
  excused.vulnerability->watched_seconds = 3600;
  excused.vulnerability->dependents = {{0, "tree 3", false}, {1, "app 1", true}};
  findings.push_back(excused);
  return findings;
}

}  // namespace vedette::output
