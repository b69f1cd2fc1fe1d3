// SPDX-License-Identifier: Apache-2.0
#include "output/writer.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace vedette::output {
namespace {

// A pipe that someone made non-blocking must not lose the rest of a report.
bool wait_until_writable(int descriptor) {
  pollfd entry{descriptor, POLLOUT, 0};
  return ::poll(&entry, 1, -1) >= 0 || errno == EINTR;
}

Result<void> write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN && wait_until_writable(descriptor)) {
      continue;
    } else if (errno != EINTR) {
      return failure(ErrorCode::kSystem,
                     std::string("cannot write the output: ") + std::strerror(errno));
    }
  }
  return {};
}

}  // namespace

Writer Writer::to_descriptor(int descriptor) {
  Writer writer;
  writer.descriptor_ = descriptor;
  if (::isatty(descriptor) == 1) writer.flush_bytes_ = 1;
  return writer;
}

Result<Writer> Writer::to_file(const std::string& path) {
  // A device or a pipe is written to, never replaced: as root that would take /dev/null away.
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) {
      return failure(ErrorCode::kSystem,
                     fmt::format("cannot write {}: {}", path, std::strerror(errno)));
    }
    return to_descriptor(descriptor);
  }
  TRY(AtomicFile file, AtomicFile::create(path));
  Writer writer;
  writer.file_.emplace(std::move(file));
  return writer;
}

Writer Writer::to_string(std::string& target) {
  Writer writer;
  writer.target_ = &target;
  return writer;
}

Result<void> Writer::flush() {
  if (buffer_.empty()) return {};
  if (target_ != nullptr) {
    *target_ += buffer_;
  } else if (file_.has_value()) {
    TRY_VOID(file_->write(buffer_));
  } else {
    TRY_VOID(write_all(descriptor_, buffer_));
  }
  flushed_ += buffer_.size();
  buffer_.clear();
  return {};
}

Result<void> Writer::finish() {
  TRY_VOID(flush());
  if (!file_.has_value()) return {};
  return file_->commit();
}

}  // namespace vedette::output
