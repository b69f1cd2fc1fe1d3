// SPDX-License-Identifier: Apache-2.0
#include "formats/models/artifact_manifest.h"

#include <gtest/gtest.h>

namespace vedette::formats::models {
namespace {

const std::string kDigits(64, 'a');

TEST(ArtifactManifest, ReadsLayersAndSettings) {
  ArtifactManifest manifest;
  ASSERT_TRUE(read_artifact_manifest("m",
                                     R"({"config":{"digest":"sha256:c","mediaType":"x"},"layers":[
        {"digest":"sha256:a","mediaType":"application/vnd.ollama.image.tensor; name=w","size":7},
        {"digest":"b","annotations":{"org.opencontainers.image.title":"run.py"}}]})",
                                     manifest));
  ASSERT_EQ(manifest.layers.size(), 3U);
  EXPECT_EQ(manifest.layers[0].media_type, "application/vnd.ollama.image.tensor");
  EXPECT_EQ(manifest.layers[0].size, 7U);
  EXPECT_EQ(manifest.layers[1].name, "run.py");
  EXPECT_EQ(manifest.layers[2].digest, "sha256:c");
  EXPECT_FALSE(read_artifact_manifest("m", R"({"layers":[]})", manifest));
  EXPECT_FALSE(read_artifact_manifest("m", R"({"digest":"sha256:a"})", manifest));
}

TEST(ArtifactManifest, KnowsBlobsByTheirPlace) {
  EXPECT_EQ(digest_of_blob("a/blobs/sha256/" + kDigits), "sha256:" + kDigits);
  EXPECT_EQ(digest_of_blob("blobs/sha256-" + kDigits), "sha256:" + kDigits);
  EXPECT_EQ(digest_of_blob("a/blobs/" + kDigits), "");
  EXPECT_EQ(digest_of_blob("a/myblobs/sha256/" + kDigits), "");
  EXPECT_EQ(digest_of_blob("blobs/sha256/" + kDigits + "0"), "");
  EXPECT_TRUE(is_sha256_digest("sha256:" + kDigits));
  EXPECT_FALSE(is_sha256_digest("sha256:../../../etc/passwd"));
}

}  // namespace
}  // namespace vedette::formats::models
