// SPDX-License-Identifier: Apache-2.0
#include "formats/models/exchange/text_proto.h"

#include <gtest/gtest.h>
#include <string>

namespace vedette::formats::models {
namespace {

std::string read(std::string_view text) {
  std::string out;
  TextProtoReader reader(text);
  TextProtoEvent event;
  while (reader.next(event)) {
    out += event.name;
    out += event.kind == TextProtoEvent::Kind::kOpen    ? "{"
           : event.kind == TextProtoEvent::Kind::kClose ? "}"
                                                        : "=" + event.value + ";";
  }
  return reader.good() ? out : out + "!";
}

TEST(TextProto, ReadsMessagesAndValues) {
  EXPECT_EQ(read("a: 1 # no\nb { c: 'x' \"y\" d: ENUM }"), "a=1;b{c=xy;d=ENUM;}");
  EXPECT_EQ(read("a < b: -1.5e3 >; c: true,"), "a{b=-1.5e3;}c=true;");
  EXPECT_EQ(read("a: [1, 2] b: [{ c: 1 }, < c: 2 >] d: []"), "a=1;a=2;b{c=1;}b{c=2;}");
  EXPECT_EQ(read(R"(a: "\x41\102\n\"")"), "a=AB\n\";");
  EXPECT_EQ(read("[x.y/z] { a: 1 }"), "[x.y/z]{a=1;}");
}

TEST(TextProto, RefusesWhatIsNone) {
  EXPECT_EQ(read("a {"), "a{!");
  EXPECT_EQ(read("a: 'x"), "!");
  EXPECT_EQ(read("{}"), "!");
  EXPECT_EQ(read("a: ]"), "!");
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "a{";
  EXPECT_EQ(read(deep).back(), '!');
}

}  // namespace
}  // namespace vedette::formats::models
