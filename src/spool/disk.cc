// SPDX-License-Identifier: Apache-2.0
#include "spool/disk.h"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <unistd.h>

namespace vedette::spool {

Result<std::size_t> Disk::write(int descriptor, std::string_view bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t written = ::write(descriptor, bytes.data() + done, bytes.size() - done);
    if (written < 0) {
      if (errno == EINTR) continue;
      if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) return done;
      return failure(ErrorCode::kSystem,
                     fmt::format("cannot write to the spool: {}", std::strerror(errno)));
    }
    done += static_cast<std::size_t>(written);
  }
  return done;
}

Result<void> Disk::sync(int descriptor) {
  if (::fdatasync(descriptor) == 0 || errno == EINVAL || errno == EROFS) return {};
  return failure(ErrorCode::kSystem,
                 fmt::format("cannot sync the spool: {}", std::strerror(errno)));
}

}  // namespace vedette::spool
