// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/model_artifacts.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/digest.h"
#include "base/mapped_file.h"
#include "scan/models/artifact_judge.h"

namespace vedette::engine {
namespace {

using formats::models::ArtifactLayer;
using formats::models::ArtifactManifest;
using scan::models::ModelRule;

constexpr std::size_t kBlobsMax = 200'000;
constexpr std::size_t kNamedMax = 1'000'000;

}  // namespace

std::string ModelArtifacts::Blob::name() const {
  const std::string inner = layer == nullptr ? "" : scan::models::name_of_layer(*layer);
  return inner.empty() ? path : path + "/" + inner;
}

bool ModelArtifacts::note_blob(const std::string& path) {
  std::string digest = formats::models::digest_of_blob(path);
  // Two of one digest may differ, so that a second is looked at by itself.
  return !digest.empty() && blobs_.size() < kBlobsMax &&
         blobs_.emplace(std::move(digest), path).second;
}

bool ModelArtifacts::may_be_manifest(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name == "index.json" || name == "manifest.json" ||
         path.find("manifests/") != std::string_view::npos;
}

void ModelArtifacts::note_manifest(const std::string& path, std::string_view text,
                                   std::vector<event::Finding>& findings) {
  ArtifactManifest manifest;
  if (!read_artifact_manifest(path, text, manifest)) return;
  judge_manifest(rules_, path, manifest, findings);
  for (ArtifactLayer& layer : manifest.layers) {
    if (!formats::models::is_sha256_digest(layer.digest) || named_.size() >= kNamedMax) continue;
    named_.emplace_back(path, layer.digest);
    ArtifactLayer& known = layers_.try_emplace(layer.digest, layer).first->second;
    if (known.name.empty()) known.name = std::move(layer.name);
  }
}

void ModelArtifacts::look_at_blobs(const std::function<void(const Blob& blob)>& look,
                                   std::vector<event::Finding>& findings) {
  if (blobs_.empty()) return;
  for (const auto& [digest, path] : blobs_) {
    const auto file =
        MappedFile::open(path, ArtifactManifest::kBytesMax, MappedFile::Cuts::kSurvived);
    if (file && file->bytes().size() <= ArtifactManifest::kBytesMax)
      note_manifest(path, file->bytes(), findings);
  }
  for (const auto& [digest, path] : blobs_) {
    const auto layer = layers_.find(digest);
    look({path, digest, layer == layers_.end() ? nullptr : &layer->second});
  }
  std::ranges::sort(named_);
  for (auto at = named_.begin(); at != named_.end();) {
    const std::string& manifest = at->first;
    std::size_t count = 0;
    std::string first;
    for (; at != named_.end() && at->first == manifest; ++at) {
      if (!blobs_.contains(at->second) && count++ == 0) first = at->second;
    }
    if (count == 0) continue;
    findings.push_back(scan::models::make_finding(
        rules_[ModelRule::kIncomplete], manifest, 0, first,
        fmt::format("The manifest names {} blobs that are not there, {} for one: what was looked "
                    "at is not all of the model",
                    count, first)));
  }
}

void judge_blob(const scan::models::ModelRules& rules, const ModelArtifacts::Blob& blob,
                std::string_view bytes, std::vector<event::Finding>& findings) {
  constexpr std::size_t kStep = std::size_t{128} << 10;
  Sha256Stream stream;
  for (std::size_t at = 0; at < bytes.size(); at += kStep) stream.add(bytes.substr(at, kStep));
  const std::string digest = "sha256:" + to_hexadecimal(stream.finish());
  if (digest != blob.digest) {
    findings.push_back(scan::models::make_finding(
        rules[ModelRule::kDigestDiffers], blob.path, 0, digest,
        fmt::format("The blob has the digest {}, not the one that it is named by", digest)));
  }
  if (blob.layer != nullptr)
    scan::models::judge_layer_text(rules, blob.name(), *blob.layer, bytes, findings);
}

}  // namespace vedette::engine
