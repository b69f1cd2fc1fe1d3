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
