// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "formats/images/image_documents.h"
#include "formats/images/layer_cover.h"
#include "formats/images/tar_reader.h"

namespace vedette::formats::images {
namespace {

using Kind = LayerCover::Kind;

LayerCover cover_of(const std::vector<std::pair<std::string, Kind>>& entries) {
  LayerCover cover;
  for (const auto& [path, kind] : entries) cover.add(path, kind);
  cover.seal();
  return cover;
}

TEST(LayerPathTest, IsFromTheRootAndNeverLeadsOut) {
  EXPECT_EQ(layer_path("./etc//passwd"), "etc/passwd");
  EXPECT_EQ(layer_path("/etc/"), "etc");
  EXPECT_EQ(layer_path("./"), "");
  EXPECT_EQ(layer_path("a/../b"), std::nullopt);
  EXPECT_EQ(layer_path("../b"), std::nullopt);
  EXPECT_EQ(layer_path(std::string_view("a\0b", 3)), std::nullopt);
}

TEST(LayerCoverTest, FilesAndWhiteoutsHideWithAllBelow) {
  const LayerCover cover = cover_of({{"a/file", Kind::kFile}, {"b/.wh.gone", Kind::kFile}});
  EXPECT_TRUE(cover.hides("a/file"));
  EXPECT_TRUE(cover.hides("a/file/below"));  // a folder became a file
  EXPECT_FALSE(cover.hides("a/file2"));
  EXPECT_FALSE(cover.hides("a"));
  EXPECT_TRUE(cover.hides("b/gone"));
  EXPECT_TRUE(cover.hides("b/gone/below/it"));
  EXPECT_FALSE(cover.hides("b/gone2"));
  EXPECT_FALSE(cover.hides("b/.wh.gone"));
}

TEST(LayerCoverTest, AnOpaqueFolderHidesWhatIsBelowIt) {
  const LayerCover cover = cover_of({{"a/.wh..wh..opq", Kind::kFile}});
  EXPECT_TRUE(cover.hides("a/x"));
  EXPECT_TRUE(cover.hides("a/x/y"));
  EXPECT_FALSE(cover.hides("a"));
  EXPECT_FALSE(cover.hides("ab/x"));
  EXPECT_TRUE(cover_of({{".wh..wh..opq", Kind::kFile}}).hides("anything"));
}

TEST(LayerCoverTest, AFolderReplacesAFileOnly) {
  const LayerCover cover = cover_of({{"a", Kind::kFolder}});
  EXPECT_TRUE(cover.hides("a"));
  EXPECT_FALSE(cover.hides("a/x"));
}

TEST(LayerCoverTest, OtherMarksSayNothing) {
  LayerCover cover;
  EXPECT_FALSE(cover.add("a/.wh..wh.plnk", Kind::kFolder));
  EXPECT_FALSE(cover.add("a/.wh.", Kind::kFile));
  EXPECT_TRUE(cover.add("a/x.wh.y", Kind::kFile));
  cover.seal();
  EXPECT_FALSE(cover.hides("a/plnk"));
  EXPECT_FALSE(cover.hides("a"));
}

std::string header(std::string_view name, std::size_t size, char type, std::string_view link = {}) {
  std::string block(512, '\0');
  block.replace(0, name.size(), name);
  std::string digits = "00000000000";
  for (std::size_t at = digits.size(); size > 0; size /= 8)
    digits[--at] = static_cast<char>('0' + size % 8);
  block.replace(124, 11, digits);
  block[156] = type;
  block.replace(157, link.size(), link);
  block.replace(257, 6, std::string("ustar\0", 6));
  block.replace(148, 8, "        ");
  std::size_t sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  std::string octal = "000000";
  for (std::size_t at = octal.size(); sum > 0; sum /= 8)
    octal[--at] = static_cast<char>('0' + sum % 8);
  return block.replace(148, 7, octal + '\0');
}

std::string padded(std::string text) { return text.append((512 - text.size() % 512) % 512, '\0'); }

struct Seen {
  std::string name;
  std::string link;
  TarType type;
  std::string bytes;
};

// All entries, then the message of the error, if there was one.
std::vector<Seen> entries_of(const std::string& tar, std::string* error = nullptr) {
  archive::MemoryStream stream(tar);
  TarReader reader(stream);
  std::vector<Seen> seen;
  while (true) {
    const Result<const TarEntry*> entry = reader.next();
    if (!entry && error != nullptr) *error = entry.error().message;
    if (!entry || *entry == nullptr) return seen;
    Seen one{std::string((*entry)->name), std::string((*entry)->link), (*entry)->type, ""};
    char bytes[7];
    while (true) {
      const Result<std::size_t> got = reader.read(bytes, sizeof(bytes));
      if (!got || *got == 0) break;
      one.bytes.append(bytes, *got);
    }
    seen.push_back(std::move(one));
  }
}

TEST(TarReaderTest, ReadsFilesFoldersAndLinks) {
  const std::vector<Seen> seen = entries_of(header("a/", 0, '5') + header("a/b", 11, '0') +
                                            padded("hello world") + header("a/c", 0, '1', "a/b") +
                                            header("d", 0, '2', "/etc") + std::string(1024, '\0'));
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_EQ(seen[0].type, TarType::kFolder);
  EXPECT_EQ(seen[1].bytes, "hello world");
  EXPECT_EQ(seen[2].type, TarType::kHardLink);
  EXPECT_EQ(seen[2].link, "a/b");
  EXPECT_EQ(seen[3].type, TarType::kSymbolicLink);
}

TEST(TarReaderTest, LongNamesOfBothKinds) {
  const std::string name(300, 'n');
  const std::string record = "310 path=" + name + "\n";
  const std::vector<Seen> seen =
      entries_of(header("x", record.size(), 'x') + padded(record) + header("short", 1, '0') +
                 padded("1") + header("././@LongLink", name.size() + 1, 'L') + padded(name + '\0') +
                 header("short", 1, '0') + padded("2") + header("next", 0, '0'));
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].name, name);
  EXPECT_EQ(seen[1].name, name);
  EXPECT_EQ(seen[1].bytes, "2");
  EXPECT_EQ(seen[2].name, "next");
}

