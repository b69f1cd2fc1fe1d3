// SPDX-License-Identifier: Apache-2.0
#include "formats/git/pack_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace vedette::formats::git {

PackFile::PackFile(PackFile&& other) noexcept
    : size_(std::exchange(other.size_, 0)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      mapped_(std::move(other.mapped_)) {}

PackFile& PackFile::operator=(PackFile&& other) noexcept {
  std::swap(size_, other.size_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(mapped_, other.mapped_);
  return *this;
}

PackFile::~PackFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<PackFile> PackFile::open(const std::string& path, Access access) {
  PackFile file;
  if (access == Access::kMap) {
    TRY(file.mapped_, MappedFile::open(path, 0));
    file.size_ = file.mapped_.bytes().size();
    return file;
  }
  // A pipe in a repository must not make us wait.
  file.descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file.descriptor_ < 0) {
    return failure(errno == ENOENT || errno == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kSystem,
                   fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  }
  struct stat status{};
  if (::fstat(file.descriptor_, &status) != 0 || !S_ISREG(status.st_mode))
    return failure(ErrorCode::kInvalid, fmt::format("expected a plain file: {}", path));
  file.size_ = static_cast<std::uint64_t>(status.st_size);
  return file;
}

Result<std::string_view> PackWindow::view(const PackFile& file, std::uint64_t offset,
                                          std::uint64_t size) {
  is_cut_ = false;
  if (offset >= file.size_) return failure(ErrorCode::kTruncated, "the pack ends before it");
  const std::uint64_t rest = file.size_ - offset;
  if (file.descriptor_ < 0) {
    file.mapped_.touch(offset, std::min(size, rest));
    return file.mapped_.bytes().substr(offset);
  }
  size = std::min(size, rest);
  if (file_ == &file && offset >= begin_ && offset - begin_ <= size_ &&
      size <= size_ - (offset - begin_)) {
    return bytes_.view().substr(offset - begin_, size_ - (offset - begin_));
  }
  const auto wanted =
      static_cast<std::size_t>(std::min(std::max<std::uint64_t>(size, kReadBytes), rest));
  file_ = nullptr;
  if (bytes_.capacity() > kKeptBytes && wanted <= kKeptBytes) bytes_.free();
  char* const target = bytes_.reset(wanted);
  std::size_t have = 0;
  while (have < wanted) {
    const ssize_t count =
        ::pread(file.descriptor_, target + have, wanted - have, static_cast<off_t>(offset + have));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0)
      return failure(ErrorCode::kSystem,
                     fmt::format("cannot read the pack: {}", std::strerror(errno)));
    if (count == 0) break;
    have += static_cast<std::size_t>(count);
  }
  is_cut_ = have < wanted;
  if (have == 0) return failure(ErrorCode::kTruncated, "the pack became shorter while it was read");
  file_ = &file;
  begin_ = offset;
  size_ = have;
  return std::string_view(target, have);
}

}  // namespace vedette::formats::git
