// SPDX-License-Identifier: Apache-2.0
// What the text cases cannot say: headers that stand in another batch than the records.
#include "formats/logs/zeek.h"

#include <cstring>
#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace vedette::formats::logs {
namespace {

const std::string kHeader =
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n"
    "#fields\tuid\tid.orig_h\n#types\tstring\taddr\n";

event::Batch batch_of(std::string_view text) {
  event::Batch batch;
  batch.buffer.reserve(text.size());
  if (!text.empty()) std::memcpy(batch.buffer.data(), text.data(), text.size());
  batch.buffer.set_size(text.size());
  return batch;
}

TEST(Zeek, PreambleIsTheNewestHeader) {
  EXPECT_EQ(zeek_preamble(""), "");
  EXPECT_EQ(zeek_preamble("C1\t192.0.2.1\n"), "");
  EXPECT_EQ(zeek_preamble(kHeader), kHeader);
  EXPECT_EQ(zeek_preamble(kHeader + "C1\ta#b\nC2\tc\n#close\t2025\n"), kHeader);
  const std::string second = "#separator \\x09\n#path\tdns\n#fields\tuid\n";
  EXPECT_EQ(zeek_preamble(kHeader + "C1\tx\n#close\tx\n" + second + "C3\n"), second);
  EXPECT_EQ(zeek_preamble(kHeader + "C1\tx\n#close\tx\n" + second), second);
}

TEST(Zeek, PreambleOfOddHeaders) {
  EXPECT_EQ(zeek_preamble("\n#fields\ta\nx\n"), "#fields\ta\n");
  EXPECT_EQ(zeek_preamble("#separator\n#fields\ta\r\nx\n"), "#separator\n#fields\ta\r\n");
  EXPECT_EQ(zeek_preamble("#separator \\x09\n#separator\nx\n"), "#separator\n");
  EXPECT_EQ(zeek_preamble("#close\tx\n#comment\nx#fields\n"), "");
  // Linear: a run of a million comment lines is walked once.
  std::string comments;
  for (int i = 0; i < 1'000'000; ++i) comments += "#a\n";
  EXPECT_EQ(zeek_preamble(comments), "");
}

TEST(Zeek, ReadsHeaderOfAnEarlierBatch) {
  event::FieldTree::Builder builder;
  builder.add("id.orig_h", 0, 0);
  builder.add("_path", 1, 0);
  const event::FieldTree tree = std::move(builder).build();
  const Limits limits;
  ZeekDecoder decoder(tree, limits);
  event::Event event(2);
  event::Batch batch = batch_of("C1\t192.0.2.1\n");
  decoder.start(batch);
  EXPECT_FALSE(decoder.next(event));
  EXPECT_EQ(decoder.problems().size(), 1U) << "no header has been seen";
  batch.preamble = std::make_shared<const std::string>(kHeader);
  decoder.start(batch);
  ASSERT_TRUE(decoder.next(event));
  EXPECT_EQ(event[0].bytes(), "192.0.2.1");
  EXPECT_EQ(event[1].bytes(), "conn");
  EXPECT_TRUE(decoder.problems().empty());
}

TEST(Zeek, RefusesTooManyValues) {
  event::FieldTree::Builder builder;
  builder.add("answers", 0, 0);
  const event::FieldTree tree = std::move(builder).build();
  Limits limits;
  limits.values_max = 10;
  ZeekDecoder decoder(tree, limits);
  event::Event event(1);
  std::string text = "#fields\tanswers\n#types\tvector[string]\na";
  for (int i = 0; i < 20; ++i) text += ",a";
  const event::Batch batch = batch_of(text + "\nb,c\n");
  decoder.start(batch);
  ASSERT_TRUE(decoder.next(event));
  EXPECT_EQ(event.record, 1U);
  EXPECT_EQ(decoder.problems().size(), 1U);
  EXPECT_EQ(decoder.records(), 2U);
}

}  // namespace
}  // namespace vedette::formats::logs
