// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "formats/archive/byte_stream.h"

// Compressed streams and archives, found by content and unpacked as streams: in memory, a block at
// a time, nothing on the disk. Layers are opened one by one: the caller looks at a stream's first
// bytes, asks detect_packing(), puts unpack() or a ArchiveReader on top and looks again.
namespace vedette::formats::archive {

enum class Packing : std::uint8_t {
  kNone,
  kGzip,   // RFC 1952, any number of members
  kZstd,   // RFC 8878, any number of frames
  kXz,     // any number of streams
  kBzip2,  // any number of streams
  kTar,    // POSIX ustar and pax, GNU, V7
  kZip,    // and what is one by another name: jar, wheel, apk, docx
  kSevenZip,
};

// How many bytes detect_packing() likes to see; fewer are judged as the whole stream.
constexpr std::size_t kPackingHead = 512;
Packing detect_packing(std::string_view head);

// Has members, rather than being one compressed stream.
constexpr bool is_archive(Packing packing) { return packing >= Packing::kTar; }

// What all layers of one stored file have read and made: keeps decompression bombs, nested ones
// too, from being unpacked. Outlives the layers.
class Expansion {
 public:
  explicit Expansion(const Limits& limits) : limits_(limits) {}
  const Limits& limits() const { return limits_; }

  // Whoever reads the stored file says so here.
  void add_stored(std::uint64_t count) { stored_ += count; }

  // A layer made `made` further bytes; so far it has taken `layer_taken` and made `layer_made` in
  // all. ErrorCode::kLimit when that is more than Limits::expansion_ratio_max allows, for the layer
  // or for the file, or than Limits::unpacked_bytes_max for the file.
  Result<void> add_made(std::uint64_t made, std::uint64_t layer_taken, std::uint64_t layer_made);

 private:
  const Limits& limits_;
  std::uint64_t stored_ = 0;
  std::uint64_t made_ = 0;
};

// The unpacked bytes of a compressed stream; not for kNone and archives. ErrorCode::kUnsupported
// when the library was built without it.
Result<std::unique_ptr<ByteStream>> unpack(Packing packing, std::unique_ptr<ByteStream> stored,
                                           Expansion& expansion);

// The files in an archive, in the order in which they are stored. Folders, links and devices are
// passed over. A member's name is only ever shown: control characters in it are escaped. A zip is
// read from front to back by the headers before its members, as its directory at the end may say
// something else, and need not be there.
class ArchiveReader {
 public:
  // `packing` is an archive's; one of kSevenZip has to be seekable.
  static Result<std::unique_ptr<ArchiveReader>> create(Packing packing,
                                                       std::unique_ptr<ByteStream> stored,
                                                       Expansion& expansion);
  virtual ~ArchiveReader() = default;

  // Goes to the next file and returns its name; nothing at the end. What is left of the file before
  // is passed over. After an Error nothing follows.
  virtual Result<std::optional<std::string>> next() = 0;

  // When the file that next() went to was last written to, 0 when unknown.
  virtual TimeNs written() const = 0;

  // The bytes of the file that next() went to, up to the next call of it. The reader outlives it.
  // ErrorCode::kUnsupported where they are encrypted, or packed in a way that nobody knows.
  virtual std::unique_ptr<ByteStream> content() = 0;
};

}  // namespace vedette::formats::archive
