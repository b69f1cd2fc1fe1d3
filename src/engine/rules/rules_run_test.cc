// SPDX-License-Identifier: Apache-2.0
#include "engine/rules/rules_run.h"

#include <atomic>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>

#include "engine/event_reader.h"
#include "rules/sigma/sigma.h"

namespace vedette::engine {
namespace {

namespace fs = std::filesystem;

constexpr const char* kShell =
    "title: Shell started\n"
    "id: 11111111-1111-4111-8111-111111111111\n"
    "logsource: {category: process_creation, product: linux}\n"
    "detection:\n"
    "  selection: {Image|endswith: /sh, User: [root, admin]}\n"
    "  filter: {ParentImage: null}\n"
    "  condition: selection and not filter\n"
    "level: high\n";

// A folder with rules and a content folder without log sources.
class RulesRun : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(root_ + "/rules");
    fs::create_directories(root_ + "/content/logsources");
    options_.rules = {root_ + "/rules"};
    options_.content = root_ + "/content";
    options_.use_log_sources = false;
  }
  void TearDown() override { fs::remove_all(root_); }
  void write(const std::string& name, const std::string& text) {
    fs::create_directories(fs::path(root_ + "/" + name).parent_path());
    std::ofstream(root_ + "/" + name) << text;
  }
  rules::RuleSet load() { return load_rules(options_, Limits()).value(); }

  std::string root_ = testing::TempDir() + "vedette_rules_run_test";
  RuleOptions options_;
  std::atomic<bool> stop_ = false;
};

TEST_F(RulesRun, FindsRulesByIdNameAndTitle) {
  write("rules/a.yml", kShell);
  const rules::RuleSet set = load();
  EXPECT_EQ(find_rule(set, "shell STARTED")->info->title, "Shell started");
  EXPECT_NE(find_rule(set, "11111111-1111-4111-8111-111111111111")->rule, nullptr);
  const auto missing = find_rule(set, "shell");
  ASSERT_FALSE(missing.has_value());
  EXPECT_NE(missing.error().message.find("Shell started"), std::string::npos);
}

TEST_F(RulesRun, LintKnowsLogSourcesAndTags) {
  write("content/logsources/a.yml",
        "sources:\n"
        "  - {category: process_creation, product: windows, when: {Channel: S, EventID: [1, 2]}}\n"
        "  - {category: process_creation, product: linux, when: {type: EXECVE}}\n");
  write("content/attack/techniques.tsv", "T1059\tCommand Interpreter\texecution\n");
  write("rules/a.yml",
        "title: A\nid: 11111111-1111-4111-8111-111111111111\n"
        "tags: [attack.t1059, attack.t1060, attack.execution, attack.excecution, attack.g0007]\n"
        "logsource: {category: process_creation, product: windows}\n"
        "detection:\n"
        "  a: {EventID: [2, 3]}\n"
        "  b: {Channel: s, EventID|gt: 9}\n"
        "  condition: a or b\n");
  std::string shell = kShell;
  shell.replace(shell.find("11111111"), 8, "22222222");
  shell.replace(shell.find("User:"), 5, "EventID: 3, User:");
  write("rules/b.yml", shell);  // EventID is not pinned there
  options_.use_log_sources = true;
  const auto set = lint_rules(options_, Limits());
  ASSERT_TRUE(set.has_value()) << set.error().message;
  std::string said;
  for (const Diagnostic& warning : set->warnings) {
    said += fmt::format("{}:{} {}\n", warning.place.line, warning.place.column, warning.message);
  }
  EXPECT_EQ(said,
            "6:1 EventID is never '3' in this log source, so 'a' cannot match there\n"
            "1:1 unknown technique T1060 in the tags\n"
            "1:1 unknown tactic 'excecution' in the tags\n");
}

TEST_F(RulesRun, ShowsTheDocumentOfTheRuleAlone) {
  std::string second = kShell;
  second.replace(second.find("11111111"), 8, "22222222");
  second.replace(second.find("Shell started"), 13, "Other started");
  write("rules/a.yml", std::string(kShell) + "---\n" + second);
  const rules::RuleSet set = load();
  EXPECT_EQ(rule_text(*find_rule(set, "Shell started")->info, Limits()).value(), kShell);
  EXPECT_EQ(rule_text(*find_rule(set, "Other started")->info, Limits()).value(), second);
}

