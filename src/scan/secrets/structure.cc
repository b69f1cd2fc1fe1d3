// SPDX-License-Identifier: Apache-2.0
#include "scan/secrets/structure.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace vedette::scan::secrets {
namespace {

constexpr std::string_view kBase62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kBase36 = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xEDB88320U : 0U);
    table[byte] = value;
  }
  return table;
}();

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t value = 0xFFFFFFFFU;
  for (const char c : bytes)
    value = kCrcTable[(value ^ static_cast<unsigned char>(c)) & 0xFF] ^ (value >> 8);
  return ~value;
}

// The checksum in `digits`, written with the digits' number of letters from the left.
bool says(std::string_view text, std::string_view digits, std::uint32_t value) {
  for (std::size_t i = text.size(); i > 0; --i) {
    if (text[i - 1] != digits[value % digits.size()]) return false;
    value = static_cast<std::uint32_t>(value / digits.size());
  }
  return value == 0;
}

bool all_of(std::string_view text, std::string_view alphabet) {
  return text.find_first_not_of(alphabet) == std::string_view::npos;
}

// Value of one letter of base64 or its form for addresses; -1 otherwise.
int base64_value(char c) {
  if (c == '-') return 62;
  if (c == '_') return 63;
  const std::size_t at = kBase64.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

std::size_t decode_base64(std::string_view text, std::span<char> out) {
  std::uint32_t bits = 0;
  int have = 0;
  std::size_t size = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r' || c == ' ' || c == '\t') continue;
    const int value = base64_value(c);
    if (value < 0) break;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    have += 6;
    if (have < 8) continue;
    have -= 8;
    if (size == out.size()) break;
    out[size++] = static_cast<char>((bits >> have) & 0xFF);
  }
  return size;
}

namespace {

bool decodes_to(std::string_view text, std::string_view start, std::string_view part) {
  std::array<char, 1024> buffer;
  const std::size_t size = decode_base64(text, buffer);
  const std::string_view decoded(buffer.data(), size);
  return decoded.starts_with(start) && decoded.find(part) != std::string_view::npos;
}

// prefix_ + 30 characters + 6 of checksum in base62 over the 30.
Form check_base62_crc(std::string_view secret) {
  constexpr std::size_t kRandom = 30;
  constexpr std::size_t kCheck = 6;
  const std::size_t prefix = secret.find('_');
  if (prefix == std::string_view::npos) return Form::kUnknown;
  const std::string_view body = secret.substr(prefix + 1);
  if (body.size() != kRandom + kCheck || !all_of(body, kBase62)) return Form::kUnknown;
  return says(body.substr(kRandom), kBase62, crc32(body.substr(0, kRandom))) ? Form::kProven
                                                                             : Form::kBroken;
}

// glpat-PAYLOAD.VVLLCCCCCCC: the last seven letters are a CRC-32 of all before them.
Form check_gitlab(std::string_view secret) {
  constexpr std::size_t kCheck = 7;
  const std::size_t dot = secret.rfind('.');
  if (dot == std::string_view::npos || secret.size() - dot < kCheck + 3) return Form::kUnknown;
  const std::string_view check = secret.substr(secret.size() - kCheck);
  return says(check, kBase36, crc32(secret.substr(0, secret.size() - kCheck))) ? Form::kProven
                                                                               : Form::kUnknown;
}

Form check_jwt(std::string_view secret) {
  const std::size_t first = secret.find('.');
  if (first == std::string_view::npos) return Form::kImpossible;
  const std::size_t second = secret.find('.', first + 1);
  const std::string_view payload = secret.substr(first + 1, second - first - 1);
  if (!decodes_to(secret.substr(0, first), "{", "\"alg\"")) return Form::kImpossible;
  return decodes_to(payload, "{", "\"") ? Form::kProven : Form::kImpossible;
}

// The text between the lines of a PEM block, headers gone over.
std::string_view pem_body(std::string_view secret) {
  const std::size_t begin = secret.find("-----", secret.find("BEGIN"));
  if (begin == std::string_view::npos) return {};
  std::string_view body = secret.substr(begin + 5);
  const std::size_t headers = body.find("\n\n");
  if (body.substr(0, headers).find(": ") != std::string_view::npos &&
      headers != std::string_view::npos) {
    body.remove_prefix(headers);
  }
  return body.substr(0, body.find("-----"));
}

// How many letters of base64 there are; line ends written as \\n, quotes and padding do not count.
std::size_t base64_letters(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '-') {
      break;
    } else if (base64_value(text[i]) >= 0) {
      ++count;
    }
  }
  return count;
}

// The size of the whole DER element that begins so; 0: no size that a key has.
std::size_t der_size(std::string_view start) {
  const auto byte = [start](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(start[i]));
  };
  if (byte(1) < 0x80) return byte(1) + 2;
  if (byte(1) == 0x81) return byte(2) + 3;
  return byte(1) == 0x82 ? byte(2) * 256 + byte(3) + 4 : 0;
}

