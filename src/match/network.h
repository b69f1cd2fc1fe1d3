// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace vedette::match {

// An IP address; IPv4-mapped IPv6 addresses ("::ffff:10.0.0.1") are their IPv4 address.
struct Address {
  bool v6 = false;
  std::array<std::uint8_t, 16> bytes{};  // IPv4: the first four

  // Dotted IPv4, or IPv6 with an optional zone ("%eth0") and optional brackets.
  static std::optional<Address> parse(std::string_view text);
  bool operator==(const Address&) const = default;
};

// A network in CIDR notation; an address alone is the network of itself. Bits behind the prefix are
// ignored.
struct Network {
  Address address;
  unsigned prefix_bits = 0;

  static std::optional<Network> parse(std::string_view text);
  // False for an address of the other family.
  bool contains(const Address& other) const;
};

}  // namespace vedette::match
