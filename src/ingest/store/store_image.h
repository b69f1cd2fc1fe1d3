// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ingest/image_file.h"
#include "ingest/store/store_folder.h"

namespace vedette::ingest {

// An image whose parts lie in several places of a store: texts that are made up, files, and layers
// that are put together.
class StoreImage final : public ImageFile {
 public:
  explicit StoreImage(const Limits& limits) : ImageFile(limits) {}

  void add_text(std::string name, std::string text);
  // `path` below `folder`.
  void add_file(std::string name, std::shared_ptr<const StoreFolder> folder, std::string path);
  // A layer of tar-split's, `split` below `folder`, and the folder of its contents. Without such a
  // file the folder is read as it is.
  void add_layer(std::string name, std::shared_ptr<const StoreFolder> folder, std::string split,
                 std::shared_ptr<const StoreFolder> contents);
  // Blobs by digest, looked up when they are asked for: "blobs/sha256/…" below `folder`.
  void set_blobs(std::shared_ptr<const StoreFolder> folder) { blobs_ = std::move(folder); }

  bool has(std::string_view name) const override;
  Result<Part> open_part(std::string_view name) override;
  bool is_exact(std::string_view name) const override;
  std::uint64_t position_of(std::string_view name) const override;
  bool opens_many() const override { return true; }

 private:
  struct Stored {
    std::string text;
    std::shared_ptr<const StoreFolder> folder;
    std::string path;
    std::shared_ptr<const StoreFolder> contents;
    std::uint64_t position = 0;
  };
  void add(std::string name, Stored stored);

  std::map<std::string, Stored, std::less<>> parts_;
  std::shared_ptr<const StoreFolder> blobs_;
};

// One file for each kind of store.
Result<std::unique_ptr<ImageFile>> open_docker_image(const std::string& folder,
                                                     std::string_view name, const Limits& limits);
Result<std::unique_ptr<ImageFile>> open_containerd_image(const std::string& folder,
                                                         std::string_view name,
                                                         const Limits& limits);
// `more`: folders that also have layers.
Result<std::unique_ptr<ImageFile>> open_podman_image(const std::string& folder,
                                                     const std::vector<std::string>& more,
                                                     std::string_view name, const Limits& limits);

// manifest.json of `docker save` for one image whose layers are "layers/0", "layers/1" …
std::string saved_manifest(const std::vector<std::string>& names, std::size_t layers);

}  // namespace vedette::ingest
