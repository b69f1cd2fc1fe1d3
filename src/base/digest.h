// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace vedette {

// SHA-2 (FIPS 180-4). The only place that knows OpenSSL's digests.
using Sha256 = std::array<std::uint8_t, 32>;
using Sha512 = std::array<std::uint8_t, 64>;
Sha256 sha256(std::string_view bytes);
Sha512 sha512(std::string_view bytes);

// HMAC-SHA-256 (RFC 2104).
Sha256 hmac_sha256(std::string_view key, std::string_view bytes);

// The same of bytes that come one piece after the other.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;

  void add(std::string_view bytes);
  // Of all that was added; once.
  Sha256 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// SHA-1 (FIPS 180-4), for formats that ask for one. Two files can be made to have the same: it says
// nothing of trust.
using Sha1 = std::array<std::uint8_t, 20>;
Sha1 sha1(std::string_view bytes);

// The same of bytes that come one piece after the other.
class Sha1Stream {
 public:
  Sha1Stream();
  ~Sha1Stream();
  Sha1Stream(const Sha1Stream&) = delete;
  Sha1Stream& operator=(const Sha1Stream&) = delete;

  void add(std::string_view bytes);
  // Of all that was added; once.
  Sha1 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Of 40 hexadecimal digits; nothing for other texts.
std::optional<Sha1> read_sha1(std::string_view digits);

// The first `digits` hexadecimal digits, at most all.
std::string to_hexadecimal(std::span<const std::uint8_t> digest, std::size_t digits = 128);

}  // namespace vedette
