// SPDX-License-Identifier: Apache-2.0
#include "formats/archive/gzip.h"

#include <algorithm>
#include <climits>
#include <fmt/format.h>
#include <libdeflate.h>
#include <memory>
#include <optional>
#include <zlib.h>

#include "formats/archive/decompressor.h"

namespace vedette::formats::archive {
namespace {

constexpr int kGzipOnly = 16 + MAX_WBITS;

class GzipStream final : public Decompressor {
 public:
  GzipStream(std::unique_ptr<ByteStream> stored, Expansion& expansion)
      : Decompressor(std::move(stored), expansion) {}
  ~GzipStream() override { inflateEnd(&zlib_); }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  bool start() { return inflateInit2(&zlib_, kGzipOnly) == Z_OK; }

 private:
  Step step(char* out, std::size_t capacity) override {
    const auto room = static_cast<uInt>(std::min<std::size_t>(capacity, UINT_MAX));
    zlib_.next_out = reinterpret_cast<Bytef*>(out);
    zlib_.avail_out = room;
    Step result;
    while (zlib_.avail_out == room && !result.ended && !result.error) {
      if (between_members_ && !begin_member(result)) break;
      if (!more()) {
        result.error = why_ended("gzip");
      } else {
        inflate_some(result);
      }
    }
    result.made = room - zlib_.avail_out;
    return result;
  }

  void inflate_some(Step& result) {
    const std::string_view input = rest();
    // zlib does not write through next_in; its type lacks the const.
    zlib_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    zlib_.avail_in = static_cast<uInt>(input.size());
    const int code = inflate(&zlib_, Z_NO_FLUSH);
    take(input.size() - zlib_.avail_in);
    if (code == Z_STREAM_END) {
      between_members_ = true;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      result.error = Error{ErrorCode::kInvalid,
                           fmt::format("the gzip data is damaged: {}",
                                       zlib_.msg != nullptr ? zlib_.msg : "cannot be unpacked")};
    }
  }

  // Another member, or zeros that pad the end (RFC 1952 knows none, but tapes and block devices
  // do).
  bool begin_member(Step& result) {
    while (more() && rest().front() == '\0') {
      take(std::min(rest().find_first_not_of('\0'), rest().size()));
    }
    if (!more()) {
      result.ended = true;
      return false;
    }
    if (rest().front() != '\x1F') {
      result.error =
          Error{ErrorCode::kInvalid,
                "expected the end of the gzip data or another member, found other bytes"};
      return false;
    }
    between_members_ = false;
    inflateReset(&zlib_);
    return true;
  }

  z_stream zlib_{};
  bool between_members_ = false;
};

}  // namespace

Result<std::unique_ptr<ByteStream>> open_gzip(std::unique_ptr<ByteStream> stored,
                                              Expansion& expansion) {
  auto stream = std::make_unique<GzipStream>(std::move(stored), expansion);
  if (!stream->start()) return failure(ErrorCode::kSystem, "zlib cannot start: out of memory");
  return stream;
}

namespace {

enum class Checksums : std::uint8_t { kVerified, kPassedOver };

// Up to a step more than `bytes_max`; whether the data came to its end.
Result<bool> inflate_up_to(std::string_view packed, int window, std::size_t bytes_max,
                           std::string& made, Checksums checksums = Checksums::kVerified) {
  constexpr std::size_t kStep = std::size_t{64} << 10;
  z_stream zlib{};
  if (packed.size() > UINT_MAX || inflateInit2(&zlib, window) != Z_OK)
    return failure(ErrorCode::kSystem, "zlib cannot start");
  if (checksums == Checksums::kPassedOver) inflateValidate(&zlib, 0);
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  zlib.avail_in = static_cast<uInt>(packed.size());
  int code = Z_OK;
  while (code == Z_OK && made.size() <= bytes_max) {
    const std::size_t at = made.size();
    made.resize(at + kStep);
    zlib.next_out = reinterpret_cast<Bytef*>(made.data() + at);
    zlib.avail_out = static_cast<uInt>(kStep);
    code = inflate(&zlib, Z_NO_FLUSH);
    made.resize(at + kStep - zlib.avail_out);
  }
  inflateEnd(&zlib);
  return code == Z_STREAM_END;
}

Result<std::string> inflate_whole(std::string_view packed, int window, std::size_t bytes_max) {
  std::string made;
  TRY(const bool ended, inflate_up_to(packed, window, bytes_max, made));
  if (made.size() > bytes_max)
    return failure(ErrorCode::kLimit, fmt::format("unpacks to more than {} bytes", bytes_max));
  if (!ended) return failure(ErrorCode::kInvalid, "the packed data is damaged or ends too early");
  return made;
}

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* one) const { libdeflate_free_decompressor(one); }
};

// Nothing where the packed bytes do not make that many. No deflate makes more than 1,032 of one.
std::optional<std::string> inflate_exactly(std::string_view packed, std::uint64_t size) {
  if (size == 0 || size / 1032 > packed.size()) return std::nullopt;
  thread_local std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor(
      libdeflate_alloc_decompressor());
  if (decompressor == nullptr) return std::nullopt;
  std::string made(size, '\0');
  if (libdeflate_deflate_decompress(decompressor.get(), packed.data(), packed.size(), made.data(),
                                    made.size(), nullptr) != LIBDEFLATE_SUCCESS) {
    return std::nullopt;
  }
  return made;
}

}  // namespace

Result<std::string> unpack_zlib(std::string_view packed, std::size_t bytes_max) {
  return inflate_whole(packed, MAX_WBITS, bytes_max);
}

Result<std::string> unpack_deflate(std::string_view packed, std::size_t bytes_max,
                                   std::uint64_t stated_size) {
  if (stated_size <= bytes_max) {
    if (std::optional<std::string> made = inflate_exactly(packed, stated_size))
      return std::move(*made);
  }
  return inflate_whole(packed, -MAX_WBITS, bytes_max);
}

namespace {

std::string prefix_of(std::string_view packed, int window, std::size_t bytes_max) {
  std::string made;
  // What came before damage stands.
  static_cast<void>(inflate_up_to(packed, window, bytes_max, made, Checksums::kPassedOver));
  if (made.size() > bytes_max) made.resize(bytes_max);
  return made;
}

}  // namespace

std::string inflate_prefix(std::string_view packed, std::size_t bytes_max) {
  return prefix_of(packed, -MAX_WBITS, bytes_max);
}

std::string ungzip_prefix(std::string_view packed, std::size_t bytes_max) {
  return prefix_of(packed, kGzipOnly, bytes_max);
}

}  // namespace vedette::formats::archive