// A DER sequence whose length says as much as there is; an encrypted key of the old form is not
// DER.
Form check_pem(std::string_view secret) {
  constexpr std::size_t kBodyMin = 40;
  if (secret.find("BEGIN OPENSSH") != std::string_view::npos) {
    return decodes_to(pem_body(secret), "openssh-key-v1", "none") ||
                   decodes_to(pem_body(secret), "openssh-key-v1", "bcrypt")
               ? Form::kProven
               : Form::kImpossible;
  }
  const std::string_view body = pem_body(secret);
  std::array<char, 8> start;
  if (body.size() < kBodyMin) return Form::kImpossible;
  const bool opaque = secret.find("ENCRYPTED") != std::string_view::npos ||
                      secret.find("PGP") != std::string_view::npos;
  if (opaque) return Form::kKept;
  const std::size_t first = body.find('M');  // of 0x30, how a sequence begins
  if (first > 8) return Form::kImpossible;
  const std::string_view text = body.substr(first);
  const std::size_t have = decode_base64(text, start);
  if (have < 4 || start[0] != 0x30) return Form::kImpossible;
  const std::size_t said = der_size(std::string_view(start.data(), have));
  const std::size_t bytes = base64_letters(text) * 3 / 4;
  return said <= bytes && bytes <= said + 3 ? Form::kProven : Form::kKept;
}

Form check_aws(std::string_view secret) {
  return aws_account(secret).empty() ? Form::kImpossible : Form::kKept;
}

// xoxb-NUMBER-NUMBER-RANDOM, xoxp-…, xapp-1-…
Form check_slack(std::string_view secret) {
  const std::size_t first = secret.find('-');
  if (first == std::string_view::npos) return Form::kUnknown;
  const std::string_view rest = secret.substr(first + 1);
  const std::size_t digits = rest.find_first_not_of("0123456789");
  if (digits == std::string_view::npos || digits == 0) return Form::kUnknown;
  return rest[digits] == '-' && digits >= 10 ? Form::kKept : Form::kUnknown;
}

Form check_luhn(std::string_view secret) {
  int sum = 0;
  int count = 0;
  for (std::size_t i = secret.size(); i > 0; --i) {
    const char c = secret[i - 1];
    if (c == ' ' || c == '-') continue;
    if (c < '0' || c > '9') return Form::kImpossible;
    int digit = c - '0';
    if (count++ % 2 == 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return count > 11 && sum % 10 == 0 ? Form::kProven : Form::kImpossible;
}

// pypi- and a macaroon: version 2, then the location "pypi.org".
Form check_pypi(std::string_view secret) {
  if (!secret.starts_with("pypi-")) return Form::kUnknown;
  std::array<char, 16> start;
  const std::size_t size = decode_base64(secret.substr(5), start);
  const std::string_view decoded(start.data(), size);
  return decoded.starts_with("\x02\x01") && decoded.find("pypi") != std::string_view::npos
             ? Form::kProven
             : Form::kImpossible;
}

Form check_google(std::string_view secret) {
  const std::size_t begin = secret.find("-----BEGIN");
  const bool whole =
      begin != std::string_view::npos && secret.find("client_email") != std::string_view::npos;
  if (!whole) return Form::kUnknown;
  const Form key = check_pem(secret.substr(begin));
  return key == Form::kProven || key == Form::kKept ? Form::kProven : Form::kImpossible;
}

struct Check {
  std::string_view name;
  Form (*run)(std::string_view);
};
constexpr Check kChecks[] = {
    {"github", check_base62_crc},
    {"npm", check_base62_crc},
    {"gitlab", check_gitlab},
    {"jwt", check_jwt},
    {"pem", check_pem},
    {"openssh", check_pem},
    {"aws", check_aws},
    {"slack", check_slack},
    {"luhn", check_luhn},
    {"pypi", check_pypi},
    {"google-service-account", check_google},
};

}  // namespace

Form check_form(std::string_view name, std::string_view secret) {
  for (const Check& check : kChecks) {
    if (check.name == name) return check.run(secret.substr(0, kFormBytes));
  }
  return Form::kUnknown;
}

std::string aws_account(std::string_view key_id) {
  constexpr std::size_t kPrefix = 4;
  constexpr std::size_t kDigits = 12;
  if (key_id.size() != kPrefix + 16 || !all_of(key_id.substr(kPrefix), kBase32)) return {};
  std::uint64_t bits = 0;  // the first six bytes of what base32 says: 48 of its bits
  for (std::size_t i = 0; i < 10; ++i) bits = (bits << 5) | kBase32.find(key_id[kPrefix + i]);
  const std::uint64_t account = ((bits >> 2) & 0x7FFFFFFFFF80U) >> 7;
  std::string digits = std::to_string(account);
  if (digits.size() > kDigits) return {};
  digits.insert(0, kDigits - digits.size(), '0');
  return digits;
}

}  // namespace vedette::scan::secrets
