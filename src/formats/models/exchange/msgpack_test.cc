// SPDX-License-Identifier: Apache-2.0
#include "formats/models/exchange/msgpack.h"

#include <gtest/gtest.h>
#include <string>

namespace vedette::formats::models {
namespace {

using Kind = MsgpackValue::Kind;
using std::string_view_literals::operator""sv;

// The kinds one after the other, as letters.
std::string kinds(std::string_view bytes) {
  constexpr std::string_view kLetters = "0bnftyxlt.";
  std::string out;
  MsgpackReader reader(bytes);
  MsgpackValue value;
  while (reader.next(value)) {
    if (value.is_key) out += ':';
    out += value.kind == Kind::kTable ? '{' : kLetters[static_cast<std::size_t>(value.kind)];
  }
  return reader.good() ? out : out + '!';
}

TEST(Msgpack, ReadsAllForms) {
  EXPECT_EQ(kinds("\x82\xA1"
                  "a\x01\xA1"
                  "b\x93\xC0\xC3\xCA\0\0\0\0"sv),
            "{:tn:tl0bf..");
  EXPECT_EQ(kinds("\x96\xC4\x01x\xC7\x02\x01yy\xD4\x05z\xD9\x01t\xD3\0\0\0\0\0\0\0\x01\xE0"sv),
            "lyxxtnn.");
}

TEST(Msgpack, ReadsNumbers) {
  MsgpackValue value;
  MsgpackReader(std::string_view("\xD1\xFF\xFE", 3)).next(value);
  EXPECT_EQ(value.number, -2);
  MsgpackReader(std::string_view("\xCF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 9)).next(value);
  EXPECT_EQ(value.number, INT64_MAX);
  MsgpackReader(std::string_view("\xC7\x01\xFFz", 4)).next(value);
  EXPECT_EQ(value.number, -1);
  EXPECT_EQ(value.bytes, "z");
}

TEST(Msgpack, RefusesWhatIsNone) {
  EXPECT_EQ(kinds("\xC1"), "!");
  EXPECT_EQ(kinds("\xDD\xFF\xFF\xFF\xFF"), "!");
  EXPECT_EQ(kinds("\xC6\x7F\xFF\xFF\xFFx"), "!");
  EXPECT_EQ(kinds(std::string(1000, '\x91')).back(), '!');
}

}  // namespace
}  // namespace vedette::formats::models
