// SPDX-License-Identifier: Apache-2.0
#include "rules/sigma/encode.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>

namespace vedette::rules::sigma {
namespace {

// RFC 4648, section 10.
TEST(Encode, Base64TestVectors) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xFB\xEF\xBE\xFF"), "++++/w==");
}

// Whatever stands around a text, one of the forms is inside of the encoded whole.
TEST(Encode, OneOffsetFormIsAlwaysFound) {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    const auto bytes = [&](std::size_t size) {
      std::string text;
      for (std::size_t i = 0; i < size; ++i) text.push_back(static_cast<char>(random() % 256));
      return text;
    };
    const std::string needle = bytes(4 + random() % 12);
    const std::string before = bytes(random() % 7);
    const std::string whole = base64(before + needle + bytes(random() % 7));
    const auto forms = base64_offsets(needle);
    EXPECT_NE(whole.find(forms[before.size() % 3]), std::string::npos);
  }
}

TEST(Encode, OffsetsOfShortTextsDoNotUnderflow) {
  for (const std::string_view text : {"", "a", "ab"}) {
    for (const std::string& form : base64_offsets(text)) EXPECT_LE(form.size(), 4U);
  }
}

TEST(Encode, Utf16KeepsMarks) {
  EXPECT_EQ(to_utf16("a\xFF"
                     "b",
                     ByteOrder::kLittle),
            std::string("a\0\xFF"
                        "b\0",
                        5));
  EXPECT_EQ(to_utf16("ab", ByteOrder::kBig), std::string("\0a\0b", 4));
  EXPECT_FALSE(to_utf16("\u00e9", ByteOrder::kLittle).has_value());
}

TEST(Encode, WindashForms) {
  const auto forms = windash_forms(" -a -b");
  ASSERT_TRUE(forms.has_value());
  EXPECT_EQ(forms->size(), 25U);
  EXPECT_NE(std::ranges::find(*forms, " /a \u2015b"), forms->end());
  EXPECT_EQ(windash_forms("a-b c - d")->size(), 1U);
  EXPECT_EQ(windash_forms("-\u00fc")->size(), 5U) << "letters beyond ASCII start words";
  EXPECT_EQ(windash_forms("-\u201ca")->size(), 1U) << "quotation marks do not";
  EXPECT_EQ(windash_forms("-a -b -c -d")->size(), 625U);
  EXPECT_FALSE(windash_forms("-a -b -c -d -e").has_value());
}

}  // namespace
}  // namespace vedette::rules::sigma
