// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

#include "base/limits.h"
#include "ingest/file_walk.h"
#include "ingest/packed_contents.h"
#include "ingest/read_buffer.h"

namespace vedette::ingest {

// What tells that a file is still the one it was, as far as its file system can tell.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified = 0;  // nanoseconds since 1970
  std::int64_t changed = 0;   // the same of whatever there is to a file
};

// Reads what a walk handed out: files as whole texts, and the members of those that turn out to be
// archives. Four system calls a plain file, no allocation in a steady state. One object a thread.
//
//   reader.open(chunk, entry);
//   while (reader.next(piece)) ...
class ContentReader {
 public:
  struct Options {
    std::uint64_t content_bytes_max = std::uint64_t{64} << 20;  // longer ones are passed over
    Limits limits;
  };
  enum class ReadAs : std::uint8_t {
    kText,    // archives are entered, what is binary is passed over
    kStored,  // any bytes, as they are
  };
  // What the readers of all threads share.
  struct Shared {
    std::atomic<std::uint64_t> bytes_read = 0;  // stored ones
    std::mutex large;                           // see ReadBuffer
  };

  // `shared` outlives this.
  ContentReader(const Options& options, Shared& shared)
      : options_(options),
        shared_(shared),
        buffer_(shared.large),
        packed_(options_.content_bytes_max, options_.limits, buffer_, shared.bytes_read) {}
  ContentReader(const ContentReader&) = delete;
  ContentReader& operator=(const ContentReader&) = delete;

  // Without opening it; nothing where there is no regular file.
  static std::optional<FileStamp> stamp_of(const FileWalk::Chunk& chunk,
                                           const FileWalk::Entry& entry);

  // `chunk` outlives the pieces.
  void open(const FileWalk::Chunk& chunk, const FileWalk::Entry& entry,
            ReadAs read_as = ReadAs::kText);
  // False when there are no more. Views in `piece` end with the next call.
  bool next(ContentPiece& piece);
  // Of the file at hand when reading of it began; nothing where there is no regular file.
  const std::optional<FileStamp>& stamp() const { return stamp_; }
  // Whether the piece at hand is the file as it is stored.
  bool is_whole_file() const { return state_ == State::kClosed && stamp_.has_value(); }

 private:
  enum class State : std::uint8_t { kClosed, kOpen, kPacked };
  enum class Step : std::uint8_t { kDone, kPacked };

  Step read_file(int descriptor, ContentPiece& piece);
  // Up to `size` bytes in all; false on an error.
  bool read_until(int descriptor, std::size_t size, ContentPiece& piece);

  const Options options_;
  Shared& shared_;
  ReadBuffer buffer_;
  PackedContents packed_;
  State state_ = State::kClosed;
  ReadAs read_as_ = ReadAs::kText;
  std::string_view path_;  // of the chunk
  std::size_t name_size_ = 0;
  std::shared_ptr<const OpenFolder> folder_;
  std::optional<FileStamp> stamp_;
  bool at_end_ = false;  // of the file at hand
};

}  // namespace vedette::ingest