TEST_F(RulesRun, TestsCasesAndSaysWhatFailed) {
  write("rules/a.yml", kShell);
  write("rules/a.case.yml",
        "events:\n"
        "  - {match: true, event: {Image: /bin/sh, User: root, ParentImage: /sbin/init}}\n"
        "  - {match: false, event: {Image: /bin/sh, User: root}}\n"
        "  - {match: true, name: wrong on purpose, event: {Image: /bin/ls, User: root}}\n");
  const auto report = test_rules(options_, Limits(), stop_);
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->passed, 2U);
  EXPECT_EQ(report->failed, 1U);
  ASSERT_EQ(report->failures.size(), 1U);
  EXPECT_EQ(to_string(report->failures[0].place), root_ + "/rules/a.case.yml:4");
  EXPECT_NE(report->failures[0].message.find("wrong on purpose"), std::string::npos);
}

TEST_F(RulesRun, NotesRulesWithoutCase) {
  write("rules/a.yml", kShell);
  const auto report = test_rules(options_, Limits(), stop_);
  ASSERT_TRUE(report.has_value()) << report.error().message;
  ASSERT_EQ(report->notes.size(), 1U);
  EXPECT_NE(report->notes[0].message.find("has no case"), std::string::npos);
}

TEST_F(RulesRun, TestsRegressionData) {
  write("rules/a.yml", kShell);
  const std::string sample = "regression_data/rules/a/11111111-1111-4111-8111-111111111111";
  write("regression_data/rules/a/info.yml",
        "rule_metadata:\n  - id: 11111111-1111-4111-8111-111111111111\n"
        "regression_tests_info:\n  - {name: one, type: evtx, match_count: 2, path: " +
            sample + ".evtx}\n  - {name: two, type: raw, path: x.raw}\n");
  const std::string event = R"({"Image":"/bin/sh","User":"root","ParentImage":"x"})";
  // What stands in the files decides, not their names.
  write(sample + ".evtx", event + "\n" + event + "\n");
  write(sample + ".json", event + "\n" + event + "\n");
  options_.rules = {root_};
  auto report = test_rules(options_, Limits(), stop_);
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->passed, 1U);
  EXPECT_EQ(report->failed, 0U);
  EXPECT_EQ(report->skipped, 1U);
  // Both forms must agree with the count.
  write(sample + ".json", event + "\n");
  report = test_rules(options_, Limits(), stop_);
  EXPECT_EQ(report->failed, 1U);
}

TEST_F(RulesRun, ExplainsEachPart) {
  write("rules/a.yml", kShell);
  const rules::RuleSet set = load();
  const rules::LogSources log_sources;
  detect::EventFields event(log_sources);
  event.add("Image", event::Kind::kString, "/bin/sh");
  event.add("User", event::Kind::kString, "bob");
  const Explanation explanation = explain(set.rules.at(0), log_sources, event, false);
  EXPECT_FALSE(explanation.matches);
  ASSERT_EQ(explanation.views.size(), 1U);
  std::string leaves;
  const std::function<void(const ExplainedNode&)> collect = [&](const ExplainedNode& node) {
    if (node.children.empty()) {
      leaves += std::string(node.holds ? "+" : "-") + node.text + " [" + node.selection + "]";
      for (const std::string& seen : node.seen) leaves += " <" + seen + ">";
      leaves += "\n";
    }
    for (const ExplainedNode& child : node.children) collect(child);
  };
  collect(explanation.views[0].condition);
  EXPECT_EQ(leaves,
            "+Image endswith '/sh' [selection] <Image: '/bin/sh'>\n"
            "-User is 'root' [selection] <User: 'bob'>\n"
            "-User is 'admin' [selection] <User: 'bob'>\n"
            "+ParentImage is absent or null [filter] <ParentImage: absent>\n");
}

TEST_F(RulesRun, ReadsWholeEvents) {
  write("events.json", "{\"a\":{\"b\":1},\"c\":[\"x\",\"y\"]}\n{\"a\":2}\n");
  const rules::LogSources log_sources;
  DetectOptions options;
  options.inputs = {root_ + "/events.json"};
  std::string seen;
  const auto reports = read_events(options, log_sources, [&](const ReadEvent& event) {
    seen += std::to_string(event.record) + ":";
    for (const detect::FieldValue& value : event.fields.all())
      seen += " " + value.path + "=" + value.text;
    seen += "\n";
    return true;
  });
  ASSERT_TRUE(reports.has_value()) << reports.error().message;
  // Objects and arrays are there too, without text of their own.
  EXPECT_EQ(seen, "1: a= a.b=1 c= c=x c=y\n2: a=2\n");
}

}  // namespace
}  // namespace vedette::engine
