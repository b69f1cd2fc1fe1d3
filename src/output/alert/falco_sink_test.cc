// SPDX-License-Identifier: Apache-2.0
#include "output/alert/falco_sink.h"

#include <array>
#include <gtest/gtest.h>

#include "event/alert.h"

namespace vedette::output {
namespace {

constexpr TimeNs kTime = TimeNs{1'603'368'005} * kNsPerSecond + 42;  // 2020-10-22T12:00:05Z

// "Shell (proc=%proc.name parent=%proc.pname tree=%proc.aname port=%fd.sport ok=%evt.failed)"
event::RuleInfo shell_rule() {
  event::RuleInfo rule;
  rule.id = rule.title = "Shell in a container";
  rule.priority = "Notice";
  rule.source = "syscall";
  rule.tags = {"shell", "T1059", "container"};
  rule.output_fields = {"proc.name", "proc.pname", "proc.aname", "fd.sport", "evt.failed"};
  rule.output = {{"Shell (proc=", 0, 0}, {" parent=", 1, 0}, {" tree=", 2, 0},
                 {" port=", 3, 6},       {" ok=", 4, 0},     {")", event::OutputPart::kNoField, 0}};
  return rule;
}

std::string written(const event::Alert& alert) {
  std::string text;
  Writer writer = Writer::to_string(text);
  auto sink = make_falco_sink(SinkOptions{.writer = writer}).value();
  EXPECT_TRUE(sink->wants_output_fields());
  EXPECT_TRUE(sink->write(alert).has_value());
  EXPECT_TRUE(sink->finish({}).has_value());
  return text;
}

TEST(FalcoSink, WritesFalcosJson) {
  const event::RuleInfo rule = shell_rule();
  const std::array<event::AlertField, 5> fields = {
      event::AlertField{"proc.name", "ba\"sh\n"},
      event::AlertField{"proc.aname", "containerd"},
      event::AlertField{"proc.aname", "systemd"},
      event::AlertField{"fd.sport", "443", event::Kind::kNumber},
      event::AlertField{"evt.failed", "false", event::Kind::kBoolean},
  };
  event::Alert alert;
  alert.rule = &rule;
  alert.has_time = true;
  alert.time = kTime;
  alert.roles[static_cast<std::size_t>(event::Role::kHost)] = "node-1";
  alert.output_fields = fields;
  EXPECT_EQ(written(alert),
            R"j({"hostname":"node-1","output":"12:00:05.000000042: Notice Shell (proc=ba\"sh\n )j"
            R"j(parent=<NA> tree=(containerd,systemd) port=443    ok=false)","output_fields":{)j"
            R"j("evt.failed":false,"evt.time":1603368005000000042,"fd.sport":443,)j"
            R"j("proc.aname":["containerd","systemd"],"proc.name":"ba\"sh\n","proc.pname":null},)j"
            R"j("priority":"Notice","rule":"Shell in a container","source":"syscall",)j"
            R"j("tags":["T1059","container","shell"],"time":"2020-10-22T12:00:05.000000042Z"})j"
            "\n");
}

TEST(FalcoSink, WritesOtherRulesByTitleAndLevel) {
  event::RuleInfo rule;
  rule.title = "Whoami";
  rule.level = event::Level::kHigh;
  rule.logsource = "windows/process_creation/";
  const std::array<event::MatchedField, 2> matched = {
      event::MatchedField{"selection", "Image", "whoami.exe", "endswith whoami.exe"},
      event::MatchedField{"keywords", "", "line", "contains line"},
  };
  event::Alert alert;
  alert.rule = &rule;
  alert.time = kTime;
  alert.matched = matched;
  EXPECT_EQ(written(alert),
            R"j({"hostname":"","output":"12:00:05.000000042: Error Whoami","output_fields":{)j"
            R"j("Image":"whoami.exe","evt.time":1603368005000000042},"priority":"Error",)j"
            R"j("rule":"Whoami","source":"windows/process_creation/","tags":[],)j"
            R"j("time":"2020-10-22T12:00:05.000000042Z"})j"
            "\n");
}

}  // namespace
}  // namespace vedette::output
