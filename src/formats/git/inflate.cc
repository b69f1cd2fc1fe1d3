// SPDX-License-Identifier: Apache-2.0
#include "formats/git/inflate.h"

#include <algorithm>
#include <libdeflate.h>
#include <limits>
#include <memory>
#include <zlib.h>

namespace vedette::formats::git {

void Inflater::Free::operator()(libdeflate_decompressor* decompressor) const {
  libdeflate_free_decompressor(decompressor);
}

Result<Inflater> Inflater::create() {
  libdeflate_decompressor* const decompressor = libdeflate_alloc_decompressor();
  if (decompressor == nullptr)
    return failure(ErrorCode::kSystem, "cannot unpack objects: out of memory");
  return Inflater(decompressor);
}

Result<void> Inflater::inflate(std::string_view packed, std::span<char> out) {
  char nothing = 0;  // libdeflate wants a place even for no bytes
  std::size_t read = 0;
  const libdeflate_result result = libdeflate_zlib_decompress_ex(
      decompressor_.get(), packed.data(), packed.size(), out.empty() ? &nothing : out.data(),
      out.size(), &read, nullptr);
  if (result == LIBDEFLATE_SUCCESS) return {};
  return failure(ErrorCode::kInvalid, result == LIBDEFLATE_BAD_DATA
                                          ? "its zlib data is damaged"
                                          : "its zlib data has another size than its header says");
}

Result<std::size_t> inflate_begin(std::string_view packed, std::span<char> out) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK)
    return failure(ErrorCode::kSystem, "cannot unpack an object: out of memory");
  constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
  // zlib reads through a pointer that is not const, and writes nothing there.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(std::min(packed.size(), kMost));
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(std::min(out.size(), kMost));
  const int code = ::inflate(&stream, Z_SYNC_FLUSH);
  inflateEnd(&stream);
  const std::size_t made = stream.total_out;
  if (made == 0 && code != Z_STREAM_END)
    return failure(ErrorCode::kInvalid, "its zlib data is damaged");
  return made;
}

Result<void> inflate_pieces(const std::function<Result<std::string_view>(std::uint64_t)>& more,
                            std::span<char> out) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK)
    return failure(ErrorCode::kSystem, "cannot unpack an object: out of memory");
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> end(&stream, &inflateEnd);
  constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
  char nothing = 0;
  std::size_t made = 0;
  std::uint64_t done = 0;
  for (;;) {
    TRY(const std::string_view piece, more(done));
    // zlib reads through a pointer that is not const, and writes nothing there.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    const auto given = static_cast<uInt>(std::min(piece.size(), kMost));
    const auto room = static_cast<uInt>(std::min(out.size() - made, kMost));
    stream.avail_in = given;
    stream.next_out = reinterpret_cast<Bytef*>(out.empty() ? &nothing : out.data() + made);
    stream.avail_out = room;
    const int code = ::inflate(&stream, Z_NO_FLUSH);
    made += room - stream.avail_out;
    done += given - stream.avail_in;
    if (code == Z_STREAM_END && made == out.size()) return {};
    const bool is_stuck = stream.avail_in == given && stream.avail_out == room;
    if (code == Z_STREAM_END || (is_stuck && code == Z_BUF_ERROR)) {
      return failure(ErrorCode::kInvalid, "its zlib data has another size than its header says");
    }
    if (is_stuck || (code != Z_OK && code != Z_BUF_ERROR))
      return failure(ErrorCode::kInvalid, "its zlib data is damaged");
  }
}

}  // namespace vedette::formats::git
