// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// Forms that providers build into their secrets, by the name that SecretRule::checksum gives.
namespace vedette::scan::secrets {

enum class Form : std::uint8_t {
  kUnknown,     // no such check, or it cannot tell
  kImpossible,  // the provider never made this
  kBroken,      // its form, but with another checksum: made up, or typed wrongly
  kKept,        // parses as the provider's form
  kProven,      // carries its own checksum, and that is right
};

// Names: "github", "npm", "gitlab", "jwt", "pem", "openssh", "aws", "slack", "luhn", "pypi",
// "google-service-account". Reads at most kFormBytes of the secret, allocates nothing.
inline constexpr std::size_t kFormBytes = std::size_t{16} << 10;
Form check_form(std::string_view name, std::string_view secret);

// Decodes the beginning of base64, or its form for addresses, into `out`, blanks and line ends
// passed over; the count of bytes.
std::size_t decode_base64(std::string_view text, std::span<char> out);

// The account that an AWS access key id belongs to, twelve digits; empty when it is no such id.
std::string aws_account(std::string_view key_id);

}  // namespace vedette::scan::secrets
