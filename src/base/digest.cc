// SPDX-License-Identifier: Apache-2.0
#include "base/digest.h"

#include <algorithm>
#include <charconv>

// The functions below are called old since OpenSSL 3.0, as they know no providers. For just that
// they are here: they need nothing of the library but their own 20 KB, which are linked in, while
// the newer ones load and arrange all of it first, 1.4 ms at every start. The code is the same.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "base/result.h"

namespace vedette {

Sha256 sha256(std::string_view bytes) {
  Sha256Stream stream;
  stream.add(bytes);
  return stream.finish();
}

Sha512 sha512(std::string_view bytes) {
  Sha512 digest{};
  SHA512_CTX context;
  CHECK(SHA512_Init(&context) == 1);
  CHECK(SHA512_Update(&context, bytes.data(), bytes.size()) == 1);
  CHECK(SHA512_Final(digest.data(), &context) == 1);
  return digest;
}

struct Sha256Stream::State {
  SHA256_CTX context;
};

// These functions fail on no input: the results say so for the sake of older ones.
Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  CHECK(SHA256_Init(&state_->context) == 1);
}

Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::add(std::string_view bytes) {
  CHECK(SHA256_Update(&state_->context, bytes.data(), bytes.size()) == 1);
}

Sha256 Sha256Stream::finish() {
  Sha256 digest{};
  CHECK(SHA256_Final(digest.data(), &state_->context) == 1);
  return digest;
}

Sha256 hmac_sha256(std::string_view key, std::string_view bytes) {
  constexpr std::size_t kBlock = 64;
  std::string padded(key);
  if (padded.size() > kBlock) {
    const Sha256 short_key = sha256(key);
    padded.assign(short_key.begin(), short_key.end());
  }
  padded.resize(kBlock, '\0');
  const auto keyed = [&padded](char pad, std::string_view text) {
    std::string begin = padded;
    for (char& c : begin) c = static_cast<char>(c ^ pad);
    Sha256Stream stream;
    stream.add(begin);
    stream.add(text);
    return stream.finish();
  };
  const Sha256 inner = keyed(0x36, bytes);
  return keyed(0x5c, {reinterpret_cast<const char*>(inner.data()), inner.size()});
}

Sha1 sha1(std::string_view bytes) {
  Sha1Stream stream;
  stream.add(bytes);
  return stream.finish();
}

struct Sha1Stream::State {
  SHA_CTX context;
};

Sha1Stream::Sha1Stream() : state_(std::make_unique<State>()) {
  CHECK(SHA1_Init(&state_->context) == 1);
}

Sha1Stream::~Sha1Stream() = default;

void Sha1Stream::add(std::string_view bytes) {
  CHECK(SHA1_Update(&state_->context, bytes.data(), bytes.size()) == 1);
}

Sha1 Sha1Stream::finish() {
  Sha1 digest{};
  CHECK(SHA1_Final(digest.data(), &state_->context) == 1);
  return digest;
}

std::optional<Sha1> read_sha1(std::string_view digits) {
  Sha1 digest{};
  if (digits.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const char* const end = digits.data() + 2 * i + 2;
    const auto read = std::from_chars(end - 2, end, digest[i], 16);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  }
  return digest;
}

std::string to_hexadecimal(std::span<const std::uint8_t> digest, std::size_t digits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : digest) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  out.resize(std::min(digits, out.size()));
  return out;
}

}  // namespace vedette
