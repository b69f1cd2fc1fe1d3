// SPDX-License-Identifier: Apache-2.0
#include "ingest/registry/registry.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/digest.h"
#include "formats/images/image_documents.h"
#include "ingest/registry/blob_stream.h"
#include "ingest/registry/connections.h"

namespace vedette::ingest {
namespace {

using formats::archive::ByteStream;

const std::vector<std::string> kAccept = {
    "Accept: application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.docker.distribution.manifest.v2+json"};
constexpr std::string_view kIndexType = "application/vnd.oci.image.index.v1+json";

// A type that says nothing ("application/json") is left to the document itself.
std::string media_type_of(std::string_view header, std::string_view json, const Limits& limits) {
  const std::string_view type = header.substr(0, header.find(';'));
  if (type.starts_with("application/vnd.")) return std::string(type);
  return formats::images::read_index(json, limits) ? std::string(kIndexType) : std::string();
}

}  // namespace

Registry::Registry(std::unique_ptr<RegistryConnections> connections)
    : connections_(std::move(connections)) {}
Registry::~Registry() = default;

Result<std::unique_ptr<Registry>> Registry::create(const Reference& reference,
                                                   const RegistryOptions& options,
                                                   const Limits& limits,
                                                   const std::atomic<bool>* stop) {
  return std::unique_ptr<Registry>(
      new Registry(std::make_unique<RegistryConnections>(reference, options, limits, stop)));
}

Result<Registry::Document> Registry::manifest(std::string_view tag_or_digest) {
  TRY(const RegistryConnections::Answer answer,
      connections_->get(fmt::format("manifests/{}", tag_or_digest), kAccept));
  Document document;
  TRY(document.bytes, answer.lease->read_all(kDocumentMax));
  document.digest = "sha256:" + to_hexadecimal(sha256(document.bytes));
  document.media_type =
      media_type_of(answer.head.header("content-type"), document.bytes, connections_->limits());
  std::string_view expected = answer.head.header("docker-content-digest");
  if (formats::images::is_sha256_digest(tag_or_digest)) expected = tag_or_digest;
  if (formats::images::is_sha256_digest(expected) && expected != document.digest) {
    return failure(ErrorCode::kInvalid, fmt::format("expected a manifest of {}, found one of {}",
                                                    expected, document.digest));
  }
  return document;
}

Result<Registry::Document> Registry::referrers(std::string_view digest) {
  if (!formats::images::is_sha256_digest(digest))
    return failure(ErrorCode::kInvalid, fmt::format("expected a digest, found {}", digest));
  const auto answer = connections_->get(fmt::format("referrers/{}", digest), kAccept);
  if (answer) {
    Document document;
    TRY(document.bytes, answer->lease->read_all(kDocumentMax));
    document.media_type = kIndexType;
    // A registry that knows no such list may still answer, with a page of its own.
    if (formats::images::read_index(document.bytes, connections_->limits())) return document;
  } else if (answer.error().code != ErrorCode::kNotFound) {
    return std::unexpected(answer.error());
  }
  std::string tag(digest);
  tag[tag.find(':')] = '-';
  return manifest(tag);
}

std::unique_ptr<ByteStream> Registry::blob(std::string_view digest, std::uint64_t size,
                                           ReadCounts counts) {
  return std::make_unique<BlobStream>(*connections_, digest, size, counts);
}

}  // namespace vedette::ingest
