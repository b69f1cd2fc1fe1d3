// SPDX-License-Identifier: Apache-2.0
#include "ingest/content_reader.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <map>

#include "ingest/test_files.h"

namespace vedette::ingest {
namespace {

struct Kept {
  std::string bytes;
  std::optional<SkipReason> skipped;
};
using Pieces = std::map<std::string, Kept>;

Pieces read_all(const std::vector<std::string>& paths, const std::string& without,
                std::uint64_t bytes_max = 1 << 20) {
  Pieces pieces;
  auto walk = FileWalk::create(paths, {});
  EXPECT_TRUE(walk.has_value());
  ContentReader::Shared shared;
  ContentReader reader({bytes_max, {}}, shared);
  FileWalk::Chunk chunk;
  ContentPiece piece;
  while ((*walk)->take(chunk)) {
    for (const FileWalk::Entry& entry : chunk.entries) {
      for (reader.open(chunk, entry); reader.next(piece);) {
        std::string name(piece.name);
        if (name.starts_with(without)) name.erase(0, without.size());
        pieces[name] = {std::string(piece.bytes), piece.skipped};
      }
    }
  }
  return pieces;
}

TEST(ContentReader, UnpacksArchivesInArchives) {
  const TestFolder folder;
  const std::string inner = compress("gzip", tar_of({{"deep/x.txt", "deep text"}}));
  folder.add("a.tar.zst", compress("zstd", tar_of({{"b/inner.tgz", inner}, {"c.txt", "beside"}})));
  folder.add("plain.txt", "plain");
  const Pieces pieces = read_all({folder.path("")}, folder.path(""));
  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_EQ(pieces.at("a.tar.zst/b/inner.tgz/deep/x.txt").bytes, "deep text");
  EXPECT_EQ(pieces.at("a.tar.zst/c.txt").bytes, "beside");
  EXPECT_EQ(pieces.at("plain.txt").bytes, "plain");
}

TEST(ContentReader, Utf16BecomesUtf8AndBinariesAreToldApart) {
  const TestFolder folder;
  folder.add("wide.txt", std::string("\xFF\xFE"
                                     "k\0=\0v\0",
                                     8));
  folder.add("binary", std::string("ab\0cd", 5));
  folder.add("empty", "");
  const Pieces pieces = read_all({folder.path("")}, folder.path(""));
  EXPECT_EQ(pieces.at("wide.txt").bytes, "k=v");
  EXPECT_EQ(pieces.at("binary").skipped, SkipReason::kBinary);
  EXPECT_TRUE(pieces.at("binary").bytes.empty());
  EXPECT_FALSE(pieces.at("empty").skipped.has_value());
}

TEST(ContentReader, WhatIsTooLargeOrDamagedIsSaid) {
  const TestFolder folder;
  folder.add("large.txt", std::string(300'000, 'x'));
  // A hole of ten gigabytes costs no more than its head.
  folder.add("hole.txt", std::string(9000, 'y'));
  std::filesystem::resize_file(folder.path("hole.txt"), 10ULL << 30);
  std::string cut = compress("gzip", std::string(100'000, 'z') + "end");
  cut.resize(cut.size() - 10);
  folder.add("cut.gz", cut);
  folder.add("z.txt", "after");
  const Pieces pieces = read_all({folder.path("")}, folder.path(""), 200'000);
  EXPECT_EQ(pieces.at("large.txt").skipped, SkipReason::kTooLarge);
  EXPECT_EQ(pieces.at("hole.txt").skipped, SkipReason::kTooLarge);
  EXPECT_EQ(pieces.at("cut.gz").skipped, SkipReason::kDamaged);
  EXPECT_FALSE(pieces.at("cut.gz").bytes.empty());
  EXPECT_EQ(pieces.at("z.txt").bytes, "after");
}

TEST(ContentReader, AFileThatVanishesCostsItselfOnly) {
  const TestFolder folder;
  folder.add("a.txt", "gone");
  folder.add("b.txt", "there");
  auto walk = FileWalk::create({folder.path("")}, {});
  FileWalk::Chunk chunk;
  ASSERT_TRUE((*walk)->take(chunk));
  ASSERT_EQ(chunk.entries.size(), 2U);
  std::filesystem::remove(folder.path("a.txt"));
  ContentReader::Shared shared;
  ContentReader reader({}, shared);
  ContentPiece piece;
  reader.open(chunk, chunk.entries[0]);
  ASSERT_TRUE(reader.next(piece));
  EXPECT_EQ(piece.skipped, SkipReason::kVanished);
  EXPECT_FALSE(reader.next(piece));
  reader.open(chunk, chunk.entries[1]);
  ASSERT_TRUE(reader.next(piece));
  EXPECT_EQ(piece.bytes, "there");
}

}  // namespace
}  // namespace vedette::ingest
