// SPDX-License-Identifier: Apache-2.0
#include "ingest/utf16_stream.h"

#include <algorithm>

#include "base/unicode.h"

namespace vedette::ingest {
namespace {

constexpr std::size_t kInputMax = std::size_t{64} << 10;

bool is_high_surrogate(std::string_view little_endian_unit) {
  return (static_cast<unsigned char>(little_endian_unit[1]) & 0xFC) == 0xD8;
}

}  // namespace

std::optional<ByteOrder> utf16_order(std::string_view head) {
  if (head.starts_with("\xFF\xFE")) return ByteOrder::kLittle;
  if (head.starts_with("\xFE\xFF")) return ByteOrder::kBig;
  return std::nullopt;
}

Utf16Stream::Utf16Stream(std::unique_ptr<ByteStream> stored, ByteOrder order)
    : stored_(std::move(stored)), order_(order) {}

Result<std::size_t> Utf16Stream::read(char* out, std::size_t capacity) {
  DCHECK(capacity >= kCapacityMin);
  while (true) {
    // A unit of two bytes becomes three at most.
    const std::size_t kept = input_.size();
    const std::size_t room = std::min(kInputMax, capacity / 3 * 2 - 4);
    input_.resize(kept + room);
    Result<std::size_t> got = stored_->read(input_.data() + kept, room);
    input_.resize(kept + got.value_or(0));
    if (!got) return got;
    const bool at_end = *got == 0;

    std::size_t usable = input_.size() & ~std::size_t{1};
    if (order_ == ByteOrder::kBig) {
      // What was kept is in the right order already, but for half a unit.
      for (std::size_t i = kept & ~std::size_t{1}; i < usable; i += 2) {
        std::swap(input_[i], input_[i + 1]);
      }
    }
    if (!at_end && usable >= 2 && is_high_surrogate({input_.data() + usable - 2, 2})) usable -= 2;
    std::string_view units{input_.data(), usable};
    if (at_start_ && usable >= 2) {
      at_start_ = false;
      if (units.starts_with("\xFF\xFE")) units.remove_prefix(2);
    }
    const std::size_t made = utf16le_to_utf8(units, out);
    input_.erase(0, usable);
    if (made > 0 || at_end) return made;
  }
}

}  // namespace vedette::ingest
