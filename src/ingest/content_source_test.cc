// SPDX-License-Identifier: Apache-2.0
#include "ingest/content_source.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <map>

#include "ingest/test_files.h"

namespace vedette::ingest {
namespace {

using Kind = ContentSource::Kind;
using Pieces = std::map<std::string, ContentSource::Piece>;

Pieces read_all(const std::vector<std::string>& paths, const std::string& without,
                std::uint64_t bytes_max = 1 << 20) {
  ContentSource source(paths, {bytes_max, {}});
  Pieces pieces;
  ContentSource::Piece piece;
  while (source.next(piece)) {
    std::string name =
        piece.name.starts_with(without) ? piece.name.substr(without.size()) : piece.name;
    pieces.emplace(std::move(name), std::move(piece));
    piece = {};
  }
  return pieces;
}

TEST(ContentSource, UnpacksArchivesInArchives) {
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

TEST(ContentSource, Utf16BecomesUtf8AndBinariesAreToldApart) {
  const TestFolder folder;
  folder.add("wide.txt", std::string("\xFF\xFE"
                                     "k\0=\0v\0",
                                     8));
  folder.add("binary", std::string("ab\0cd", 5));
  folder.add("empty", "");
  const Pieces pieces = read_all({folder.path("")}, folder.path(""));
  EXPECT_EQ(pieces.at("wide.txt").bytes, "k=v");
  EXPECT_EQ(pieces.at("binary").kind, Kind::kBinary);
  EXPECT_TRUE(pieces.at("binary").bytes.empty());
  EXPECT_EQ(pieces.at("empty").kind, Kind::kText);
}

TEST(ContentSource, WhatIsTooLargeOrDamagedIsSaid) {
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
  EXPECT_EQ(pieces.at("large.txt").kind, Kind::kTooLarge);
  EXPECT_EQ(pieces.at("hole.txt").kind, Kind::kTooLarge);
  EXPECT_TRUE(pieces.at("cut.gz").problem.has_value());
  EXPECT_FALSE(pieces.at("cut.gz").bytes.empty());
  EXPECT_EQ(pieces.at("z.txt").bytes, "after");
}

TEST(ContentSource, AMissingFileCostsItselfOnly) {
  const TestFolder folder;
  const std::string there = folder.add("there.txt", "text");
  const Pieces pieces = read_all({folder.path("gone"), there}, "");
  EXPECT_EQ(pieces.at(folder.path("gone")).kind, Kind::kFailed);
  EXPECT_EQ(pieces.at(there).bytes, "text");
}

}  // namespace
}  // namespace vedette::ingest
