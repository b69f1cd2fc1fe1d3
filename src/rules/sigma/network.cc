// SPDX-License-Identifier: Apache-2.0
#include "rules/sigma/network.h"

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <fmt/format.h>

namespace vedette::rules::sigma {
namespace {

struct Address {
  std::array<unsigned char, 16> bytes{};
  unsigned bits = 0;  // 32 or 128
};

bool parse_address(const std::string& text, Address& address) {
  if (inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) {
    address.bits = 32;
    return true;
  }
  address.bits = 128;
  return inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1;
}

bool bit(const Address& address, unsigned index) {
  return (address.bytes[index / 8] >> (7U - index % 8) & 1U) != 0;
}

// The prefix length of a mask: leading ones only, or (a host mask) leading zeros only.
bool mask_length(const Address& mask, unsigned& length) {
  const bool host_mask = !bit(mask, 0);
  length = 0;
  while (length < mask.bits && bit(mask, length) != host_mask) ++length;
  for (unsigned i = length; i < mask.bits; ++i) {
    if (bit(mask, i) != host_mask) return false;
  }
  if (host_mask && length == mask.bits) length = 0;  // 0.0.0.0 is the mask of everything
  return true;
}

bool parse_prefix(const std::string& text, const Address& address, unsigned& length) {
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, length);
  if (read.ec == std::errc() && read.ptr == end) return length <= address.bits;
  Address mask;
  return address.bits == 32 && parse_address(text, mask) && mask.bits == 32 &&
         mask_length(mask, length);
}

}  // namespace

Result<std::string> canonical_network(std::string_view written) {
  const std::size_t slash = written.find('/');
  const std::string base(written.substr(0, slash));
  Address address;
  const bool has_nul = written.find('\0') != std::string_view::npos;
  if (has_nul || !parse_address(base, address)) {
    return failure(
        ErrorCode::kInvalid,
        fmt::format("'{}' is no IP network; write it like 10.0.0.0/8 or fe80::/10", written));
  }
  unsigned length = address.bits;
  if (slash != std::string_view::npos &&
      !parse_prefix(std::string(written.substr(slash + 1)), address, length)) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("'{}' has no valid prefix length after the slash", written));
  }
  for (unsigned i = length; i < address.bits; ++i) {
    if (bit(address, i)) {
      return failure(
          ErrorCode::kInvalid,
          fmt::format("'{}' has bits set behind its prefix of {} bits", written, length));
    }
  }
  return fmt::format("{}/{}", base, length);
}

}  // namespace vedette::rules::sigma
