// SPDX-License-Identifier: Apache-2.0
#include "ingest/file_stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace vedette::ingest {

FileStream::FileStream(std::string path, int descriptor, ReadCounts counts)
    : path_(std::move(path)), descriptor_(descriptor), counts_(counts) {
  struct stat status{};
  if (::fstat(descriptor_, &status) == 0) {
    regular_ = S_ISREG(status.st_mode);
    size_ = static_cast<std::uint64_t>(std::max<::off_t>(status.st_size, 0));
    written_ = time_of_seconds(status.st_mtim.tv_sec);
  }
  if (regular_) static_cast<void>(::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL));
}

FileStream::~FileStream() {
  if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
}

Result<std::unique_ptr<FileStream>> FileStream::open(const std::string& path, ReadCounts counts) {
  const int descriptor =
      path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) {
    return failure(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kSystem,
                   fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  }
  return std::unique_ptr<FileStream>(new FileStream(path, descriptor, counts));
}

std::unique_ptr<FileStream> FileStream::adopt(std::string name, int descriptor, ReadCounts counts) {
  return std::unique_ptr<FileStream>(new FileStream(std::move(name), descriptor, counts));
}

Result<std::size_t> FileStream::read(char* out, std::size_t capacity) {
  while (true) {
    const ssize_t got = ::read(descriptor_, out, capacity);
    if (got >= 0) {
      const auto count = static_cast<std::size_t>(got);
      // A regular file gives all that was asked for, but at its end.
      at_end_ = count == 0 || (regular_ && count < capacity);
      counts_.total->fetch_add(count, std::memory_order_relaxed);
      counts_.expansion->add_stored(count);
      return count;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd wait{descriptor_, POLLIN, 0};
      static_cast<void>(::poll(&wait, 1, -1));
    } else if (errno != EINTR) {
      return failure(ErrorCode::kSystem,
                     fmt::format("cannot read {}: {}", path_, std::strerror(errno)));
    }
  }
}

bool FileStream::seek(std::uint64_t position) {
  if (!regular_ || ::lseek(descriptor_, static_cast<::off_t>(position), SEEK_SET) < 0) return false;
  at_end_ = false;
  return true;
}

std::optional<std::uint64_t> FileStream::size() const {
  return regular_ ? std::optional(size_) : std::nullopt;
}

bool FileStream::is_ready() {
  if (regular_ || at_end_) return true;
  pollfd look{descriptor_, POLLIN, 0};
  return ::poll(&look, 1, 0) != 0;
}

}  // namespace vedette::ingest
