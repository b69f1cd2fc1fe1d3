// SPDX-License-Identifier: Apache-2.0
#include "engine/live/capture_writer.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include "formats/kernel/capture.h"

namespace vedette::engine {

Result<CaptureWriter> CaptureWriter::create(const std::string& path) {
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) {
    return failure(ErrorCode::kSystem,
                   "expected to write the capture " + path + ": " + std::strerror(errno));
  }
  CaptureWriter writer(path, descriptor);
  TRY_VOID(writer.write(formats::kernel::capture_header()));
  return writer;
}

CaptureWriter::CaptureWriter(CaptureWriter&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

CaptureWriter& CaptureWriter::operator=(CaptureWriter&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

CaptureWriter::~CaptureWriter() { close(); }

void CaptureWriter::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

Result<void> CaptureWriter::write(std::string_view records) {
  while (!records.empty()) {
    const ssize_t written = ::write(descriptor_, records.data(), records.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      return failure(ErrorCode::kSystem,
                     "expected to write the capture " + path_ + ": " + std::strerror(errno));
    }
    records.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> CaptureWriter::finish() {
  const int descriptor = std::exchange(descriptor_, -1);
  if (::close(descriptor) != 0) {
    return failure(ErrorCode::kSystem,
                   "expected to write the capture " + path_ + ": " + std::strerror(errno));
  }
  return {};
}

}  // namespace vedette::engine
