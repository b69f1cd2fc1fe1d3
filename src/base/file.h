// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"

// Files as the program uses them: read whole with a bound, written whole or not at all, folders
// listed.
namespace vedette {

// The whole file; ErrorCode::kLimit when it is larger than `bytes_max`.
Result<std::string> read_file(const std::string& path, std::size_t bytes_max);

// Replaces `path` with `content`, or leaves it untouched: writes beside it, syncs, renames.
Result<void> write_file_whole(const std::string& path, std::string_view content);

// Regular files below `path` (or `path` itself when it is a file) whose name ends with one of
// `suffixes` (all files when empty), sorted by path; links to folders are not followed. A folder
// below `path` that cannot be read, and what is neither file nor folder (a pipe, a socket), is left
// out and, when `skipped` is given, named there.
Result<std::vector<std::string>> list_files(const std::string& path,
                                            const std::vector<std::string_view>& suffixes,
                                            std::vector<Diagnostic>* skipped = nullptr);

// A file that is written as a stream and appears under its name only at commit(). Dropped without
// commit it leaves nothing behind.
class AtomicFile {
 public:
  static Result<AtomicFile> create(const std::string& path);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  ~AtomicFile();

  Result<void> write(std::string_view bytes);
  Result<void> commit();

 private:
  AtomicFile(std::string path, std::string temporary, int descriptor);

  std::string path_;
  std::string temporary_;
  int descriptor_ = -1;
};

}  // namespace vedette
