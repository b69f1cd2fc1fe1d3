// SPDX-License-Identifier: Apache-2.0
#include "ingest/registry/registry_image.h"

#include <map>
#include <mutex>

#include "base/json_writer.h"
#include "formats/images/image_documents.h"
#include "ingest/registry/attached.h"

namespace vedette::ingest {
namespace {

using formats::archive::Expansion;
using formats::images::Descriptor;

constexpr std::string_view kIndexName = "index.json";
constexpr std::string_view kBlobs = "blobs/sha256/";

std::string index_of(const Registry::Document& document, const std::string& name) {
  std::string json;
  JsonWriter writer(json);
  writer.begin_object().key("manifests").begin_array().begin_object();
  writer.key("digest").string(document.digest).key("mediaType").string(document.media_type);
  writer.key("annotations").begin_object();
  writer.key("org.opencontainers.image.ref.name").string(name).end_object();
  writer.end_object().end_array().end_object();
  return json;
}

class RegistryImage final : public ImageFile {
 public:
  RegistryImage(std::unique_ptr<Registry> registry, const Reference& reference,
                const Registry::Document& document, const Limits& limits)
      : ImageFile(limits),
        registry_(std::move(registry)),
        index_(index_of(document, reference.text())) {
    keep(document);
  }

  bool has(std::string_view name) const override { return name == kIndexName; }
  std::uint64_t position_of(std::string_view) const override { return 0; }
  bool opens_many() const override { return true; }
  Result<std::vector<Attached>> attached_statements(std::string_view manifest) override {
    return ingest::attached_statements(*registry_, manifest, limits_);
  }

  Result<Part> open_part(std::string_view name) override {
    if (name == kIndexName) return in_memory(index_);
    const std::string digest =
        name.starts_with(kBlobs) ? "sha256:" + std::string(name.substr(kBlobs.size())) : "";
    if (!formats::images::is_sha256_digest(digest))
      return failure(ErrorCode::kInvalid, "expected the digest of a part of the image");
    Known known;
    {
      const std::lock_guard lock(mutex_);
      if (const auto found = known_.find(digest); found != known_.end()) known = found->second;
    }
    if (!known.bytes.empty()) return in_memory(known.bytes);
    if (known.is_manifest) {
      TRY(const Registry::Document document, registry_->manifest(digest));
      keep(document);
      return in_memory(document.bytes);
    }
    Part part;
    part.expansion = std::make_unique<Expansion>(limits_);
    part.stream = registry_->blob(digest, known.size, {&bytes_read_, part.expansion.get()});
    return part;
  }

 private:
  struct Known {
    bool is_manifest = false;  // and no blob
    std::uint64_t size = 0;    // of a blob; 0: nobody said
    std::string bytes;         // of the manifest, once it is here
  };

  Result<Part> in_memory(const std::string& bytes) {
    Part part;
    part.expansion = std::make_unique<Expansion>(limits_);
    part.expansion->add_stored(bytes.size());
    part.stream = std::make_unique<formats::archive::MemoryStream>(bytes);
    return part;
  }

  // What the document says of other parts is what they are asked for by.
  void keep(const Registry::Document& document) {
    const std::lock_guard lock(mutex_);
    known_[document.digest] = {true, 0, document.bytes};
    if (const auto index = formats::images::read_index(document.bytes, limits_)) {
      for (const Descriptor& one : index->manifests) known_[one.digest].is_manifest = true;
    } else if (const auto manifest = formats::images::read_manifest(document.bytes, limits_)) {
      known_[manifest->config.digest].size = manifest->config.size;
      for (const Descriptor& one : manifest->layers) known_[one.digest].size = one.size;
    }
  }

  const std::unique_ptr<Registry> registry_;
  const std::string index_;
  std::mutex mutex_;  // of known_
  std::map<std::string, Known, std::less<>> known_;
};

}  // namespace

Result<std::unique_ptr<ImageFile>> open_registry_image(const std::string& text,
                                                       const RegistryOptions& options,
                                                       const Limits& limits,
                                                       const std::atomic<bool>* stop) {
  TRY(const Reference reference, read_reference(text, options.default_registry));
  TRY(auto registry, Registry::create(reference, options, limits, stop));
  TRY(const Registry::Document document, registry->manifest(reference.tag_or_digest()));
  return std::make_unique<RegistryImage>(std::move(registry), reference, document, limits);
}

}  // namespace vedette::ingest
