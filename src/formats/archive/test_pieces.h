// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string_view>

#include "formats/archive/byte_stream.h"

namespace vedette::formats::archive {

// For tests: bytes of somebody else in pieces of at most `step` bytes, read only or lent too. It
// cannot seek, so that whoever uses it sees all bytes.
class PiecesStream final : public ByteStream {
 public:
  PiecesStream(std::string_view bytes, std::size_t step, bool lends)
      : bytes_(bytes), step_(step), lends_(lends) {}

  Result<std::size_t> read(char* out, std::size_t capacity) override {
    const std::size_t count = bytes_.copy(out, std::min(capacity, step_));
    bytes_.remove_prefix(count);
    return count;
  }
  std::string_view lend(std::size_t size_max) override {
    if (!lends_) return {};
    const std::string_view lent = bytes_.substr(0, std::min(size_max, step_));
    bytes_.remove_prefix(lent.size());
    return lent;
  }

 private:
  std::string_view bytes_;
  std::size_t step_;
  bool lends_;
};

}  // namespace vedette::formats::archive
