// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace vedette::ingest {

// A folder below which files are opened: links are followed as if it were the root, so that no name
// leads out of it (openat2's RESOLVE_IN_ROOT).
class StoreFolder {
 public:
  static Result<StoreFolder> open(const std::string& path);
  ~StoreFolder();
  StoreFolder(StoreFolder&& other) noexcept;
  StoreFolder& operator=(StoreFolder&&) = delete;

  // A descriptor, which is the caller's. ErrorCode::kNotFound where there is none.
  Result<int> open_file(std::string_view name) const;
  Result<std::string> read(std::string_view name, std::size_t bytes_max) const;
  bool has(std::string_view name) const;
  const std::string& path() const { return path_; }

 private:
  StoreFolder(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  std::string path_;
  int descriptor_ = -1;
};

}  // namespace vedette::ingest
