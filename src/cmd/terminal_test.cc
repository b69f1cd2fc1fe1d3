// SPDX-License-Identifier: Apache-2.0
#include "cmd/terminal.h"

#include <gtest/gtest.h>

namespace vedette::cmd {
namespace {

TEST(Terminal, GroupsDigits) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
}

TEST(Terminal, ReadableBytes) {
  EXPECT_EQ(readable_bytes(999), "999 B");
  EXPECT_EQ(readable_bytes(1500), "1.5 kB");
  EXPECT_EQ(readable_bytes(1'720'000'000), "1.7 GB");
}

TEST(Terminal, ProgressShowsShareRateAndRest) {
  const std::string half = progress_text(50, 100, 1000, 3, 2.0);
  EXPECT_NE(half.find("[##########..........]  50 %"), std::string::npos) << half;
  EXPECT_NE(half.find("1,000 events, 500/s, 3 alerts"), std::string::npos) << half;
  EXPECT_NE(half.find("2 s left"), std::string::npos) << half;
  // Without a total there is nothing to be half of.
  const std::string stream = progress_text(1500, 0, 10, 0, 1.0);
  EXPECT_EQ(stream, "1.5 kB  10 events, 10/s, 0 alerts");
  // Packed input may be read further than its stored size says.
  EXPECT_NE(progress_text(150, 100, 1, 0, 1.0).find("100 %"), std::string::npos);
}

}  // namespace
}  // namespace vedette::cmd
