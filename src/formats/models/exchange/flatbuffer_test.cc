// SPDX-License-Identifier: Apache-2.0
#include "formats/models/exchange/flatbuffer.h"

#include <gtest/gtest.h>
#include <string>

namespace vedette::formats::models {
namespace {

std::string number(std::uint64_t value, std::size_t size) {
  std::string bytes;
  for (; size > 0; --size, value >>= 8) bytes += static_cast<char>(value & 0xFF);
  return bytes;
}

// A table with a number, a text and a list of one table, which is the first once more.
std::string buffer(std::uint64_t text_offset = 12, std::uint64_t list_size = 1) {
  return number(16, 4) +                                               // the root
         number(10, 2) + number(16, 2) +                               // 4: where its fields are
         number(4, 2) + number(8, 2) + number(12, 2) + number(0, 2) +  //
         number(12, 4) + number(77, 4) +                               // 16: the table
         number(text_offset, 4) + number(16, 4) +                      //
         number(0, 4) + number(3, 4) + "abc" + number(0, 1) +          // 36: the text
         number(list_size, 4) + number(~std::uint64_t{0} - 31, 4);
}

TEST(FlatBuffer, ReadsFields) {
  const std::string bytes = buffer();
  FlatBuffer flat(bytes);
  const FlatTable root = flat.root();
  ASSERT_TRUE(root.exists());
  EXPECT_EQ(root.number(0, 4), 77U);
  EXPECT_EQ(root.text(1), "abc");
  EXPECT_EQ(root.number(9, 4, 5), 5U);
  EXPECT_FALSE(root.table(9).exists());
  EXPECT_FALSE(flat.is_damaged());
}

TEST(FlatBuffer, SaysWhatLiesOutside) {
  for (const std::string& bytes :
       {buffer(1000), buffer(12, 1U << 30), buffer(0), std::string("\xFF\xFF\xFF\x7F", 4)}) {
    FlatBuffer flat(bytes);
    const FlatTable root = flat.root();
    root.text(1);
    root.vector(2, 4);
    EXPECT_TRUE(flat.is_damaged());
  }
}

TEST(FlatBuffer, EndsWhereverItIsCut) {
  const std::string bytes = buffer();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    FlatBuffer flat(std::string_view(bytes).substr(0, size));
    const FlatTable root = flat.root();
    root.text(1);
    root.table_of(2, 0).text(1);
    root.text_of(2, 0);
  }
}

}  // namespace
}  // namespace vedette::formats::models
