// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"

// The digests of all files of a model, as they are kept beside it and signed. The same files give
// the same bytes, whoever writes them; docs/model-digests.md is the format.
namespace vedette::formats::models {

struct FileDigest {
  std::string path;  // from the model's folder, '/' between parts; UTF-8
  std::uint64_t size = 0;
  // SHA-256 of the file; where it is larger than a shard, of its shards' digests one behind the
  // other.
  Sha256 digest{};
  std::vector<Sha256> shards;  // empty: the file is no larger than one
};

struct DigestManifest {
  static constexpr std::uint64_t kShardBytes = std::uint64_t{64} << 20;
  static constexpr std::uint64_t kShardBytesMin = std::uint64_t{1} << 20;
  // No file has shards.
  static constexpr std::uint64_t kWhole = UINT64_MAX;
  // What is read back.
  static constexpr std::size_t kBytesMax = std::size_t{256} << 20;

  std::uint64_t shard_bytes = kShardBytes;
  std::vector<FileDigest> files;  // by path
};

// Of a file's shards.
Sha256 tree_digest(const std::vector<Sha256>& shards);
// Of all files with their names and sizes: one digest for the model.
Sha256 root_digest(const DigestManifest& manifest);

std::string write_digests(const DigestManifest& manifest);
// kInvalid, with a sentence that says what was expected, where it is no manifest, its digests
// contradict each other, or a path leads out of the folder.
Result<DigestManifest> read_digests(std::string_view path, std::string_view text);

struct DigestDifference {
  enum class Kind : std::uint8_t { kMissing, kAdded, kChanged };
  Kind kind = Kind::kChanged;
  std::string path;
  std::vector<std::size_t> shards;  // that differ, where both have the same number of them
};
// By path. Both have the same shard_bytes.
std::vector<DigestDifference> compare(const DigestManifest& expected, const DigestManifest& found);

}  // namespace vedette::formats::models
