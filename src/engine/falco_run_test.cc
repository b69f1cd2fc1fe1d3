// SPDX-License-Identifier: Apache-2.0
// Falco rules from their files to Falco's output.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "engine/detect_run.h"
#include "engine/rules/rules_run.h"
#include "output/alert/formats.h"

namespace vedette::engine {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRules = R"(
- macro: opened
  condition: (evt.type in (open, openat))
- rule: First
  desc: a
  condition: opened and fd.name startswith /etc
  output: Opened (file=%fd.name by=%proc.name port=%fd.sport tree=%proc.aname)
  priority: ERROR
  tags: [filesystem, T1003]
- rule: Second
  desc: b
  condition: opened and fd.name endswith shadow
  output: Shadow
  priority: CRITICAL
- rule: Off
  desc: c
  condition: opened
  output: o
  priority: DEBUG
  enabled: false
- rule: Pod
  desc: d
  condition: ka.verb = create and ka.req.pod.containers.image intersects (evil)
  output: Pod %ka.resp.name (%ka.response.code)
  priority: NOTICE
  source: k8s_audit
)";

constexpr const char* kEvents =
    R"({"evt.source":"syscall","evt.type":"openat","evt.rawtime":1603368005000000042,)"
    R"("evt.hostname":"node-1","fd.name":"/etc/shadow","proc.name":"cat",)"
    R"("proc.aname":["bash","sshd"]})"
    "\n"
    R"({"evt.source":"syscall","evt.type":"open","fd.name":"/var/shadow"})"
    "\n"
    R"({"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"create",)"
    R"("requestObject":{"spec":{"containers":[{"image":"a"},{"image":"evil"}]}},)"
    R"("responseObject":{"metadata":{"name":"p"}},"responseStatus":{"code":201},)"
    R"("stageTimestamp":"2020-10-22T12:00:06Z"})"
    "\n";

class FalcoRun : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(root_);
    std::ofstream(root_ + "/rules.yaml") << kRules;
    std::ofstream(root_ + "/events.ndjson") << kEvents;
    options_.rules.rules = {root_ + "/rules.yaml"};
    options_.rules.content = VEDETTE_SOURCE_DIR "/content";
    options_.inputs = {root_ + "/events.ndjson"};
  }
  void TearDown() override { fs::remove_all(root_); }

  std::string written(std::string_view format) {
    std::string text;
    output::Writer writer = output::Writer::to_string(text);
    const auto sink = output::make_sink(format, output::SinkOptions{.writer = writer}).value();
    const std::atomic<bool> stop = false;
    EXPECT_TRUE(detect(options_, {sink.get()}, stop, nullptr).has_value());
    return text;
  }

  std::string matches() {
    std::string lines;
    std::string text = written("tsv");
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      lines += text.substr(text.find('\t', at) + 1, end - text.find('\t', at));
      at = end + 1;
    }
    return lines;
  }

  std::string root_ = testing::TempDir() + "vedette_falco_run_test";
  DetectOptions options_;
};

TEST_F(FalcoRun, ReportsTheFirstRuleOfAnEvent) {
  EXPECT_EQ(matches(), "1\tFirst\n2\tSecond\n3\tPod\n");
}

TEST_F(FalcoRun, ReportsAllRulesWhenAsked) {
  options_.rules.matching = RuleMatching::kAll;
  EXPECT_EQ(matches(), "1\tFirst\n1\tSecond\n2\tSecond\n3\tPod\n");
}

TEST_F(FalcoRun, WritesFalcosOutput) {
  const std::string text = written("falco");
  const std::string first =
      R"j({"hostname":"node-1","output":"12:00:05.000000042: Error Opened (file=/etc/shadow )j"
      R"j(by=cat port=<NA> tree=(bash,sshd))","output_fields":{"evt.time":1603368005000000042,)j"
      R"j("fd.name":"/etc/shadow","fd.sport":null,"proc.aname":["bash","sshd"],)j"
      R"j("proc.name":"cat"},"priority":"Error","rule":"First","source":"syscall",)j"
      R"j("tags":["T1003","filesystem"],"time":"2020-10-22T12:00:05.000000042Z"})j";
  EXPECT_EQ(text.substr(0, text.find('\n')), first);
  // The plugin says that the code is a text.
  EXPECT_NE(text.find(R"j("output":"12:00:06.000000000: Notice Pod p (201)")j"), std::string::npos);
  EXPECT_NE(text.find(R"j("ka.resp.name":"p","ka.response.code":"201")j"), std::string::npos);
}

TEST_F(FalcoRun, ListsAndShowsRules) {
  const rules::RuleSet set = load_rules(options_.rules, Limits()).value();
  ASSERT_EQ(set.rules.size(), 3U);
  ASSERT_EQ(set.disabled.size(), 1U);
  EXPECT_EQ(set.disabled[0].title, "Off");
  const FoundRule found = find_rule(set, "second").value();
  EXPECT_EQ(rule_text(*found.info, Limits()).value(),
            "- rule: Second\n  desc: b\n  condition: opened and fd.name endswith shadow\n"
            "  output: Shadow\n  priority: CRITICAL\n");
}

}  // namespace
}  // namespace vedette::engine
