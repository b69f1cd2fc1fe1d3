// SPDX-License-Identifier: Apache-2.0
#include "ingest/store/store_image.h"

#include <fmt/format.h>

#include "base/json_writer.h"
#include "ingest/file_stream.h"
#include "ingest/store/folder_tar.h"
#include "ingest/store/tar_split.h"

namespace vedette::ingest {
namespace {

using formats::archive::Expansion;

class TextStream final : public formats::archive::ByteStream {
 public:
  explicit TextStream(std::string text) : text_(std::move(text)) {}
  Result<std::size_t> read(char* out, std::size_t capacity) override {
    const std::size_t count = text_.copy(out, capacity, at_);
    at_ += count;
    return count;
  }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

}  // namespace

void StoreImage::add(std::string name, Stored stored) {
  stored.position = parts_.size();
  parts_.insert_or_assign(std::move(name), std::move(stored));
}

void StoreImage::add_text(std::string name, std::string text) {
  add(std::move(name), {std::move(text), nullptr, {}, nullptr, 0});
}

void StoreImage::add_file(std::string name, std::shared_ptr<const StoreFolder> folder,
                          std::string path) {
  add(std::move(name), {{}, std::move(folder), std::move(path), nullptr, 0});
}

void StoreImage::add_layer(std::string name, std::shared_ptr<const StoreFolder> folder,
                           std::string split, std::shared_ptr<const StoreFolder> contents) {
  add(std::move(name), {{}, std::move(folder), std::move(split), std::move(contents), 0});
}

bool StoreImage::has(std::string_view name) const {
  return parts_.contains(name) || (blobs_ != nullptr && blobs_->has(name));
}

std::uint64_t StoreImage::position_of(std::string_view name) const {
  const auto found = parts_.find(name);
  return found == parts_.end() ? 0 : found->second.position;
}

Result<ImageFile::Part> StoreImage::open_part(std::string_view name) {
  Part part;
  part.expansion = std::make_unique<Expansion>(limits_);
  const ReadCounts counts{&bytes_read_, part.expansion.get()};
  const auto found = parts_.find(name);
  if (found == parts_.end()) {
    if (blobs_ == nullptr)
      return failure(ErrorCode::kNotFound,
                     fmt::format("expected {} in the store, found none", name));
    TRY(const int descriptor, blobs_->open_file(name));
    part.stream = FileStream::adopt(std::string(name), descriptor, counts);
    return part;
  }
  const Stored& stored = found->second;
  if (stored.folder == nullptr) {
    part.stream = std::make_unique<TextStream>(stored.text);
    return part;
  }
  if (!is_exact(name)) {
    TRY(part.stream, open_folder_tar(stored.contents->path(), OverlayMarks::kWhiteouts, counts));
    return part;
  }
  TRY(const int descriptor, stored.folder->open_file(stored.path));
  part.stream = FileStream::adopt(stored.path, descriptor, counts);
  if (stored.contents != nullptr) {
    TRY(part.stream, open_tar_split(std::move(part.stream), stored.contents, counts));
  }
  return part;
}

bool StoreImage::is_exact(std::string_view name) const {
  const auto found = parts_.find(name);
  return found == parts_.end() || found->second.contents == nullptr ||
         found->second.folder->has(found->second.path);
}

std::string saved_manifest(const std::vector<std::string>& names, std::size_t layers) {
  std::string out;
  JsonWriter json(out);
  json.begin_array().begin_object().key("Config").string("config.json");
  json.key("RepoTags").begin_array();
  for (const std::string& name : names) json.string(name);
  json.end_array().key("Layers").begin_array();
  for (std::size_t i = 0; i < layers; ++i) json.string(fmt::format("layers/{}", i));
  json.end_array().end_object().end_array();
  return out;
}

}  // namespace vedette::ingest
