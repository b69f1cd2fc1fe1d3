// SPDX-License-Identifier: Apache-2.0
#include "formats/archive/xz.h"

#include <fmt/format.h>
#include <lzma.h>
#include <string_view>

#include "formats/archive/decompressor.h"

namespace vedette::formats::archive {
namespace {

constexpr std::uint64_t kMemoryMax = std::uint64_t{128} << 20;

Error error_of(lzma_ret code) {
  switch (code) {
    case LZMA_MEMLIMIT_ERROR:
      return {ErrorCode::kLimit,
              fmt::format("the xz data needs more than {} MiB of memory", kMemoryMax >> 20)};
    case LZMA_MEM_ERROR:
      return {ErrorCode::kSystem, "out of memory for the xz data"};
    case LZMA_OPTIONS_ERROR:
      return {ErrorCode::kUnsupported, "the xz data uses options that this liblzma does not know"};
    default:
      return {ErrorCode::kInvalid, "the xz data is damaged"};
  }
}

class XzStream final : public Decompressor {
 public:
  XzStream(std::unique_ptr<ByteStream> stored, Expansion& expansion)
      : Decompressor(std::move(stored), expansion) {}
  ~XzStream() override { lzma_end(&lzma_); }
  XzStream(const XzStream&) = delete;
  XzStream& operator=(const XzStream&) = delete;

  bool start() { return lzma_stream_decoder(&lzma_, kMemoryMax, LZMA_CONCATENATED) == LZMA_OK; }

 private:
  Step step(char* out, std::size_t capacity) override {
    lzma_.next_out = reinterpret_cast<std::uint8_t*>(out);
    lzma_.avail_out = capacity;
    Step result;
    while (lzma_.avail_out == capacity && !result.ended && !result.error) {
      const bool at_end = !more();
      const std::string_view input = rest();
      lzma_.next_in = reinterpret_cast<const std::uint8_t*>(input.data());
      lzma_.avail_in = input.size();
      const lzma_ret code = lzma_code(&lzma_, at_end ? LZMA_FINISH : LZMA_RUN);
      take(input.size() - lzma_.avail_in);
      if (code == LZMA_STREAM_END) {
        result.ended = true;
      } else if (code == LZMA_BUF_ERROR && at_end) {
        // Nothing moves any more: the stream is cut.
        result.error = why_ended("xz");
      } else if (code != LZMA_OK) {
        result.error = error_of(code);
      }
    }
    result.made = capacity - lzma_.avail_out;
    return result;
  }

  lzma_stream lzma_ = LZMA_STREAM_INIT;
};

}  // namespace

Result<std::unique_ptr<ByteStream>> open_xz(std::unique_ptr<ByteStream> stored,
                                            Expansion& expansion) {
  auto stream = std::make_unique<XzStream>(std::move(stored), expansion);
  if (!stream->start()) return failure(ErrorCode::kSystem, "liblzma cannot start: out of memory");
  return stream;
}

}  // namespace vedette::formats::archive
