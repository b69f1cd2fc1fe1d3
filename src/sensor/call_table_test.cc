// SPDX-License-Identifier: Apache-2.0
#include "sensor/call_table.h"

#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <sys/syscall.h>

namespace vedette::sensor {
namespace {

class CallTable : public testing::Test {
 protected:
  void SetUp() override { describe_calls(*settings_); }

  std::unique_ptr<vedette_settings> settings_ = std::make_unique<vedette_settings>();
};

TEST_F(CallTable, PositionsAreArguments) {
  std::set<std::uint32_t> seen;
  for (const std::uint32_t number : described_calls()) {
    EXPECT_TRUE(seen.insert(number).second) << "call " << number << " stands twice";
    const vedette_call& call = settings_->calls[number];
    for (const int position : {call.path, call.path2, call.descriptor, call.text}) {
      EXPECT_LE(position, call.arguments) << "call " << number;
    }
    for (const int position : {call.folder, call.folder2}) {
      EXPECT_TRUE(position <= call.arguments || position == 9) << "call " << number;
    }
    if (call.address != 0) {
      EXPECT_LT(call.address, call.arguments) << "call " << number;
    }
  }
}

TEST_F(CallTable, CallsOf32BitsAreKnownByTheirName) {
  EXPECT_EQ(settings_->compat[5], SYS_open);
  EXPECT_EQ(settings_->compat[11], SYS_execve);
  EXPECT_EQ(settings_->compat[295], SYS_openat);
  EXPECT_EQ(settings_->compat[26], SYS_ptrace);
  EXPECT_EQ(settings_->compat[212], SYS_chown);   // chown32
  EXPECT_EQ(settings_->compat[221], SYS_fcntl);   // fcntl64
  EXPECT_EQ(settings_->compat[22], SYS_umount2);  // umount
  EXPECT_EQ(settings_->compat[362], SYS_connect);
  EXPECT_EQ(settings_->compat[102], 0xFFFE);  // socketcall
  EXPECT_EQ(settings_->compat[511], 0xFFFF);
  EXPECT_EQ(settings_->socketcalls[3], SYS_connect);
  EXPECT_EQ(settings_->io_uring[18], SYS_openat);
}

TEST_F(CallTable, CompatCallsOfWantedOnesAreMarked) {
  auto filter = std::make_unique<vedette_filter>();
  filter->calls[SYS_connect] = VEDETTE_WANT_SUCCESS;
  mark_compat_calls(*settings_, *filter);
  EXPECT_EQ(filter->calls[362], VEDETTE_WANT_COMPAT);
  EXPECT_EQ(filter->calls[102], VEDETTE_WANT_COMPAT);
  EXPECT_EQ(filter->calls[SYS_connect], VEDETTE_WANT_SUCCESS);
  EXPECT_EQ(filter->calls[5], 0);
}

}  // namespace
}  // namespace vedette::sensor
