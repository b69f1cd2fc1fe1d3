// SPDX-License-Identifier: Apache-2.0
#include "ingest/store/store_folder.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace vedette::ingest {

Result<StoreFolder> StoreFolder::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    const int reason = errno;
    return failure(reason == ENOENT ? ErrorCode::kNotFound : ErrorCode::kSystem,
                   fmt::format("cannot open {}: {}", path, std::strerror(reason)));
  }
  return StoreFolder(path, descriptor);
}

StoreFolder::~StoreFolder() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

StoreFolder::StoreFolder(StoreFolder&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

Result<int> StoreFolder::open_file(std::string_view name) const {
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  const std::string text(name);
  const long opened = ::syscall(SYS_openat2, descriptor_, text.c_str(), &how, sizeof(how));
  if (opened < 0) {
    const int reason = errno;
    return failure(
        reason == ENOENT || reason == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kSystem,
        fmt::format("cannot open {} in {}: {}", name, path_, std::strerror(reason)));
  }
  struct stat status{};
  const int descriptor = static_cast<int>(opened);
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor);
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected a file {} in {}, found something else", name, path_));
  }
  return descriptor;
}

bool StoreFolder::has(std::string_view name) const {
  const Result<int> opened = open_file(name);
  if (opened) ::close(*opened);
  return opened.has_value();
}

Result<std::string> StoreFolder::read(std::string_view name, std::size_t bytes_max) const {
  TRY(const int descriptor, open_file(name));
  std::string out;
  char block[1 << 16];
  while (true) {
    const ssize_t got = ::read(descriptor, block, sizeof(block));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      const int reason = errno;
      ::close(descriptor);
      if (got == 0) return out;
      return failure(ErrorCode::kSystem,
                     fmt::format("cannot read {} in {}: {}", name, path_, std::strerror(reason)));
    }
    if (out.size() + static_cast<std::size_t>(got) > bytes_max) {
      ::close(descriptor);
      return failure(ErrorCode::kLimit,
                     fmt::format("{} in {} is larger than {} bytes", name, path_, bytes_max));
    }
    out.append(block, static_cast<std::size_t>(got));
  }
}

}  // namespace vedette::ingest
