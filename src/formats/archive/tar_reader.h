// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"
#include "base/time.h"
#include "formats/archive/byte_stream.h"

namespace vedette::formats::archive {

enum class TarType : std::uint8_t { kFile, kFolder, kHardLink, kSymbolicLink, kOther };

struct TarEntry {
  std::string_view name;  // as stored
  std::string_view link;  // of links: where to
  TarType type = TarType::kFile;
  std::uint64_t size = 0;  // of the bytes that follow
  // Bytes of files with holes (GNU's sparse format) are not what the file would hold.
  bool is_sparse = false;
  TimeNs written = 0;  // 0: unknown
};

// A tar: ustar, pax and GNU's long names. Other than ArchiveReader it tells of links and folders,
// which say what a layer of an image hides; it is quick with layers of millions of small files. One
// thread, memory does not depend on the archive.
//
//   while (true) {
//     TRY(const TarEntry* entry, reader.next());
//     if (entry == nullptr) break;
//     ... reader.read(out, capacity) ...
//   }
class TarReader {
 public:
  static constexpr std::size_t kNameBytesMax = std::size_t{64} << 10;
  static constexpr std::size_t kPaxBytesMax = std::size_t{1} << 20;

  // `stored` outlives this.
  explicit TarReader(ByteStream& stored);

  // The next entry, which stays until the next call; null at the end. What was not read of the one
  // before is passed over, by seeking where the stream can. After an Error nothing follows.
  Result<const TarEntry*> next();
  // Of the entry's bytes; 0 at their end. ErrorCode::kTruncated where the archive ends before;
  // next() then gives the same error.
  Result<std::size_t> read(char* out, std::size_t capacity);
  // The next bytes of the entry, at most kPeekMax, which stay to be read; until the next call.
  // Fewer than `size` where the entry or the archive ends.
  Result<std::string_view> peek(std::size_t size);
  static constexpr std::size_t kPeekMax = std::size_t{256} << 10;
  // All that is left of the entry, passed over and in one piece, where the stream keeps its bytes
  // or they are at most kPeekMax; until the next call. Nothing: read() gives them.
  Result<std::optional<std::string_view>> take();
  // Adds all that read() and take() give from now on to `sum`, which outlives this or is null
  // again.
  void sum_into(Sha1Stream* sum) { sum_ = sum; }
  // Where the entry's bytes begin in the stream.
  std::uint64_t position() const { return position_; }
  // Reads what follows the archive's end, so that a digest over the stream is whole.
  Result<void> drain();

 private:
  struct Header;
  // What pax and GNU put before an entry.
  struct Overrides {
    std::optional<std::string> name;
    std::optional<std::string> link;
    std::optional<std::uint64_t> size;
    std::optional<std::uint64_t> seconds;
    bool is_sparse = false;
  };

  Result<std::size_t> read_stored(char* out, std::size_t capacity);
  Result<bool> fill(std::size_t count);
  Result<void> skip(std::uint64_t count);
  Result<bool> read_header(Header& header);
  Result<std::string> read_text(std::uint64_t size, std::size_t size_max);
  Result<void> take_pax(std::string_view records);
  Result<bool> take_extension(const Header& header);
  void make_entry(const Header& header);

  ByteStream& stored_;
  std::unique_ptr<char[]> block_;
  std::string_view ahead_;      // what is unread: in block_, or lent by the stream
  std::uint64_t position_ = 0;  // in the stream, of ahead_
  std::uint64_t left_ = 0;      // of the entry's bytes
  std::uint64_t padding_ = 0;   // behind them
  bool ended_ = false;
  Sha1Stream* sum_ = nullptr;
  std::optional<Error> error_;  // of the stream
  Overrides overrides_;
  std::string name_;
  std::string link_;
  TarEntry entry_;
};

}  // namespace vedette::formats::archive
