// SPDX-License-Identifier: Apache-2.0
#include "ingest/packed_contents.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <lzma.h>
#include <map>
#include <mutex>

#include "ingest/test_files.h"

namespace vedette::ingest {
namespace {

struct Kept {
  std::string bytes;
  std::optional<SkipReason> skipped;
  std::string message;
  bool operator==(const Kept&) const = default;
};
using Pieces = std::multimap<std::string, Kept>;
using Members = std::vector<std::pair<std::string, std::string>>;

Pieces unpack(const std::string& stored, Limits limits = {}) {
  const TestFolder folder;
  std::mutex large;
  ReadBuffer buffer(large);
  std::atomic<std::uint64_t> bytes_read = 0;
  PackedContents contents(1 << 20, limits, buffer, bytes_read);
  contents.enter("x", ::open(folder.add("x", stored).c_str(), O_RDONLY | O_CLOEXEC));
  Pieces pieces;
  for (ContentPiece piece; contents.next(piece);) {
    pieces.emplace(piece.name, Kept{std::string(piece.bytes), piece.skipped, piece.message});
  }
  EXPECT_EQ(bytes_read > 0, !stored.empty());
  return pieces;
}

std::optional<SkipReason> reason(const Pieces& pieces, const std::string& name) {
  const auto found = pieces.find(name);
  EXPECT_NE(found, pieces.end()) << name;
  return found == pieces.end() ? std::nullopt : found->second.skipped;
}

const Kept kInside{"inside", std::nullopt, ""};

TEST(PackedContents, EveryArchiveInEveryOther) {
  const auto archive = [](const std::string& format, const std::string& name,
                          const std::string& content) {
    if (format == "tar") return tar_of({{name, content}});
    if (format == "gzip" || format == "zstd" || format == "xz" || format == "bzip2")
      return compress(format, tar_of({{name, content}}));
    return archive_of(format, {{name, content}});
  };
  for (const char* outer : {"zip", "7zip", "tar", "gzip", "zstd", "xz", "bzip2"}) {
    for (const char* inner : {"zip", "7zip", "tar", "gzip", "zstd", "xz", "bzip2"}) {
      const std::string stored = archive(outer, "in", archive(inner, "a/b.txt", "inside"));
      EXPECT_EQ(unpack(stored), (Pieces{{"x/in/a/b.txt", kInside}})) << outer << " " << inner;
    }
  }
}

TEST(PackedContents, ImagesOfContainers) {
  const std::string layer = tar_of({{"app/.env", "inside"}, {"app/bin", std::string("\0\1", 2)}});
  const Pieces saved = unpack(tar_of({{"manifest.json", "[]"}, {"0123/layer.tar", layer}}));
  EXPECT_EQ(saved.find("x/0123/layer.tar/app/.env")->second, kInside);
  EXPECT_EQ(reason(saved, "x/0123/layer.tar/app/bin"), SkipReason::kBinary);
  const Pieces layout = unpack(tar_of({{"oci-layout", "{}"},
                                       {"blobs/sha256/4567", compress("gzip", layer)},
                                       {"blobs/sha256/89ab", compress("zstd", layer)}}));
  EXPECT_EQ(layout.find("x/blobs/sha256/4567/app/.env")->second, kInside);
  EXPECT_EQ(layout.find("x/blobs/sha256/89ab/app/.env")->second, kInside);
}

TEST(PackedContents, NamesAreOnlyNames) {
  for (const char* format : {"zip", "7zip"}) {
    const Pieces pieces = unpack(
        archive_of(format, {{"../../up", "inside"}, {"/etc/x", "inside"}, {"a\nb", "inside"}}));
    EXPECT_TRUE(pieces.contains("x/../../up")) << format;
    EXPECT_TRUE(pieces.contains("x//etc/x")) << format;
    EXPECT_TRUE(pieces.contains("x/a\\x0ab")) << format;
  }
}

TEST(PackedContents, EncryptedMembersAreSaid) {
  for (const char* method : {"traditional", "aes256"}) {
    const Pieces pieces = unpack(archive_of("zip", {{"a", std::string(1000, 'a')}, {"b", "beside"}},
                                            std::string("zip:encryption=") + method));
    EXPECT_EQ(reason(pieces, "x/a"), SkipReason::kSealed);
    // Where the first one ends is not known, so the archive is told of.
    EXPECT_EQ(reason(pieces, "x"), SkipReason::kSealed);
  }
}

TEST(PackedContents, AMemberPackedInAnUnknownWayIsSaid) {
  std::string zip =
      archive_of("zip", {{"b", "inside"}, {"a", std::string(500, 'a')}, {"c", "inside"}});
  const std::size_t second = zip.find("PK\x03\x04", 1);
  ASSERT_NE(second, std::string::npos);
  zip[second + 8] = 14;  // LZMA
  const Pieces pieces = unpack(zip);
  EXPECT_EQ(pieces.find("x/b")->second, kInside);
  EXPECT_EQ(reason(pieces, "x/a"), SkipReason::kSealed);
  // What follows is not looked for.
  EXPECT_EQ(reason(pieces, "x"), SkipReason::kSealed);
}

TEST(PackedContents, ADirectoryThatDisagreesOrIsMissingMisleadsNobody) {
  const std::string zip = archive_of("zip", {{"a.txt", "inside"}, {"b.txt", "inside"}});
  const Pieces expected = {{"x/a.txt", kInside}, {"x/b.txt", kInside}};
  const std::size_t directory = zip.find("PK\x01\x02");
  ASSERT_NE(directory, std::string::npos);
  std::string other = zip;
  for (std::size_t at = directory + 4; at < other.size(); ++at) other[at] = '\xFF';
  EXPECT_EQ(unpack(other), expected);
  other = zip;
  other.replace(other.find("a.txt", directory), 5, "z.txt");
  EXPECT_EQ(unpack(other), expected);
  for (const auto& [name, piece] : unpack(zip.substr(0, directory)))
    EXPECT_TRUE(piece == kInside || piece.skipped == SkipReason::kDamaged) << name;
}

TEST(PackedContents, EveryCutAndEveryChangedByteEnds) {
  for (const char* format : {"zip", "7zip"}) {
    const std::string good =
        archive_of(format, {{"a.txt", "inside"}, {"b", std::string(100, 'b')}});
    for (std::size_t at = 8; at < good.size(); ++at) {
      unpack(good.substr(0, at));
      std::string changed = good;
      changed[at] = static_cast<char>(changed[at] ^ 0x81);
      unpack(changed);
    }
  }
}

TEST(PackedContents, BombsStopAtTheirLimits) {
  Limits limits;
  limits.expansion_bytes_min = 1 << 20;
  limits.expansion_ratio_max = 100;
  const std::string zeros(8 << 20, ' ');
  // Nested, as in 42.zip: each layer is small.
  std::string bomb = archive_of("zip", {{"0", zeros}});
  for (int layer = 0; layer < 4; ++layer) {
    Members copies;
    for (int i = 0; i < 16; ++i) copies.emplace_back(fmt::format("{}", i), bomb);
    bomb = archive_of("zip", copies);
  }
  Members parts;
  for (int i = 0; i < 32; ++i) parts.emplace_back(fmt::format("{}", i), zeros.substr(7 << 20));
  for (const std::string& stored : {bomb, archive_of("zip", parts), archive_of("7zip", parts),
                                    compress("gzip", tar_of({{"0", zeros}, {"1", zeros}}))}) {
    std::size_t limited = 0;
    std::size_t all = 0;
    for (const auto& [name, piece] : unpack(stored, limits)) {
      limited += piece.skipped == SkipReason::kArchiveLimit ? 1 : 0;
      ++all;
    }
    EXPECT_GE(limited, 1U);
    EXPECT_LT(all, 200U);
  }
  limits = {};
  limits.unpacked_bytes_max = 3 << 20;
  const Pieces cut = unpack(archive_of("zip", parts), limits);
  EXPECT_EQ(reason(cut, "x"), SkipReason::kArchiveLimit);
  EXPECT_LT(cut.size(), 6U);
}

TEST(PackedContents, AnXzThatWantsTooMuchMemoryIsRefused) {
  std::string stored = compress("xz", "inside");
  // The block's header behind the stream's: its size in words less one, flags, filter, size of its
  // properties, the window's size, padding, CRC.
  constexpr std::size_t kHeader = 12;
  const std::size_t size = (static_cast<unsigned char>(stored[kHeader]) + 1U) * 4;
  ASSERT_EQ(stored[kHeader + 2], 0x21);
  stored[kHeader + 4] = 40;  // 4 GiB
  const std::uint32_t sum = lzma_crc32(
      reinterpret_cast<const std::uint8_t*>(stored.data() + kHeader), size - sizeof(sum), 0);
  for (std::size_t i = 0; i < sizeof(sum); ++i)
    stored[kHeader + size - sizeof(sum) + i] = static_cast<char>(sum >> (8 * i));
  EXPECT_EQ(reason(unpack(stored), "x"), SkipReason::kArchiveLimit);
}

TEST(PackedContents, DepthMembersAndHeldArchivesAreBounded) {
  Limits limits;
  limits.packing_layers_max = 3;
  std::string nested = "inside";
  for (int layer = 0; layer < 3; ++layer) nested = archive_of("zip", {{"n", nested}});
  EXPECT_EQ(unpack(nested, limits), (Pieces{{"x/n/n/n", kInside}}));
  nested = archive_of("zip", {{"n", nested}, {"beside", "inside"}});
  const Pieces deep = unpack(nested, limits);
  EXPECT_EQ(reason(deep, "x/n/n/n"), SkipReason::kArchiveLimit);
  EXPECT_EQ(deep.find("x/beside")->second, kInside);

  limits.members_max = 3;
  const Members many(10, {"m", ""});
  for (const char* format : {"zip", "7zip"}) {
    const Pieces pieces = unpack(archive_of(format, many), limits);
    EXPECT_EQ(pieces.count("x/m"), 3U);
    EXPECT_EQ(reason(pieces, "x"), SkipReason::kArchiveLimit);
  }
  limits.archive_memory_max = 10;
  const std::string held = tar_of({{"in.7z", archive_of("7zip", {{"a", "inside"}})}});
  EXPECT_EQ(reason(unpack(held, limits), "x/in.7z"), SkipReason::kArchiveLimit);
}

}  // namespace
}  // namespace vedette::ingest
