// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "formats/images/image_documents.h"
#include "formats/images/layer_cover.h"

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

TEST(ImageDocumentsTest, ABaseImageEndsWithItsCommand) {
  const auto layers_of = [](std::string_view history) {
    const Result<ImageConfig> config =
        read_image_config(R"({"history": [)" + std::string(history) + "]}", {});
    return config ? config->base_layers() : 1000;
  };
  const std::string base =
      R"({"created_by": "ADD file:1 in /"}, {"created_by": "/bin/sh -c #(nop)  CMD [\"bash\"]",
          "empty_layer": true})";
  const std::string middle =
      R"(, {"created_by": "RUN make"}, {"created_by": "CMD [\"python3\"]", "empty_layer": true})";
  EXPECT_EQ(layers_of(base), 0U);  // nothing follows: it is itself
  EXPECT_EQ(layers_of(base + middle), 1U);
  EXPECT_EQ(layers_of(base + middle + R"(, {"created_by": "COPY . /app"})"), 2U);
  EXPECT_EQ(layers_of(R"({"created_by": "RUN CMD x"}, {"created_by": "RUN y"})"), 0U);
}

TEST(ImageDocumentsTest, AnnotationsAndLabelsNameTheBase) {
  const std::string said = R"({"org.opencontainers.image.base.name": "debian:12",
                               "org.opencontainers.image.base.digest": "sha256:1"})";
  const Result<ImageConfig> config =
      read_image_config(R"({"config": {"Labels": )" + said + "}}", {});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->base.name, "debian:12");
  const Result<Manifest> manifest =
      read_manifest(R"({"annotations": )" + said + R"(, "config": {"digest": "sha256:)" +
                        std::string(64, 'a') + R"("}, "layers": []})",
                    {});
  ASSERT_TRUE(manifest.has_value());
  EXPECT_EQ(manifest->base.digest, "sha256:1");
}

}  // namespace
}  // namespace vedette::formats::images
