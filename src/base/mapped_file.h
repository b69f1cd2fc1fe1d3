// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "base/cut_guard.h"
#include "base/result.h"

namespace vedette {

// A file in memory, read only: a short one is copied, a long one mapped. Git replaces its files and
// never cuts one that others may read; a file that something else cuts while it is mapped ends the
// program (SIGBUS), as it does git, but where Cuts::kSurvived was asked for.
class MappedFile {
 public:
  enum class Cuts : std::uint8_t {
    kEndProgram,
    // What is missing reads as zeros, see CutGuard. ErrorCode::kLimit when CutGuard::kFilesMax
    // files are open so.
    kSurvived,
  };
  // kNotFound, kSystem; kInvalid for what is no plain file. An empty file has an empty view.
  static Result<MappedFile> open(const std::string& path, std::size_t copied_max = kCopiedMax,
                                 Cuts cuts = Cuts::kEndProgram);
  static constexpr std::size_t kCopiedMax = std::size_t{1} << 20;
  MappedFile();  // no bytes
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::string_view bytes() const { return {data_, size_}; }

  // Pages that were read count as memory of this process. Who reads much says where; when about
  // kResidentMax came together, all are given back (the kernel keeps them, reading again costs
  // little). What lies beyond the file is passed over. Any thread.
  void touch(std::uint64_t offset, std::uint64_t size) const;
  static constexpr std::uint64_t kResidentMax = std::uint64_t{16} << 20;
  // Gives back all pages. Any thread, also while others read.
  void release() const;
  // The same when the process holds more than so many bytes of files.
  void release_above(std::uint64_t resident_max) const;
  // Whether something that was read was not there any more. Only with Cuts::kSurvived.
  bool was_cut() const { return guard_ != nullptr && guard_->was_met(); }

 private:
  MappedFile(const char* data, std::size_t size);
  explicit MappedFile(Buffer copy);

  // The least that the kernel maps around a page that is asked for. It may be megabytes, so the
  // process's own memory is looked at whenever so many windows were met.
  static constexpr std::uint64_t kWindowBytes = 65536;
  static constexpr std::uint64_t kWindowsPerLook = 8;

  const char* data_ = nullptr;
  std::size_t size_ = 0;
  Buffer copy_;    // of a short file
  struct Touched;  // none of a short file
  std::unique_ptr<Touched> touched_;
  std::unique_ptr<CutGuard> guard_;  // of a long file with Cuts::kSurvived
};

}  // namespace vedette
