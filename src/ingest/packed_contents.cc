// SPDX-License-Identifier: Apache-2.0
#include "ingest/packed_contents.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "ingest/utf16_stream.h"

namespace vedette::ingest {
namespace {

using formats::archive::ByteStream;
using formats::archive::Packing;
using formats::archive::PrefixedStream;

constexpr std::size_t kReadBytes = std::size_t{64} << 10;

SkipReason reason_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::kLimit:
      return SkipReason::kArchiveLimit;
    case ErrorCode::kUnsupported:
      return SkipReason::kSealed;
    case ErrorCode::kSystem:
    case ErrorCode::kNotFound:
      return SkipReason::kUnreadable;
    case ErrorCode::kInvalid:
    case ErrorCode::kTruncated:
      return SkipReason::kDamaged;
  }
  return SkipReason::kUnreadable;
}

void fail(ContentPiece& piece, const Error& error) {
  piece.skipped = reason_of(error);
  piece.message = error.message;
}

}  // namespace

bool is_binary(std::string_view head) {
  return std::memchr(head.data(), '\0', std::min(head.size(), kBinaryHead)) != nullptr;
}

PackedContents::PackedContents(std::uint64_t content_bytes_max, const Limits& limits,
                               ReadBuffer& buffer, std::atomic<std::uint64_t>& bytes_read)
    : content_bytes_max_(content_bytes_max), walk_(limits, bytes_read), buffer_(buffer) {}

void PackedContents::enter(std::string name, int descriptor) {
  walk_.enter(std::move(name), descriptor);
}

// Reads until the buffer holds `size` bytes, or there are no more.
void PackedContents::read_more(ByteStream& stream, std::size_t size, ContentPiece& piece) {
  while (!ended_ && buffer_.size() < size) {
    const std::size_t room = std::max(size - buffer_.size(), kReadBytes);
    const Result<std::size_t> count = stream.read(buffer_.room(room), room);
    if (count) buffer_.take(*count);
    if (!count) fail(piece, count.error());
    ended_ = !count || *count == 0;
  }
}

void PackedContents::read_rest(ByteStream& stream, ContentPiece& piece) {
  if (buffer_.size() != 0 && is_binary(buffer_.bytes())) {
    if (!piece.skipped) piece.skipped = SkipReason::kBinary;
    buffer_.clear();
    return;
  }
  while (true) {
    if (buffer_.size() > content_bytes_max_) {
      piece.skipped = SkipReason::kTooLarge;
      buffer_.clear();
      return;
    }
    if (ended_) return;
    read_more(stream, buffer_.size() + 1, piece);
  }
}

// Puts decompressors on top until plain bytes come out; false for an archive, whose members follow.
bool PackedContents::read_layers(InputWalk::Found& found, ContentPiece& piece) {
  while (true) {
    ended_ = false;
    buffer_.clear();
    read_more(*found.stream, kBinaryHead, piece);
    const Packing packing = formats::archive::detect_packing(buffer_.bytes());
    if (packing == Packing::kNone) break;
    const Result<void> opened = walk_.open_packing(found, packing, buffer_.bytes());
    if (!opened) {
      fail(piece, opened.error());
      buffer_.clear();
      return true;
    }
    if (formats::archive::is_archive(packing)) return false;
  }
  if (const std::optional<ByteOrder> order = utf16_order(buffer_.bytes())) {
    found.stream = std::make_unique<Utf16Stream>(
        std::make_unique<PrefixedStream>(std::string(buffer_.bytes()), std::move(found.stream)),
        *order);
    buffer_.clear();
    ended_ = false;
    read_more(*found.stream, kBinaryHead, piece);
  }
  read_rest(*found.stream, piece);
  return true;
}

bool PackedContents::next(ContentPiece& piece) {
  while (true) {
    buffer_.clear();
    std::optional<InputWalk::Found> found = walk_.next();
    if (!found) return false;
    name_ = std::move(found->name);
    piece = {};
    piece.name = name_;
    if (found->problem) {
      piece.skipped = reason_of({found->problem_code, ""});
      piece.message = found->problem->message;
      return true;
    }
    found->name = name_;
    // An archive that could not be read in full is told of even so.
    if (!read_layers(*found, piece) && !piece.skipped) continue;
    piece.bytes = buffer_.bytes();
    return true;
  }
}

}  // namespace vedette::ingest
