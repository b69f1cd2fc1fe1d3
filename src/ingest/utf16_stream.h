// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "formats/archive/byte_stream.h"

namespace vedette::ingest {

enum class ByteOrder : std::uint8_t { kLittle, kBig };

// The byte order that a UTF-16 byte order mark at the front tells; nothing without one.
std::optional<ByteOrder> utf16_order(std::string_view head);

// UTF-16 text as UTF-8, without its byte order mark. Lone surrogates become U+FFFD, an odd last
// byte is dropped.
class Utf16Stream final : public formats::archive::ByteStream {
 public:
  Utf16Stream(std::unique_ptr<ByteStream> stored, ByteOrder order);

  // Needs a capacity of at least kCapacityMin.
  Result<std::size_t> read(char* out, std::size_t capacity) override;
  bool is_ready() override { return stored_->is_ready(); }

  static constexpr std::size_t kCapacityMin = 64;

 private:
  std::unique_ptr<ByteStream> stored_;
  ByteOrder order_;
  std::string input_;  // bytes not converted yet: half a unit or half a pair, between calls
  bool at_start_ = true;
};

}  // namespace vedette::ingest
