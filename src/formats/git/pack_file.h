// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "base/mapped_file.h"
#include "base/result.h"

namespace vedette::formats::git {

// A pack that stays open. It is read, not mapped: one that something cuts off meanwhile costs the
// objects behind the cut, where a mapping would end the program (SIGBUS).
class PackFile {
 public:
  enum class Access : std::uint8_t {
    kRead,  // keeps a descriptor
    kMap,   // keeps none: of a repository with more packs than a process may open files
  };
  // kNotFound, kSystem; kInvalid for what is no plain file.
  static Result<PackFile> open(const std::string& path, Access access);
  PackFile() = default;  // no bytes
  PackFile(PackFile&& other) noexcept;
  PackFile& operator=(PackFile&& other) noexcept;
  ~PackFile();

  std::uint64_t size() const { return size_; }  // when it was opened
  // Gives back memory of what was mapped.
  void release() const { mapped_.release(); }

 private:
  friend class PackWindow;
  std::uint64_t size_ = 0;
  int descriptor_ = -1;
  MappedFile mapped_;
};

// The part of a pack that one reader looks at. One thread.
class PackWindow {
 public:
  // What is read at least: entries lie beside each other, and most are short.
  static constexpr std::size_t kReadBytes = 8192;

  // The bytes from `offset` on: `size` of them, more where they are here already, fewer where the
  // pack ends. Until the next call; `file` must live so long. kTruncated where nothing is there,
  // kSystem.
  Result<std::string_view> view(const PackFile& file, std::uint64_t offset, std::uint64_t size);
  // The last view has fewer bytes than the pack had when it was opened.
  bool is_cut() const { return is_cut_; }

 private:
  static constexpr std::size_t kKeptBytes = std::size_t{256} << 10;

  const PackFile* file_ = nullptr;
  std::uint64_t begin_ = 0;
  bool is_cut_ = false;
  Buffer bytes_;
  std::size_t size_ = 0;  // of bytes_ that are read
};

}  // namespace vedette::formats::git
