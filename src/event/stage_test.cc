// SPDX-License-Identifier: Apache-2.0
#include "event/stage.h"

#include <gtest/gtest.h>

namespace vedette::event {
namespace {

TEST(StageRecord, NamesItsScannerForAsLongAsItLives) {
  StageRecord record;
  record.name = "packages";
  EXPECT_EQ(record.scanner().data(), record.name.data());
  record.name = "history";
  EXPECT_EQ(record.scanner(), "secrets");
}

}  // namespace
}  // namespace vedette::event
