// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace vedette {

// What of a text is signed. kOwn: the algorithm digests by itself, as Ed25519 does.
enum class SignedDigest : std::uint8_t { kOwn, kSha256, kSha384, kSha512 };

// A key that signs or checks signatures. With base/digest.h the only place that knows OpenSSL,
// whose library is loaded when the first key is made: few runs want one, and it would make every
// start of every program 1 ms longer. All makers fail with ErrorCode::kUnsupported where it is not
// installed, and with kInvalid for bytes that are no such key. Const members may be called by any
// thread.
class SignatureKey {
 public:
  // PEM: PKCS #8 without a password, and SubjectPublicKeyInfo. Of Ed25519 (RFC 8032) only.
  static Result<SignatureKey> private_of_pem(std::string_view pem);
  static Result<SignatureKey> public_of_pem(std::string_view pem);
  // The 32 bytes of RFC 8032.
  static Result<SignatureKey> ed25519(std::string_view bytes);
  // Both as big-endian numbers; of at least 2,048 bits.
  static Result<SignatureKey> rsa(std::string_view modulus, std::string_view exponent);
  // `curve` as NIST names it ("P-256"), the point as SEC 1 writes it.
  static Result<SignatureKey> ecdsa(const std::string& curve, std::string_view point);

  SignatureKey(SignatureKey&&) noexcept;
  SignatureKey& operator=(SignatureKey&&) noexcept;
  ~SignatureKey();

  // Of Ed25519.
  Result<std::string> sign(std::string_view text) const;
  // Of ECDSA the signature is DER, see ecdsa_signature().
  bool verifies(SignedDigest digest, std::string_view text, std::string_view signature) const;

 private:
  struct State;
  enum class Kind : std::uint8_t { kPrivate, kPublic };
  static Result<SignatureKey> of_pem(std::string_view pem, Kind kind);
  explicit SignatureKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The DER of two big-endian numbers (RFC 3279, 2.2.3); both at most kCurveNumberBytesMax, else
// empty.
inline constexpr std::size_t kCurveNumberBytesMax = 67;
std::string ecdsa_signature(std::string_view r, std::string_view s);

}  // namespace vedette
