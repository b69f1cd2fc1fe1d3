// SPDX-License-Identifier: Apache-2.0
#include "formats/archive/decompressor.h"

#include <fmt/format.h>

namespace vedette::formats::archive {

Result<std::size_t> Decompressor::read(char* out, std::size_t capacity) {
  if (error_) return std::unexpected(*error_);
  if (ended_) return 0;
  Step result = step(out, capacity);
  ended_ = result.ended;
  error_ = std::move(result.error);
  made_ += result.made;
  Result<void> allowed = expansion_.add_made(result.made, taken_, made_);
  if (!allowed) error_ = std::move(allowed).error();
  if (result.made == 0 && error_) return std::unexpected(*error_);
  return result.made;
}

bool Decompressor::more() {
  if (begin_ < end_) return true;
  if (input_error_) return false;
  Result<std::size_t> got = stored_->read(input_.get(), kInputBytes);
  if (!got) {
    input_error_ = std::move(got).error();
    return false;
  }
  begin_ = 0;
  end_ = *got;
  return end_ > 0;
}

Error Decompressor::why_ended(std::string_view format) {
  if (input_error_) return *input_error_;
  return {ErrorCode::kTruncated,
          fmt::format("the {} data ends too early, after {} bytes", format, taken_)};
}

}  // namespace vedette::formats::archive