TEST(TarReaderTest, SaysWhereItIsDamagedOrEndsTooEarly) {
  std::string error;
  EXPECT_EQ(entries_of(header("a", 600, '0') + std::string(512, 'x'), &error).size(), 1U);
  EXPECT_NE(error.find("ends too early, 88 bytes"), std::string::npos) << error;
  std::string damaged = header("a", 0, '0') + header("b", 0, '0');
  damaged[520] = 'x';
  EXPECT_EQ(entries_of(damaged, &error).size(), 1U);
  EXPECT_NE(error.find("damaged at byte 512"), std::string::npos) << error;
  EXPECT_EQ(entries_of(header("x", std::size_t{1} << 30, 'x'), &error).size(), 0U);
  EXPECT_NE(error.find("expected at most"), std::string::npos) << error;
}

TEST(ImageDocumentsTest, DigestsBecomePathsOnlyWhenTheyAreSome) {
  EXPECT_TRUE(is_sha256_digest("sha256:" + std::string(64, 'a')));
  EXPECT_FALSE(is_sha256_digest("sha256:" + std::string(64, 'A')));
  EXPECT_FALSE(is_sha256_digest("sha256:../../../etc/passwd"));
  const std::string json =
      R"({"manifests": [{"digest": "sha256:../../x", "mediaType": "application/x"}]})";
  EXPECT_FALSE(read_index(json, {}).has_value());
}

TEST(ImageDocumentsTest, HistoryTellsWhatMadeALayer) {
  const Result<ImageConfig> config = read_image_config(
      R"({"architecture": "arm64", "os": "linux", "variant": "v8",
          "config": {"Env": ["A=b"], "Cmd": ["sh"], "Labels": {"k": "v"}},
          "rootfs": {"diff_ids": ["x", "y"]},
          "history": [{"created_by": "ADD base"}, {"created_by": "ENV A=b", "empty_layer": true},
                      {"created_by": "RUN make"}]})",
      {});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->platform, "linux/arm64/v8");
  EXPECT_EQ(config->instruction_of(0), "ADD base");
  EXPECT_EQ(config->instruction_of(1), "RUN make");
  EXPECT_EQ(config->instruction_of(2), "");
  EXPECT_EQ(config->labels, std::vector<std::string>{"k=v"});
}

}  // namespace
}  // namespace vedette::formats::images
