// SPDX-License-Identifier: Apache-2.0
#include "ingest/memory_contents.h"

#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include "formats/archive/archive.h"
#include "ingest/utf16_stream.h"

namespace vedette::ingest {

MemoryContents::MemoryContents(std::uint64_t content_bytes_max, const Limits& limits)
    : content_bytes_max_(content_bytes_max),
      buffer_(large_),
      packed_(content_bytes_max, limits, buffer_, bytes_read_) {}

void MemoryContents::open(std::string_view name, std::string_view bytes) {
  name_ = name;
  bytes_ = bytes;
  state_ = State::kPlain;
  const std::string_view head = bytes.substr(0, kBinaryHead);
  const bool is_packed =
      formats::archive::detect_packing(head) != formats::archive::Packing::kNone ||
      utf16_order(head);
  if (is_packed && enter_packed()) state_ = State::kPacked;
}

// What unpacks reads from descriptors; this one is memory too.
bool MemoryContents::enter_packed() {
  const int descriptor = ::memfd_create("content", MFD_CLOEXEC);
  if (descriptor < 0) return false;
  for (std::string_view rest = bytes_; !rest.empty();) {
    const ssize_t written = ::write(descriptor, rest.data(), rest.size());
    if (written <= 0) {
      ::close(descriptor);
      return false;
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  ::lseek(descriptor, 0, SEEK_SET);
  packed_.enter(std::string(name_), descriptor);
  return true;
}

bool MemoryContents::next(ContentPiece& piece) {
  if (state_ == State::kPacked) return packed_.next(piece);
  if (state_ == State::kClosed) return false;
  state_ = State::kClosed;
  piece = {};
  piece.name = name_;
  if (bytes_.size() > content_bytes_max_) {
    piece.skipped = SkipReason::kTooLarge;
  } else if (is_binary(bytes_.substr(0, kBinaryHead))) {
    piece.skipped = SkipReason::kBinary;
  } else {
    piece.bytes = bytes_;
  }
  return true;
}

}  // namespace vedette::ingest
