// SPDX-License-Identifier: Apache-2.0
#include "formats/models/digest_manifest.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "base/json_writer.h"
#include "base/limits.h"
#include "base/unicode.h"
#include "formats/packages/tree.h"

namespace vedette::formats::models {
namespace {

using packages::Member;
using packages::Node;

constexpr std::string_view kFormat = "vedette-digests-1";
constexpr std::size_t kValuesMax = 16'000'000;

std::string_view bytes_of(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string_view kind_of(const FileDigest& file) { return file.shards.empty() ? "sha256" : "tree"; }

std::optional<std::uint64_t> number_of(const Node& node) {
  std::uint64_t number = 0;
  const char* const end = node.text.data() + node.text.size();
  const auto [last, error] = std::from_chars(node.text.data(), end, number);
  if (node.kind != packages::NodeKind::kNumber || error != std::errc() || last != end)
    return std::nullopt;
  return number;
}

std::optional<Sha256> digest_of(const Node& node) {
  Sha256 digest{};
  if (!node.is_text() || node.text.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const char* const at = node.text.data() + 2 * i;
    const auto [last, error] = std::from_chars(at, at + 2, digest[i], 16);
    if (error != std::errc() || last != at + 2) return std::nullopt;
  }
  return digest;
}

bool stays_inside(std::string_view path) {
  if (path.empty() || path.starts_with('/') || !is_utf8(path) ||
      path.find('\0') != std::string_view::npos) {
    return false;
  }
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    if (part.empty() || part == "." || part == "..") return false;
    at = end + 1;
  }
  return true;
}

std::unexpected<Error> expected(std::string_view path, std::string_view what, std::uint32_t line) {
  return failure(ErrorCode::kInvalid,
                 fmt::format("{}:{}: expected {}, found something else", path, line, what));
}

Result<FileDigest> read_file_digest(std::string_view path, const Node& node,
                                    std::uint64_t shard_bytes) {
  FileDigest file;
  const auto size = number_of(node["size"]);
  const bool is_tree = node.has("tree");
  const auto digest = digest_of(node[is_tree ? "tree" : "sha256"]);
  if (!node["path"].is_text() || !stays_inside(node["path"].text))
    return expected(path, "the path of a file below the folder", node.line);
  if (!size) return expected(path, "a file's size", node.line);
  if (!digest) return expected(path, "64 hexadecimal digits", node.line);
  file.path = node["path"].text;
  file.size = *size;
  file.digest = *digest;
  if (is_tree != (*size > shard_bytes))
    return expected(path, "shards of a file that is larger than one, and of no other", node.line);
  if (!is_tree) return file;
  for (const Member& shard : node["shards"].members) {
    const auto one = digest_of(shard.value);
    if (!one) return expected(path, "64 hexadecimal digits", shard.line);
    file.shards.push_back(*one);
  }
  if (file.shards.size() != (*size - 1) / shard_bytes + 1)
    return expected(path, "a digest of each shard", node.line);
  if (tree_digest(file.shards) != file.digest)
    return expected(path, "the digest that the shards have together", node.line);
  return file;
}

}  // namespace

Sha256 tree_digest(const std::vector<Sha256>& shards) {
  Sha256Stream stream;
  for (const Sha256& shard : shards) stream.add(bytes_of(shard));
  return stream.finish();
}

Sha256 root_digest(const DigestManifest& manifest) {
  Sha256Stream stream;
  stream.add(fmt::format("{} {}\n", kFormat, manifest.shard_bytes));
  for (const FileDigest& file : manifest.files) {
    stream.add(fmt::format("{} {} {} ", kind_of(file), to_hexadecimal(file.digest), file.size));
    stream.add(file.path);
    stream.add(std::string_view("\0", 1));
  }
  return stream.finish();
}

std::string write_digests(const DigestManifest& manifest) {
  std::string out;
  // One line a file, so that a difference of two manifests can be read.
  out += fmt::format("{{\n\"format\":\"{}\",\n\"shard_bytes\":{},\n\"root\":\"{}\",\n\"files\":[",
                     kFormat, manifest.shard_bytes, to_hexadecimal(root_digest(manifest)));
  for (const FileDigest& file : manifest.files) {
    out += &file == manifest.files.data() ? "\n" : ",\n";
    JsonWriter json(out);
    json.begin_object().key("path").string(file.path).key("size").number(file.size);
    json.key(kind_of(file)).string(to_hexadecimal(file.digest));
    if (!file.shards.empty()) {
      json.key("shards").begin_array();
      for (const Sha256& shard : file.shards) json.string(to_hexadecimal(shard));
      json.end_array();
    }
    json.end_object();
  }
  out += "\n]\n}\n";
  return out;
}

Result<DigestManifest> read_digests(std::string_view path, std::string_view text) {
  Limits limits;
  limits.file_bytes_max = DigestManifest::kBytesMax;
  limits.values_max = kValuesMax;
  const packages::Tree tree = packages::read_json(path, text, limits);
  if (!tree.problems.empty()) {
    return failure(ErrorCode::kInvalid, fmt::format("{}:{}: {}", path, tree.problems[0].place.line,
                                                    tree.problems[0].message));
  }
  const Node& root = tree.root;
  if (root["format"].text != kFormat)
    return expected(path, fmt::format("\"format\": \"{}\"", kFormat), root.line);
  DigestManifest manifest;
  const auto shard_bytes = number_of(root["shard_bytes"]);
  if (!shard_bytes || *shard_bytes < DigestManifest::kShardBytesMin)
    return expected(path, "shard_bytes of 1 MiB and more", root.line);
  manifest.shard_bytes = *shard_bytes;
  for (const Member& member : root["files"].members) {
    TRY(FileDigest file, read_file_digest(path, member.value, *shard_bytes));
    if (!manifest.files.empty() && manifest.files.back().path >= file.path)
      return expected(path, "files in the order of their paths, each once", member.line);
    manifest.files.push_back(std::move(file));
  }
  if (digest_of(root["root"]) != root_digest(manifest))
    return expected(path, "the root that the files have together", root.line);
  return manifest;
}

std::vector<DigestDifference> compare(const DigestManifest& expected, const DigestManifest& found) {
  using Kind = DigestDifference::Kind;
  std::vector<DigestDifference> differences;
  auto mine = expected.files.begin();
  auto theirs = found.files.begin();
  while (mine != expected.files.end() || theirs != found.files.end()) {
    const bool missing =
        theirs == found.files.end() || (mine != expected.files.end() && mine->path < theirs->path);
    if (missing) {
      differences.push_back({Kind::kMissing, (mine++)->path, {}});
      continue;
    }
    if (mine == expected.files.end() || theirs->path < mine->path) {
      differences.push_back({Kind::kAdded, (theirs++)->path, {}});
      continue;
    }
    if (mine->digest != theirs->digest || mine->size != theirs->size) {
      DigestDifference one{Kind::kChanged, mine->path, {}};
      for (std::size_t i = 0; i < mine->shards.size(); ++i) {
        if (mine->shards.size() == theirs->shards.size() && mine->shards[i] != theirs->shards[i])
          one.shards.push_back(i);
      }
      differences.push_back(std::move(one));
    }
    ++mine;
    ++theirs;
  }
  return differences;
}

}  // namespace vedette::formats::models
