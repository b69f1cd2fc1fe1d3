// SPDX-License-Identifier: Apache-2.0
#include "ingest/content_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/utf16_stream.h"

namespace vedette::ingest {
namespace {

// Files up to this size are read by one call, as most are.
constexpr std::size_t kAtOnceBytes = std::size_t{256} << 10;

void fail(ContentPiece& piece, int error, std::string_view what) {
  piece.skipped = error == ENOENT ? SkipReason::kVanished : SkipReason::kUnreadable;
  piece.message = fmt::format("cannot {}: {}", what, std::strerror(error));
}

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::optional<FileStamp> make_stamp(const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return FileStamp{status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
                   nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
}

}  // namespace

std::optional<FileStamp> ContentReader::stamp_of(const FileWalk::Chunk& chunk,
                                                 const FileWalk::Entry& entry) {
  const std::string_view path = chunk.path(entry);
  struct stat status{};
  const int failed =
      entry.folder != nullptr
          ? ::fstatat(entry.folder->descriptor(), path.data() + path.size() - entry.name_size,
                      &status, AT_SYMLINK_NOFOLLOW)
          : (path == "-" ? 1 : ::stat(path.data(), &status));
  if (failed != 0) return std::nullopt;
  return make_stamp(status);
}

void ContentReader::open(const FileWalk::Chunk& chunk, const FileWalk::Entry& entry,
                         ReadAs read_as) {
  path_ = chunk.path(entry);
  read_as_ = read_as;
  name_size_ = entry.name_size;
  folder_ = entry.folder;
  state_ = State::kOpen;
  stamp_.reset();
}

bool ContentReader::next(ContentPiece& piece) {
  if (state_ == State::kPacked && packed_.next(piece)) return true;
  if (state_ != State::kOpen) {
    state_ = State::kClosed;
    buffer_.clear();
    return false;
  }
  state_ = State::kClosed;
  buffer_.clear();
  piece.name = path_;
  piece.bytes = {};
  piece.skipped.reset();
  piece.message.clear();
  int descriptor = STDIN_FILENO;
  if (folder_ != nullptr) {
    // In a tree nothing waits: what has become a pipe since it was listed is seen and closed.
    descriptor = ::openat(folder_->descriptor(), path_.data() + path_.size() - name_size_,
                          O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
  } else if (path_ != "-") {
    descriptor = ::open(path_.data(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  }
  if (descriptor < 0) {
    fail(piece, errno, "open");
    return true;
  }
  if (read_file(descriptor, piece) == Step::kPacked) {
    packed_.enter(std::string(path_), descriptor);
    state_ = State::kPacked;
    return next(piece);
  }
  if (descriptor != STDIN_FILENO) ::close(descriptor);
  piece.bytes = buffer_.bytes();
  return true;
}

bool ContentReader::read_until(int descriptor, std::size_t size, ContentPiece& piece) {
  while (!at_end_ && buffer_.size() < size) {
    const std::size_t room = size - buffer_.size();
    const ssize_t got = ::read(descriptor, buffer_.room(room), room);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      fail(piece, errno, "read");
      return false;
    }
    buffer_.take(static_cast<std::size_t>(got));
    shared_.bytes_read.fetch_add(static_cast<std::size_t>(got), std::memory_order_relaxed);
    at_end_ = got == 0;
  }
  return true;
}

ContentReader::Step ContentReader::read_file(int descriptor, ContentPiece& piece) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) {
    fail(piece, errno, "look at");
    return Step::kDone;
  }
  stamp_ = make_stamp(status);
  if (!stamp_) {
    if (folder_ == nullptr) return Step::kPacked;
    piece.skipped = SkipReason::kSpecial;
    return Step::kDone;
  }
  at_end_ = false;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  // One byte more than there should be, so that a file that grows is noticed. Files of the kernel
  // say that they are empty.
  const bool at_once = size < kAtOnceBytes;
  const std::size_t first = at_once ? std::max<std::size_t>(size + 1, kBinaryHead) : kBinaryHead;
  const ssize_t got = ::read(descriptor, buffer_.room(first), first);
  if (got < 0) {
    fail(piece, errno, "read");
    return Step::kDone;
  }
  buffer_.take(static_cast<std::size_t>(got));
  const std::string_view head = buffer_.bytes();
  const bool as_text = read_as_ == ReadAs::kText;
  if (as_text && (formats::archive::detect_packing(head) != formats::archive::Packing::kNone ||
                  utf16_order(head))) {
    if (::lseek(descriptor, 0, SEEK_SET) == 0) return Step::kPacked;
  }
  shared_.bytes_read.fetch_add(head.size(), std::memory_order_relaxed);
  if (as_text && !head.empty() && is_binary(head)) {
    piece.skipped = SkipReason::kBinary;
  } else if (size > options_.content_bytes_max) {
    piece.skipped = SkipReason::kTooLarge;
  } else {
    at_end_ = got == 0 || (size != 0 && head.size() == size && head.size() < first);
    const auto bound = static_cast<std::size_t>(options_.content_bytes_max) + 1;
    // A file that grows, or whose size was not told, is read by steps up to the bound.
    std::size_t wanted = std::min(bound, static_cast<std::size_t>(size) + 1);
    while (read_until(descriptor, wanted, piece) && !at_end_ && buffer_.size() < bound)
      wanted = std::min(bound, buffer_.size() * 2);
    if (buffer_.size() < bound) return Step::kDone;
    piece.skipped = SkipReason::kTooLarge;
  }
  buffer_.clear();
  return Step::kDone;
}

}  // namespace vedette::ingest
