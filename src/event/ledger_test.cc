// SPDX-License-Identifier: Apache-2.0
#include "event/ledger.h"

#include <gtest/gtest.h>

namespace vedette::event {
namespace {

void fill(Ledger& ledger) {
  ledger.add(Count::kKernelProduced, 97);
  ledger.add(Count::kMade, 3);
  ledger.add(Count::kKernelLost, 5);
  ledger.add(Count::kFiltered, 15);
  ledger.add(Count::kRead, 80);
  ledger.add(Count::kUndecodable, 1);
  ledger.add_shed(1, 9);
  ledger.add(Count::kState, 4);
  ledger.add(Count::kDecoded, 66);
  ledger.add(Count::kMatched, 66);
  ledger.add(Count::kOffered, 12);
  ledger.add(Count::kSpooled, 10);
  ledger.add(Dropped::kSpoolFull, 2);
  ledger.add(Count::kCarriedIn, 3);
  ledger.add(Count::kSent, 9);
  ledger.add(Count::kAcknowledged, 8);
  ledger.add(Dropped::kSpoolAge, 1);
  ledger.set(Count::kWaiting, 4);
}

TEST(Ledger, ClosesWhenEverythingIsSomewhere) {
  Ledger ledger({"file_open", "net \"x\""});
  fill(ledger);
  const Result<void> closed = check(ledger.snapshot(), LedgerState::kAtRest);
  EXPECT_TRUE(closed.has_value()) << closed.error().message;
}

TEST(Ledger, NamesTheSumThatIsOpen) {
  Ledger ledger({"a", "b"});
  fill(ledger);
  ledger.add(Count::kRead, 2);
  const Result<void> closed = check(ledger.snapshot(), LedgerState::kAtRest);
  ASSERT_FALSE(closed.has_value());
  EXPECT_NE(closed.error().message.find("kernel_produced + made = kernel_lost + filtered + read"),
            std::string::npos);
  EXPECT_NE(closed.error().message.find("2 unaccounted"), std::string::npos);
}

TEST(Ledger, WhileRunningALaterStageMayLagButNotLead) {
  Ledger ledger;
  ledger.add(Count::kKernelProduced, 10);
  ledger.add(Count::kRead, 10);
  EXPECT_TRUE(check(ledger.snapshot(), LedgerState::kRunning).has_value());
  EXPECT_FALSE(check(ledger.snapshot(), LedgerState::kAtRest).has_value());
  ledger.add(Count::kDecoded, 11);
  EXPECT_FALSE(check(ledger.snapshot(), LedgerState::kRunning).has_value());
}

TEST(Ledger, AcknowledgedIsNeverMoreThanSent) {
  Ledger ledger;
  ledger.add(Count::kCarriedIn, 1);
  ledger.add(Count::kAcknowledged, 1);
  const Result<void> closed = check(ledger.snapshot(), LedgerState::kAtRest);
  ASSERT_FALSE(closed.has_value());
  EXPECT_NE(closed.error().message.find("sent"), std::string::npos);
}

TEST(Ledger, WritesJsonAndPrometheus) {
  Ledger ledger({"file_open", "net \"x\""});
  fill(ledger);
  const LedgerSnapshot snapshot = ledger.snapshot();
  EXPECT_NE(snapshot.to_json().find(R"("dropped_by_policy":{"spool_size":0,"spool_age":1)"),
            std::string::npos);
  EXPECT_NE(snapshot.to_json().find(R"("closes":true)"), std::string::npos);
  const std::string text = snapshot.to_prometheus();
  EXPECT_NE(text.find("# TYPE vedette_agent_read_total counter\nvedette_agent_read_total 80\n"),
            std::string::npos);
  EXPECT_NE(text.find("# TYPE vedette_agent_waiting gauge\nvedette_agent_waiting 4\n"),
            std::string::npos);
  EXPECT_NE(text.find("vedette_agent_shed_total{policy=\"net \\\"x\\\"\"} 9\n"), std::string::npos);
}

}  // namespace
}  // namespace vedette::event
