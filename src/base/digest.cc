// SPDX-License-Identifier: Apache-2.0
#include "base/digest.h"

#include <algorithm>
#include <openssl/evp.h>

#include "base/result.h"

namespace vedette {

Sha256 sha256(std::string_view bytes) {
  Sha256 digest{};
  unsigned size = 0;
  // Fails only where the library has no SHA-256, or no memory.
  CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
  CHECK(size == digest.size());
  return digest;
}

struct Sha256Stream::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  CHECK(state_->context != nullptr);
  CHECK(EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) == 1);
}

Sha256Stream::~Sha256Stream() { EVP_MD_CTX_free(state_->context); }

void Sha256Stream::add(std::string_view bytes) {
  CHECK(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
}

Sha256 Sha256Stream::finish() {
  Sha256 digest{};
  unsigned size = 0;
  CHECK(EVP_DigestFinal_ex(state_->context, digest.data(), &size) == 1);
  CHECK(size == digest.size());
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

std::string to_hexadecimal(const Sha256& digest, std::size_t digits) {
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
