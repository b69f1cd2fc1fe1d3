// SPDX-License-Identifier: Apache-2.0
#include "detect/value_memo.h"

#include <gtest/gtest.h>

namespace vedette::detect {
namespace {

event::Value stamped(std::string_view text, std::uint32_t stamp) {
  event::Value value = event::plain(text);
  value.stamp = stamp;
  return value;
}

// The tag of the answer: the text's size. `computed` counts how often it had to be found out.
std::uint32_t ask(ValueMemo& memo, std::uint32_t owner, const event::Value& value, int& computed) {
  return memo
      .find(owner, value,
            [&](ValueMemo::Result& result) {
              ++computed;
              result.tag = value.size;
            })
      .tag;
}

TEST(ValueMemo, StampsAnswerForTheirOwnerOnly) {
  ValueMemo memo;
  int computed = 0;
  EXPECT_EQ(ask(memo, 1, stamped("one", 7), computed), 3U);
  EXPECT_EQ(ask(memo, 1, stamped("one", 7), computed), 3U);
  EXPECT_EQ(ask(memo, 2, stamped("seven", 7), computed), 5U);
  EXPECT_EQ(ask(memo, 1, stamped("seven", 8), computed), 5U);
  EXPECT_EQ(computed, 3);
}

TEST(ValueMemo, AStampedAnswerIsForgottenWithItsRecord) {
  ValueMemo memo;
  int computed = 0;
  EXPECT_EQ(ask(memo, 1, stamped("one", 7), computed), 3U);
  memo.forget();
  EXPECT_EQ(ask(memo, 1, stamped("three", 7), computed), 5U);
  EXPECT_EQ(computed, 2);
}

TEST(ValueMemo, StampsThatBeginAnewMeanOtherValues) {
  ValueMemo memo;
  int computed = 0;
  EXPECT_EQ(ask(memo, 1, stamped("one", 7), computed), 3U);
  EXPECT_EQ(ask(memo, 1, stamped("last", 0xFFFFFFFF), computed), 4U);
  EXPECT_EQ(ask(memo, 1, stamped("three", 7), computed), 5U);
  EXPECT_EQ(computed, 3);
}

}  // namespace
}  // namespace vedette::detect
