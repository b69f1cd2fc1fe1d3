// SPDX-License-Identifier: Apache-2.0
#include "ingest/mapped_stream.h"

#include <filesystem>
#include <gtest/gtest.h>

#include "ingest/test_files.h"

namespace vedette::ingest {
namespace {

class MappedStreamTest : public testing::Test {
 protected:
  static constexpr std::size_t kSize = std::size_t{3} << 20;  // more than is copied

  std::unique_ptr<MappedStream> open() {
    std::string bytes(kSize, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = static_cast<char>('a' + i / 4096 % 26);
    path_ = folder_.add("file", bytes);
    auto stream = MappedStream::open(path_, {&total_, &expansion_});
    EXPECT_TRUE(stream);
    return std::move(*stream);
  }

  TestFolder folder_;
  std::string path_;
  Limits limits_;
  std::atomic<std::uint64_t> total_ = 0;
  formats::archive::Expansion expansion_{limits_};
};

TEST_F(MappedStreamTest, LendsAndReadsInTurn) {
  const auto stream = open();
  EXPECT_EQ(stream->size(), kSize);
  const std::string_view lent = stream->lend(4097);
  ASSERT_EQ(lent.size(), 4097U);
  EXPECT_EQ(lent[4096], 'b');
  char bytes[4096];
  EXPECT_EQ(stream->read(bytes, sizeof bytes), 4096U);
  EXPECT_EQ(bytes[4095], 'c');
  EXPECT_TRUE(stream->seek(kSize - 10));
  EXPECT_EQ(stream->lend(100).size(), 10U);
  EXPECT_TRUE(stream->is_at_end());
  EXPECT_TRUE(stream->lend(1).empty());
  EXPECT_EQ(stream->read(bytes, sizeof bytes), 0U);
  EXPECT_EQ(total_, 4097U + 4096U + 10U);
}

TEST_F(MappedStreamTest, WhatIsCutBreaksOffWithAnError) {
  const auto stream = open();
  std::filesystem::resize_file(path_, 8192);
  char bytes[4096];
  EXPECT_EQ(stream->read(bytes, sizeof bytes), 4096U);
  EXPECT_EQ(stream->read(bytes, sizeof bytes), 4096U);
  const auto missing = stream->read(bytes, sizeof bytes);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kTruncated);
  EXPECT_TRUE(stream->lend(1).empty());
}

TEST_F(MappedStreamTest, WhatIsNoFileIsRefused) {
  const auto folder = MappedStream::open(folder_.path(""), {&total_, &expansion_});
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace vedette::ingest
