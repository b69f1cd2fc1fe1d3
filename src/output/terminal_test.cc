// SPDX-License-Identifier: Apache-2.0
#include "output/terminal.h"

#include <gtest/gtest.h>

namespace vedette::output {
namespace {

struct Shown {
  std::string text;
  std::size_t columns = 0;
};
Shown shown(std::string_view text, std::size_t columns_max) {
  Shown result;
  result.columns = append_terminal(text, columns_max, result.text);
  return result;
}

TEST(AppendTerminal, CutsAtColumnsNotBytes) {
  EXPECT_EQ(shown("abcdef", 6).text, "abcdef");
  EXPECT_EQ(shown("abcdef", 5).text, "abcd\u2026");
  EXPECT_EQ(shown("\u00e9\u00e9\u00e9", 3).text, "\u00e9\u00e9\u00e9");
  // Each of these takes two columns; the ellipsis needs one.
  EXPECT_EQ(shown("\u4e2d\u6587\u5b57", 5).text, "\u4e2d\u6587\u2026");
  EXPECT_EQ(shown("\u4e2d\u6587\u5b57", 4).text, "\u4e2d\u2026");
  EXPECT_EQ(shown("\u4e2d\u6587\u5b57", 4).columns, 3U);
  EXPECT_EQ(shown("\u4e2d", 1).text, "\u2026");
  EXPECT_EQ(shown("e\u0301x", 2).text, "e\u0301x");
  EXPECT_EQ(shown("anything", 0).text, "");
}

TEST(AppendTerminal, DisarmsWhatTerminalsObey) {
  EXPECT_EQ(shown("\x1b[31m\n\t\x7f", 20).text, "\u241b[31m\u240a\u2409\u2421");
  EXPECT_EQ(shown("\xc2\x9b"
                  "2J",
                  20)
                .text,
            "\ufffd2J");                                          // C1 control CSI
  EXPECT_EQ(shown("a\u202eb\u200b", 20).text, "a\ufffdb\ufffd");  // turns text round, hides
  EXPECT_EQ(shown("\xff\xc3", 20).text, "\ufffd\ufffd");
  EXPECT_EQ(shown(std::string_view("\0", 1), 20).text, "\u2400");
}

TEST(AppendColumn, FillsUp) {
  std::string out;
  append_column("\u4e2d", 4, out);
  EXPECT_EQ(out, "\u4e2d  ");
}

TEST(ReplaceUnprintable, KeepsLinesAndReplacesTheRest) {
  std::string out;
  replace_unprintable("a\r\n\tb\x1b\xff\u00e9", out);
  EXPECT_EQ(out, "a\r\n\tb\ufffd\ufffd\u00e9");
}

}  // namespace
}  // namespace vedette::output
