// SPDX-License-Identifier: Apache-2.0
#include "cmd/detect.h"

#include <gtest/gtest.h>

namespace vedette::cmd {
namespace {

TEST(Detect, ExitCodesSayWhatHappened) {
  event::Summary summary;
  summary.alerts = 5;
  EXPECT_EQ(exit_code_of(summary, false), kExitClean);
  EXPECT_EQ(exit_code_of(summary, true), kExitBlocked);
  summary.unknown_source = 7;
  EXPECT_EQ(exit_code_of(summary, false), kExitClean);
  summary.skipped = 1;
  EXPECT_EQ(exit_code_of(summary, false), kExitPartial);
  EXPECT_EQ(exit_code_of(summary, true), kExitBlocked);

  event::Summary broken;
  broken.inputs.emplace_back().failed = true;
  EXPECT_EQ(exit_code_of(broken, false), kExitPartial);
  event::Summary refused;
  refused.rules_refused = 1;
  EXPECT_EQ(exit_code_of(refused, false), kExitPartial);
  event::Summary stopped;
  stopped.interrupted = true;
  EXPECT_EQ(exit_code_of(stopped, false), kExitPartial);
}

TEST(Detect, LossesAreSaidAndNothingElse) {
  event::Summary summary;
  summary.events = 100;
  EXPECT_EQ(loss_report(summary), "");
  summary.skipped = 1234;
  summary.interrupted = true;
  EXPECT_EQ(loss_report(summary),
            "vedette: 1,234 records could not be decoded and were skipped\n"
            "vedette: interrupted before the end of the input\n");
}

TEST(Detect, RefusalsAreSaidByReason) {
  event::Summary summary;
  summary.rules_refused = 1239;
  const auto add = [&](std::uint64_t count, const char* file, const char* message) {
    summary.refusals.push_back({count, {DiagnosticKind::kError, {file, 12, 5, 0}, message, ""}});
  };
  add(1200, "rules/x.yml", "the placeholder %admins% has no values");
  add(25, "a\x1b[2Jb.yml", "the modifier 'x' is unknown");
  add(11, "c.yml", "the detection is empty");
  add(2, "d.yml", "the list of keywords is empty");
  add(1, "e.yml", "the value has no meaning");
  const std::string report = loss_report(summary);
  EXPECT_TRUE(report.starts_with(
      "vedette: 1,239 rules were refused; vedette rules lint lists them\n"
      "vedette:   1,200 as in rules/x.yml:12:5: the placeholder %admins% has no values\n"
      "vedette:   25 as in a"))
      << report;
  EXPECT_TRUE(report.ends_with("vedette:   3 for other reasons\n")) << report;
  EXPECT_EQ(report.find('\x1b'), std::string::npos);
}

TEST(Detect, ProblemsAreShownInPartAndHarmless) {
  event::Summary summary;
  event::InputReport& input = summary.inputs.emplace_back();
  for (int i = 0; i < 12; ++i) {
    input.problems.push_back({DiagnosticKind::kError, {"a\x1b[2Jb", 0, 0, 9}, "broken", "mend it"});
  }
  const std::string report = loss_report(summary);
  EXPECT_EQ(report.find('\x1b'), std::string::npos);
  EXPECT_NE(report.find("broken; mend it\n"), std::string::npos) << report;
  EXPECT_NE(report.find("and 2 more"), std::string::npos) << report;
}

}  // namespace
}  // namespace vedette::cmd
