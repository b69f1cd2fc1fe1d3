// SPDX-License-Identifier: Apache-2.0
#include "base/mapped_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace vedette {

namespace {

// Memory of mapped files that this process holds; 0 where that is not told.
std::uint64_t resident_file_bytes() {
  const int descriptor = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return 0;
  char text[128];
  const ssize_t size = ::read(descriptor, text, sizeof text - 1);
  ::close(descriptor);
  if (size <= 0) return 0;
  text[size] = '\0';
  unsigned long pages = 0;
  if (std::sscanf(text, "%*u %*u %lu", &pages) != 1) return 0;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

// Fewer bytes where it became shorter meanwhile.
Result<Buffer> read_whole(int descriptor, std::size_t size, const std::string& path) {
  Buffer bytes;
  char* const target = bytes.reset(size);
  std::size_t have = 0;
  while (have < size) {
    const ssize_t count = ::read(descriptor, target + have, size - have);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return failure(ErrorCode::kSystem,
                     fmt::format("cannot read {}: {}", path, std::strerror(errno)));
    }
    if (count == 0) break;
    have += static_cast<std::size_t>(count);
  }
  bytes.reset(have);
  return bytes;
}

}  // namespace

// One bit for each window of the file.
struct MappedFile::Touched {
  explicit Touched(std::size_t windows) : words(windows / 64 + 1) {}
  std::vector<std::atomic<std::uint64_t>> words;
  std::atomic<std::uint64_t> count = 0;
  std::atomic<std::uint64_t> resident_before = 0;  // when all was given back the last time
};

MappedFile::MappedFile() = default;

MappedFile::MappedFile(const char* data, std::size_t size)
    : data_(data), size_(size), touched_(std::make_unique<Touched>(size / kWindowBytes)) {}

MappedFile::MappedFile(Buffer copy)
    : data_(copy.data()), size_(copy.size()), copy_(std::move(copy)) {}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      copy_(std::move(other.copy_)),
      touched_(std::move(other.touched_)),
      guard_(std::move(other.guard_)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(copy_, other.copy_);
  std::swap(touched_, other.touched_);
  std::swap(guard_, other.guard_);
  return *this;
}

MappedFile::~MappedFile() {
  guard_.reset();  // no fault behind here is one of this file
  if (touched_ != nullptr && size_ != 0) ::munmap(const_cast<char*>(data_), size_);
}

Result<MappedFile> MappedFile::open(const std::string& path, std::size_t copied_max, Cuts cuts) {
  // A pipe in a repository must not make us wait.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    return failure(errno == ENOENT || errno == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kSystem,
                   fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  }
  struct stat status{};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor);
    return failure(ErrorCode::kInvalid, fmt::format("expected a plain file: {}", path));
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size <= copied_max) {
    Result<Buffer> copy = read_whole(descriptor, size, path);
    ::close(descriptor);
    if (!copy) return std::unexpected(std::move(copy).error());
    return MappedFile(std::move(*copy));
  }
  void* data = nullptr;
  if (size != 0) data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  const int error = errno;
  ::close(descriptor);
  if (data == MAP_FAILED) {
    return failure(ErrorCode::kSystem,
                   fmt::format("cannot map {}: {}", path, std::strerror(error)));
  }
  MappedFile file(static_cast<const char*>(data), size);
  if (cuts == Cuts::kSurvived && size != 0) {
    file.guard_ = CutGuard::create({static_cast<const char*>(data), size});
    if (file.guard_ == nullptr) {
      return failure(ErrorCode::kLimit,
                     fmt::format("more than {} large files are read at once", CutGuard::kFilesMax));
    }
  }
  return file;
}

void MappedFile::touch(std::uint64_t offset, std::uint64_t size) const {
  // Offsets are what a file says, which may be damaged.
  if (offset >= size_ || touched_ == nullptr) return;
  const std::uint64_t last =
      (offset + std::clamp<std::uint64_t>(size, 1, size_ - offset) - 1) / kWindowBytes;
  for (std::uint64_t window = offset / kWindowBytes; window <= last; ++window) {
    std::atomic<std::uint64_t>& word = touched_->words[window / 64];
    const std::uint64_t bit = std::uint64_t{1} << (window % 64);
    if ((word.load(std::memory_order_relaxed) & bit) != 0) continue;
    word.fetch_or(bit, std::memory_order_relaxed);
    const std::uint64_t count = touched_->count.fetch_add(1, std::memory_order_relaxed) + 1;
    if (count % kWindowsPerLook != 0) continue;
    if (count >= kResidentMax / kWindowBytes ||
        resident_file_bytes() >
            touched_->resident_before.load(std::memory_order_relaxed) + kResidentMax) {
      release();
    }
  }
}

void MappedFile::release() const {
  if (touched_ == nullptr) return;
  for (std::atomic<std::uint64_t>& word : touched_->words) word.store(0, std::memory_order_relaxed);
  touched_->count.store(0, std::memory_order_relaxed);
  if (size_ != 0) ::madvise(const_cast<char*>(data_), size_, MADV_DONTNEED);
  touched_->resident_before.store(resident_file_bytes(), std::memory_order_relaxed);
}

void MappedFile::release_above(std::uint64_t resident_max) const {
  if (touched_ != nullptr && resident_file_bytes() > resident_max) release();
}

}  // namespace vedette
