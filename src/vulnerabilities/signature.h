// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

// Signatures of releases: Ed25519 (RFC 8032).
namespace vedette::vulnerabilities {

// `key` as PEM (PKCS #8, not encrypted). ErrorCode::kInvalid for another kind of key.
Result<std::string> sign(std::string_view key, std::string_view bytes);

// `key` as PEM (SubjectPublicKeyInfo). ErrorCode::kInvalid when somebody else signed, or other
// bytes.
Result<void> check_signature(std::string_view key, std::string_view bytes,
                             std::string_view signature);

}  // namespace vedette::vulnerabilities
