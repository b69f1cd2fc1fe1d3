// SPDX-License-Identifier: Apache-2.0
#include "formats/models/digest_manifest.h"

#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

namespace vedette::formats::models {
namespace {

DigestManifest sample() {
  DigestManifest manifest;
  manifest.shard_bytes = DigestManifest::kShardBytesMin;
  manifest.files.push_back({"README.md", 5, sha256("hello"), {}});
  FileDigest large{"weights/model.safetensors", (2U << 20) + 1, {}, {}};
  large.shards = {sha256("a"), sha256("b"), sha256("c")};
  large.digest = tree_digest(large.shards);
  manifest.files.push_back(large);
  return manifest;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  return text.replace(text.find(what), what.size(), with);
}

TEST(DigestManifestTest, WhatIsWrittenIsReadAgain) {
  const std::string text = write_digests(sample());
  const auto read = read_digests("m.json", text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(compare(sample(), *read).empty());
  EXPECT_EQ(write_digests(*read), text);
}

TEST(DigestManifestTest, WhatContradictsItselfIsRefused) {
  const std::string text = write_digests(sample());
  for (const auto& [what, with] : std::initializer_list<std::pair<std::string, std::string>>{
           {"README.md", "../README"},
           {"README.md", "/EADME.md"},
           {"README.md", "zzzzzz.md"},
           {"\"size\":5", "\"size\":6"},
           {"\"size\":2097153", "\"size\":2097152"},
           {"\"size\":2097153", "\"size\":9"},
           {"digests-1", "digests-2"},
           {"1048576", "1"},
           {to_hexadecimal(sha256("b")), to_hexadecimal(sha256("d"))},
           {to_hexadecimal(sha256("hello")), to_hexadecimal(sha256("d"))},
       }) {
    EXPECT_FALSE(read_digests("m.json", replaced(text, what, with))) << what;
  }
}

TEST(DigestManifestTest, DifferencesAreTold) {
  using Kind = DigestDifference::Kind;
  DigestManifest found = sample();
  found.files[1].shards[1] = sha256("x");
  found.files[1].digest = tree_digest(found.files[1].shards);
  found.files[0].path = "NOTICE";
  const auto differences = compare(sample(), found);
  ASSERT_EQ(differences.size(), 3U);
  EXPECT_EQ(differences[0].kind, Kind::kAdded);
  EXPECT_EQ(differences[0].path, "NOTICE");
  EXPECT_EQ(differences[1].kind, Kind::kMissing);
  EXPECT_EQ(differences[1].path, "README.md");
  EXPECT_EQ(differences[2].kind, Kind::kChanged);
  EXPECT_EQ(differences[2].shards, std::vector<std::size_t>{1});
}

}  // namespace
}  // namespace vedette::formats::models
