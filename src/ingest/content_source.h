// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/limits.h"
#include "ingest/input_walk.h"

namespace vedette::ingest {

// Files and members of archives as whole texts: what scanners look at. Compressed streams and tar
// archives are gone through in memory; UTF-16 becomes UTF-8. One thread.
class ContentSource {
 public:
  struct Options {
    std::uint64_t content_bytes_max = std::uint64_t{64} << 20;  // longer ones are passed over
    Limits limits;
  };
  // A NUL in the first so many bytes makes a content binary.
  static constexpr std::size_t kBinaryHead = 8192;

  enum class Kind : std::uint8_t { kText, kBinary, kTooLarge, kFailed };
  struct Piece {
    std::string name;   // "a/b.txt", "a.tar.gz/b.txt", "-"
    std::string bytes;  // of kText only
    Kind kind = Kind::kText;
    std::optional<Diagnostic> problem;  // of kFailed; of kText when what follows could not be read
  };

  // `paths` as InputWalk takes them.
  ContentSource(const std::vector<std::string>& paths, Options options)
      : options_(options), walk_(paths, options_.limits) {}

  // False at the end of everything.
  bool next(Piece& piece);

  std::uint64_t bytes_total() const { return walk_.bytes_total(); }
  std::uint64_t bytes_read() const { return walk_.bytes_read(); }

 private:
  bool read_layers(InputWalk::Found& found, Piece& piece);
  void read_more(formats::archive::ByteStream& stream, std::size_t size, Piece& piece);
  void read_rest(formats::archive::ByteStream& stream, Piece& piece);
  static void fail(Piece& piece, const Error& error);

  Options options_;
  InputWalk walk_;
  bool ended_ = false;  // of the stream at hand
};

}  // namespace vedette::ingest
