// SPDX-License-Identifier: Apache-2.0
#include "formats/archive/zstd.h"

#include <algorithm>
#include <fmt/format.h>
#include <zstd.h>

#include "formats/archive/decompressor.h"

namespace vedette::formats::archive {
namespace {

// What `zstd --long` makes without a number; also the most that zstd unpacks unasked.
constexpr int kWindowLogMax = 27;

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

class ZstdStream final : public Decompressor {
 public:
  ZstdStream(std::unique_ptr<ByteStream> stored, Expansion& expansion)
      : Decompressor(std::move(stored), expansion) {}

  bool start() {
    context_.reset(ZSTD_createDCtx());
    return context_ != nullptr && !ZSTD_isError(ZSTD_DCtx_setParameter(
                                      context_.get(), ZSTD_d_windowLogMax, kWindowLogMax));
  }

 private:
  // On an error zstd does not say how much it wrote. So it is never given the bytes of a block
  // together with the header of the next (kBlockHeader), which might be the damage.
  Step step(char* out, std::size_t capacity) override {
    constexpr std::size_t kBlockHeader = 3;
    Step result;
    while (result.made == 0 && !result.ended && !result.error) {
      if (!full_ && !more()) {
        if (!in_frame_) {
          result.ended = true;
        } else {
          result.error = why_ended("zstd");
        }
        break;
      }
      const std::string_view input = rest();
      const std::size_t wanted = wanted_ > kBlockHeader ? wanted_ - kBlockHeader : wanted_;
      ZSTD_inBuffer in{};
      in.src = input.data();
      in.size = std::min(input.size(), std::max<std::size_t>(wanted, 1));
      ZSTD_outBuffer to{out, capacity, 0};
      const std::size_t code = ZSTD_decompressStream(context_.get(), &to, &in);
      take(in.pos);
      if (ZSTD_isError(code)) {
        result.error = Error{
            ErrorCode::kInvalid,
            fmt::format("the zstd data is damaged or needs more than {} MiB for its window: {}",
                        (1 << kWindowLogMax) >> 20, ZSTD_getErrorName(code))};
      }
      result.made = to.pos;
      full_ = to.pos == to.size;
      in_frame_ = code != 0;
      wanted_ = in_frame_ ? code : kFirst;
    }
    return result;
  }

  // Enough for any frame's header to say what it wants.
  static constexpr std::size_t kFirst = 5;

  std::unique_ptr<ZSTD_DCtx, FreeContext> context_;
  std::size_t wanted_ = kFirst;
  bool in_frame_ = false;
  bool full_ = false;  // more output may wait inside the context
};

}  // namespace

Result<std::unique_ptr<ByteStream>> open_zstd(std::unique_ptr<ByteStream> stored,
                                              Expansion& expansion) {
  auto stream = std::make_unique<ZstdStream>(std::move(stored), expansion);
  if (!stream->start()) return failure(ErrorCode::kSystem, "zstd cannot start: out of memory");
  return stream;
}

}  // namespace vedette::formats::archive
