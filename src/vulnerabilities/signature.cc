// SPDX-License-Identifier: Apache-2.0
#include "vulnerabilities/signature.h"

#include "base/signature_key.h"

namespace vedette::vulnerabilities {

Result<std::string> sign(std::string_view key, std::string_view bytes) {
  TRY(const SignatureKey own, SignatureKey::private_of_pem(key));
  return own.sign(bytes);
}

Result<void> check_signature(std::string_view key, std::string_view bytes,
                             std::string_view signature) {
  TRY(const SignatureKey theirs, SignatureKey::public_of_pem(key));
  if (!theirs.verifies(SignedDigest::kOwn, bytes, signature))
    return failure(ErrorCode::kInvalid, "the signature is not of this key, or not of these bytes");
  return {};
}

}  // namespace vedette::vulnerabilities
