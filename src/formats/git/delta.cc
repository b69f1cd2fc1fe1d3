// SPDX-License-Identifier: Apache-2.0
#include "formats/git/delta.h"

#include <cstring>

namespace vedette::formats::git {
namespace {

constexpr std::uint8_t kCopy = 0x80;
constexpr std::size_t kSizeOfZero = 0x10000;  // a copy's size that is not written

std::unexpected<Error> damaged() { return failure(ErrorCode::kInvalid, "its delta is damaged"); }

bool read_size(const char*& at, const char* end, std::uint64_t& size) {
  size = 0;
  for (unsigned shift = 0; at != end && shift < 63; shift += 7) {
    const auto byte = static_cast<std::uint8_t>(*at++);
    size |= std::uint64_t{byte & 0x7fU} << shift;
    if ((byte & 0x80U) == 0) return true;
  }
  return false;
}

// The bytes of a number whose zero bytes are left out; `mask` tells which are there.
bool read_sparse(const char*& at, const char* end, unsigned mask, unsigned count,
                 std::size_t& value) {
  value = 0;
  for (unsigned i = 0; i < count; ++i) {
    if ((mask >> i & 1U) == 0) continue;
    if (at == end) return false;
    value |= std::size_t{static_cast<std::uint8_t>(*at++)} << (8 * i);
  }
  return true;
}

bool run(std::string_view base, const char* at, const char* end, char* out, std::size_t left) {
  while (at != end) {
    const auto code = static_cast<std::uint8_t>(*at++);
    std::size_t size = code;
    const char* from = at;
    if ((code & kCopy) != 0) {
      std::size_t offset = 0;
      if (!read_sparse(at, end, code & 15U, 4, offset) ||
          !read_sparse(at, end, code >> 4U & 7U, 3, size)) {
        return false;
      }
      if (size == 0) size = kSizeOfZero;
      if (offset > base.size() || size > base.size() - offset) return false;
      from = base.data() + offset;
    } else {
      if (code == 0 || size > static_cast<std::size_t>(end - at)) return false;
      at += size;
    }
    if (size > left) return false;
    std::memcpy(out, from, size);
    out += size;
    left -= size;
  }
  return left == 0;
}

}  // namespace

Result<std::uint64_t> delta_result_size(std::string_view delta) {
  const char* at = delta.data();
  const char* const end = at + delta.size();
  std::uint64_t size = 0;
  if (!read_size(at, end, size) || !read_size(at, end, size)) return damaged();
  return size;
}

Result<void> apply_delta(std::string_view base, std::string_view delta, std::uint64_t bytes_max,
                         Buffer& out) {
  const char* at = delta.data();
  const char* const end = at + delta.size();
  std::uint64_t base_size = 0;
  std::uint64_t size = 0;
  if (!read_size(at, end, base_size) || !read_size(at, end, size)) return damaged();
  if (base_size != base.size())
    return failure(ErrorCode::kInvalid, "its delta belongs to another object");
  if (size > bytes_max) return failure(ErrorCode::kLimit, "it is larger than the limit");
  char* const target = out.reset(static_cast<std::size_t>(size));
  if (!run(base, at, end, target, static_cast<std::size_t>(size))) return damaged();
  return {};
}

}  // namespace vedette::formats::git
