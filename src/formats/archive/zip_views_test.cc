// SPDX-License-Identifier: Apache-2.0
#include "formats/archive/zip_views.h"

#include <gtest/gtest.h>
#include <string>
#include <zlib.h>

namespace vedette::formats::archive {
namespace {

std::string deflated(const std::string& text) {
  std::string packed(text.size() + 1024, '\0');
  z_stream zlib{};
  EXPECT_EQ(deflateInit2(&zlib, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  zlib.avail_in = static_cast<uInt>(text.size());
  zlib.next_out = reinterpret_cast<Bytef*>(packed.data());
  zlib.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&zlib, Z_FINISH), Z_STREAM_END);
  packed.resize(zlib.total_out);
  deflateEnd(&zlib);
  return packed;
}

// A directory may say any size: what is unpacked is the same.
TEST(ZipMemberTest, AStatedSizeChangesNothing) {
  for (const std::string& text : {std::string("a"), std::string(100'000, 'x')}) {
    ZipMember member;
    const std::string packed = deflated(text);
    member.packed = packed;
    member.method = 8;
    for (const std::uint64_t stated :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{text.size()},
          std::uint64_t{text.size() + 1}, std::uint64_t{1} << 40, UINT64_MAX}) {
      member.stated_size = stated;
      const auto made = unpack_whole_member(member, 200'000);
      ASSERT_TRUE(made) << stated;
      EXPECT_EQ(*made, text) << stated;
      const auto too_much = unpack_whole_member(member, text.size() - 1);
      ASSERT_FALSE(too_much) << stated;
      EXPECT_EQ(too_much.error().code, ErrorCode::kLimit) << stated;
    }
    member.packed = std::string_view(packed).substr(0, packed.size() - 1);
    for (const std::uint64_t stated : {std::uint64_t{0}, std::uint64_t{text.size()}}) {
      member.stated_size = stated;
      const auto cut = unpack_whole_member(member, 200'000);
      ASSERT_FALSE(cut) << stated;
      EXPECT_EQ(cut.error().code, ErrorCode::kInvalid) << stated;
    }
  }
}

}  // namespace
}  // namespace vedette::formats::archive
