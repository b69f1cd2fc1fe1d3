// SPDX-License-Identifier: Apache-2.0
#include "formats/models/hdf5/filter.h"

#include <algorithm>

#include "formats/archive/gzip.h"

namespace vedette::formats::models {
namespace {

constexpr std::uint64_t kDeflate = 1;
constexpr std::uint64_t kShuffle = 2;
constexpr std::uint64_t kFletcher32 = 3;
constexpr std::uint64_t kLzf = 32000;

// All first bytes of elements come first, then all second ones; what is left over is as it was.
std::string unshuffle(std::string_view bytes, std::size_t element_size) {
  std::string out(bytes);
  const std::size_t count = element_size == 0 ? 0 : bytes.size() / element_size;
  if (element_size < 2 || count < 2) return out;
  for (std::size_t byte = 0; byte < element_size; ++byte) {
    for (std::size_t i = 0; i < count; ++i) out[i * element_size + byte] = bytes[byte * count + i];
  }
  return out;
}

// LibLZF: a control byte below 32 is followed by so many plain bytes and one; the others are a
// length (3 bits, further ones in the next byte) and how far back (13 bits) to copy from.
std::optional<std::string> unpack_lzf(std::string_view packed, std::size_t size_max) {
  std::string out;
  std::size_t at = 0;
  const auto next = [&] { return static_cast<unsigned char>(packed[at++]); };
  while (at < packed.size()) {
    const std::size_t control = next();
    if (control < 32) {
      const std::size_t count = control + 1;
      if (count > packed.size() - at) return std::nullopt;
      out += packed.substr(at, count);
      at += count;
    } else {
      std::size_t count = control >> 5;
      if (at + (count == 7 ? 2U : 1U) > packed.size()) return std::nullopt;
      if (count == 7) count += next();
      const std::size_t back = ((control & 0x1F) << 8) + next() + 1;
      if (back > out.size()) return std::nullopt;
      for (count += 2; count > 0; --count) out += out[out.size() - back];
    }
    if (out.size() > size_max) return std::nullopt;
  }
  return out;
}

}  // namespace

Hdf5Filters Hdf5Filters::read(const Hdf5Bytes& file, std::string_view body) {
  Hdf5Filters out;
  Hdf5Cursor cursor(file, body);
  const bool is_old = cursor.number(1) == 1;
  const std::uint64_t count = cursor.number(1);
  if (is_old) cursor.skip(6);
  for (std::uint64_t i = 0; i < count && i < kFiltersMax && cursor.good(); ++i) {
    Filter filter;
    filter.id = cursor.number(2);
    // Filters of the library's own have no name in version 2.
    const bool has_name = is_old || filter.id >= 256;
    const std::uint64_t name_size = has_name ? cursor.number(2) : 0;
    cursor.skip(2);
    const std::uint64_t values = cursor.number(2);
    cursor.skip(is_old ? (name_size + 7) / 8 * 8 : name_size);
    Hdf5Cursor value(file, cursor.take(4 * values));
    if (values > 0) filter.element_size = value.number(4);
    if (is_old && values % 2 != 0) cursor.skip(4);
    out.filters_.push_back(filter);
  }
  return out;
}

std::optional<std::string> Hdf5Filters::unpack(Hdf5Bytes& file, std::string_view packed,
                                               std::uint32_t skipped, std::size_t size_max) const {
  if (!file.spend_unpacked(packed.size())) return std::nullopt;
  // What is damaged took work, too: as much as deflate can make of so few bytes.
  const auto fail = [&](std::size_t size) {
    constexpr std::size_t kRatioMax = 1'032;
    file.spend_unpacked(size > size_max / kRatioMax ? size_max : size * kRatioMax);
    return std::nullopt;
  };
  std::string bytes(packed);
  for (std::size_t i = filters_.size(); i-- > 0;) {
    if ((skipped >> i & 1U) != 0) continue;
    const Filter& filter = filters_[i];
    if (filter.id == kDeflate) {
      auto unpacked = archive::unpack_zlib(bytes, size_max);
      if (!unpacked) return fail(bytes.size());
      bytes = std::move(*unpacked);
    } else if (filter.id == kShuffle) {
      bytes = unshuffle(bytes, static_cast<std::size_t>(filter.element_size));
    } else if (filter.id == kFletcher32) {
      if (bytes.size() < 4) return std::nullopt;
      bytes.resize(bytes.size() - 4);
    } else if (filter.id == kLzf) {
      auto unpacked = unpack_lzf(bytes, size_max);
      if (!unpacked) return fail(bytes.size());
      bytes = std::move(*unpacked);
    } else {
      return std::nullopt;
    }
    if (!file.spend_unpacked(bytes.size())) return std::nullopt;
  }
  return bytes;
}

}  // namespace vedette::formats::models
