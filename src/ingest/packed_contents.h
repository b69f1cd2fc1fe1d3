// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "ingest/input_walk.h"
#include "ingest/read_buffer.h"
#include "ingest/skip_tally.h"

namespace vedette::ingest {

// A file's bytes, or those of a member of an archive, or why there are none.
struct ContentPiece {
  std::string_view name;              // "a/b.txt", "a.tar.gz/b.txt", "-"
  std::string_view bytes;             // text; views end with the next piece
  std::optional<SkipReason> skipped;  // of all, or where there are bytes of what follows them
  std::string message;                // why
};

// A NUL in the first so many bytes makes a content binary.
constexpr std::size_t kBinaryHead = 8192;
bool is_binary(std::string_view head);

// What one stored stream holds: compressed streams and archives are gone through in memory, UTF-16
// becomes UTF-8. One thread.
class PackedContents {
 public:
  // `buffer`, which pieces are read into, and `bytes_read` outlive this.
  PackedContents(std::uint64_t content_bytes_max, const Limits& limits, ReadBuffer& buffer,
                 std::atomic<std::uint64_t>& bytes_read);

  // Takes over the descriptor, which is at the stream's beginning.
  void enter(std::string name, int descriptor);
  // False when there are no more.
  bool next(ContentPiece& piece);

 private:
  bool read_layers(InputWalk::Found& found, ContentPiece& piece);
  void read_more(formats::archive::ByteStream& stream, std::size_t size, ContentPiece& piece);
  void read_rest(formats::archive::ByteStream& stream, ContentPiece& piece);

  const std::uint64_t content_bytes_max_;
  InputWalk walk_;
  ReadBuffer& buffer_;
  std::string name_;
  bool ended_ = false;  // of the stream at hand
};

}  // namespace vedette::ingest
