// SPDX-License-Identifier: Apache-2.0
#include "ingest/content_source.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "ingest/utf16_stream.h"

namespace vedette::ingest {
namespace {

using formats::archive::ByteStream;
using formats::archive::Packing;
using formats::archive::PrefixedStream;

constexpr std::size_t kReadBytes = std::size_t{64} << 10;

}  // namespace

void ContentSource::fail(Piece& piece, const Error& error) {
  piece.problem = Diagnostic{DiagnosticKind::kError, {piece.name, 0, 0, 0}, error.message, ""};
}

// Reads until `piece` holds `size` bytes, or there are no more.
void ContentSource::read_more(ByteStream& stream, std::size_t size, Piece& piece) {
  while (!ended_ && piece.bytes.size() < size) {
    const std::size_t before = piece.bytes.size();
    piece.bytes.resize(before + std::max(size - before, kReadBytes));
    const Result<std::size_t> count =
        stream.read(piece.bytes.data() + before, piece.bytes.size() - before);
    piece.bytes.resize(before + count.value_or(0));
    if (!count) fail(piece, count.error());
    ended_ = !count || *count == 0;
  }
}

void ContentSource::read_rest(ByteStream& stream, Piece& piece) {
  const std::string_view head = std::string_view(piece.bytes).substr(0, kBinaryHead);
  if (head.find('\0') != std::string_view::npos) {
    piece.kind = Kind::kBinary;
    return;
  }
  while (!ended_) {
    if (piece.bytes.size() > options_.content_bytes_max) {
      piece.kind = Kind::kTooLarge;
      return;
    }
    read_more(stream, piece.bytes.size() + kReadBytes, piece);
  }
}

// Puts decompressors on top until plain bytes come out; false for an archive, whose members follow.
bool ContentSource::read_layers(InputWalk::Found& found, Piece& piece) {
  while (true) {
    ended_ = false;
    piece.bytes.clear();
    read_more(*found.stream, kBinaryHead, piece);
    const Packing packing = formats::archive::detect_packing(piece.bytes);
    if (packing == Packing::kNone) break;
    const Result<void> opened = walk_.open_packing(found, packing, piece.bytes);
    if (!opened) {
      fail(piece, opened.error());
      piece.kind = Kind::kFailed;
      return true;
    }
    if (packing == Packing::kTar) return false;
  }
  if (const std::optional<ByteOrder> order = utf16_order(piece.bytes)) {
    found.stream = std::make_unique<Utf16Stream>(
        std::make_unique<PrefixedStream>(std::move(piece.bytes), std::move(found.stream)), *order);
    piece.bytes.clear();
    ended_ = false;
    read_more(*found.stream, kBinaryHead, piece);
  }
  read_rest(*found.stream, piece);
  return true;
}

bool ContentSource::next(Piece& piece) {
  while (true) {
    std::optional<InputWalk::Found> found = walk_.next();
    if (!found) return false;
    piece.name = found->name;
    piece.bytes.clear();
    piece.kind = Kind::kText;
    piece.problem.reset();
    if (found->problem) {
      piece.problem = std::move(found->problem);
      piece.kind = Kind::kFailed;
      return true;
    }
    if (!read_layers(*found, piece)) {
      if (piece.problem) {
        piece.kind = Kind::kFailed;
        return true;
      }
      continue;
    }
    if (piece.kind != Kind::kText) piece.bytes.clear();
    return true;
  }
}

}  // namespace vedette::ingest
