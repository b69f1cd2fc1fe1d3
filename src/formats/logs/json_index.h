// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"

namespace vedette::formats::logs {

// Where the structure of JSON text is: the positions of every brace, bracket, colon and comma
// outside of strings, of every opening quote and of the first byte of every other scalar, in order.
// This is simdjson's first stage, a pass at several GB/s; it also proves the text to be valid UTF-8
// with no string left open. The only place that knows simdjson. Reused without allocation while
// texts do not grow. Not thread-safe.
class JsonIndex {
 public:
  JsonIndex();
  JsonIndex(JsonIndex&&) noexcept;
  JsonIndex& operator=(JsonIndex&&) noexcept;
  ~JsonIndex();

  // Any number of JSON texts behind one another, up to 4 GiB. ErrorCode::kInvalid when the text is
  // not UTF-8, a string is not closed, or a string holds a control character.
  Result<void> build(std::string_view text);
  // Of the last build(); valid until the next one.
  std::span<const std::uint32_t> positions() const { return positions_; }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::span<const std::uint32_t> positions_;
};

// Name and version of the library, for --version.
std::string_view json_library();

}  // namespace vedette::formats::logs
