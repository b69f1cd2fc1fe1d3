// SPDX-License-Identifier: Apache-2.0
#include "match/network.h"

#include <arpa/inet.h>
#include <charconv>
#include <cstring>

namespace vedette::match {

std::optional<Address> Address::parse(std::string_view text) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']')
    text = text.substr(1, text.size() - 2);
  text = text.substr(0, text.find('%'));
  char buffer[64];
  if (text.empty() || text.size() >= sizeof(buffer)) return std::nullopt;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  Address address;
  if (::inet_pton(AF_INET, buffer, address.bytes.data()) == 1) return address;
  if (::inet_pton(AF_INET6, buffer, address.bytes.data()) != 1) return std::nullopt;
  static constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0,    0,
                                                           0, 0, 0, 0, 0xFF, 0xFF};
  if (std::memcmp(address.bytes.data(), kMapped.data(), kMapped.size()) == 0) {
    Address v4;
    std::memcpy(v4.bytes.data(), address.bytes.data() + 12, 4);
    return v4;
  }
  address.v6 = true;
  return address;
}

std::optional<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned bits_max = address->v6 ? 128 : 32;
  Network network{*address, bits_max};
  if (slash != std::string_view::npos) {
    const std::string_view bits = text.substr(slash + 1);
    const auto [end, error] =
        std::from_chars(bits.data(), bits.data() + bits.size(), network.prefix_bits);
    if (error != std::errc() || end != bits.data() + bits.size()) return std::nullopt;
    if (network.prefix_bits > bits_max) return std::nullopt;
  }
  return network;
}

bool Network::contains(const Address& other) const {
  if (other.v6 != address.v6) return false;
  const std::size_t whole = prefix_bits / 8;
  if (std::memcmp(address.bytes.data(), other.bytes.data(), whole) != 0) return false;
  const unsigned rest = prefix_bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xFF00U >> rest);
  return ((address.bytes[whole] ^ other.bytes[whole]) & mask) == 0;
}

}  // namespace vedette::match
