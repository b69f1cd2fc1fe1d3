// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "observe/packages.h"
#include "observe/sighting.h"

namespace vedette::observe {

// Which files of each image were really executed and opened to be read. Bounded; what is beyond the
// bounds is counted as forgotten. Not thread-safe.
class Usage {
 public:
  static constexpr std::size_t kImagesMax = 1024;
  static constexpr std::size_t kPathsMax = 16'384;  // of an image
  static constexpr std::size_t kContainersMax = 1000;

  struct Image {
    std::set<std::string> containers;  // ids
    std::string image_id;
    std::string image_digest;
    std::set<std::string> executables;
    std::set<std::string> shared_objects;
    std::set<std::string> java;
    std::set<std::string> models;
    std::set<std::string> other;
    PythonModules python;
    std::set<std::string> python_files;
    std::uint64_t forgotten = 0;
    // The process that was seen last; its root is the image's.
    std::uint32_t pid = 0;
    std::uint64_t started = 0;
    TimeNs first_seen = 0;
  };

  void see(const Sighting& sighting);
  const std::map<std::string, Image, std::less<>>& images() const { return images_; }

  // Version 1 of the format, described in docs/usage.md. `open_root` gives the files of an image
  // while one of its processes lives, or null: then nothing is said of packages.
  using OpenRoot = std::function<std::unique_ptr<RootFiles>(const std::string& name, const Image&)>;
  std::string to_json(std::uint64_t lost, const OpenRoot& open_root) const;

 private:
  Image* image_for(const Sighting& sighting);
  void add(Image& image, std::set<std::string>& paths, std::string_view path);

  std::map<std::string, Image, std::less<>> images_;
  std::uint64_t images_forgotten_ = 0;
  // Of all sightings, whatever they were of.
  TimeNs from_ = 0;
  TimeNs to_ = 0;
};

}  // namespace vedette::observe
