// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/field_text.h"

#include <array>
#include <gtest/gtest.h>

namespace vedette::formats::logs {
namespace {

TEST(FieldText, TellsNumbersOfJson) {
  for (const std::string_view text :
       {"0", "-1", "42", "0.5", "1e-05", "1763889259.417123", "2E+3"}) {
    EXPECT_EQ(kind_of_number(text), event::Kind::kNumber) << text;
  }
  for (const std::string_view text :
       {"", "-", "007", "0x10", "1.", ".5", "1e", "1e+", "1 ", "+1", "inf", "1.2.3", "--1"}) {
    EXPECT_EQ(kind_of_number(text), event::Kind::kString) << text;
  }
}

TEST(FieldText, DecodesHex) {
  std::array<char, 4> bytes{};
  EXPECT_TRUE(decode_hex("00fFA5", bytes.data()));
  EXPECT_EQ(std::string_view(bytes.data(), 3), std::string_view("\0\xFF\xA5", 3));
  EXPECT_FALSE(decode_hex("abc", bytes.data()));
  EXPECT_FALSE(decode_hex("ag", bytes.data()));
}

TEST(FieldText, CutsAtSeparators) {
  std::string_view rest = "a,,b";
  EXPECT_EQ(take_until(rest, ','), "a");
  EXPECT_EQ(take_until(rest, ','), "");
  EXPECT_EQ(take_until(rest, ','), "b");
  EXPECT_TRUE(rest.empty());
  EXPECT_EQ(find_or_end("abc", 'z'), 3U);
  EXPECT_EQ(find_or_end("abc", 'a', 1), 3U);
  EXPECT_EQ(find_or_end("abc", 'a', 9), 3U);
  EXPECT_EQ(trim(" \t x \t"), "x");
  EXPECT_EQ(trim(" "), "");
}

TEST(FieldText, WritesTimesAsTheBaseDoes) {
  Arena arena;
  for (const TimeNs time : {TimeNs{0}, TimeNs{1763889259417000000}, TimeNs{1763889259000000001},
                            TimeNs{1763889259000120000}, TimeNs{-1}}) {
    EXPECT_EQ(time_text(time, arena), format_time(time));
  }
}

TEST(FieldText, MakesTimesReadable) {
  Arena arena;
  const auto same = [&arena](std::string_view text) { return readable_time(text, arena) == text; };
  EXPECT_TRUE(same("2025-11-23T09:27:39Z"));
  EXPECT_TRUE(same("Nov 23 09:27:39"));
  EXPECT_TRUE(same("1763889259417"));
  for (const std::string_view text :
       {"Nov 23 2025 09:27:39.123", "23 Nov 2025 09:27:39.123 UTC", "2025 Nov 23 09:27:39.123",
        "Sun Nov 23 09:27:39.123 GMT 2025"}) {
    EXPECT_EQ(readable_time(text, arena), "2025-11-23T09:27:39.123") << text;
  }
  EXPECT_EQ(readable_time("Nov  3 2025 09:27:39 +0200", arena), "2025-11-03T09:27:39+0200");
  const auto written = parse_time("2026-01-02T10:00:00Z").value();
  const auto dated = [&](std::string_view text) { return readable_time(text, arena, written); };
  EXPECT_EQ(dated("Jan  3 09:59:59"), "2026-01-03T09:59:59Z") << "clocks differ by a day";
  EXPECT_EQ(dated("Jan  3 10:00:01"), "2025-01-03T10:00:01Z");
  EXPECT_EQ(dated("Dec 31 23:59:59.250"), "2025-12-31T23:59:59.250Z");
  EXPECT_EQ(dated("Feb 29 00:00:00"), "2024-02-29T00:00:00Z");
  EXPECT_EQ(dated("2020-01-01T00:00:00Z"), "2020-01-01T00:00:00Z");
  for (const std::string_view text : {"", "soon", "Nov 2025", "Nov 43 2025 09:27:39", "1:2:3 4:5:6",
                                      "Nov 23 2025 09:27:39 !", "Nov 23 2025 99:99:99"}) {
    EXPECT_EQ(readable_time(text, arena), "") << text;
  }
}

}  // namespace
}  // namespace vedette::formats::logs
