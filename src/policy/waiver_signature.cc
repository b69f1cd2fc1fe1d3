// SPDX-License-Identifier: Apache-2.0
#include "policy/waiver_signature.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>

#include "base/digest.h"
#include "base/signature_key.h"
#include "policy/text_pattern.h"

namespace vedette::policy {
namespace {

constexpr std::size_t kSignersMax = 10'000;
constexpr std::size_t kSignatureBytesMax = 64 * 1024;
constexpr std::size_t kEd25519SignatureBytes = 64;

// RFC 4648, 4; lines may be broken.
std::optional<std::string> decode_base64(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string packed;
  for (const char c : text) {
    if (c != '\n' && c != '\r' && c != ' ') packed += c;
  }
  if (packed.empty() || packed.size() % 4 != 0 || packed.size() > kSignatureBytesMax)
    return std::nullopt;
  const std::size_t padding = packed.ends_with("==") ? 2 : packed.ends_with('=') ? 1 : 0;
  packed.resize(packed.size() - padding);
  std::string out;
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < packed.size(); ++i) {
    const std::size_t digit = kDigits.find(packed[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    // The first of four digits fills no byte yet.
    if (i % 4 != 0) out += static_cast<char>(bits >> (6 - i % 4 * 2) & 0xFF);
  }
  return out;
}

// Takes strings as RFC 4251 section 5 writes them off the front.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : rest_(bytes) {}

  std::string_view string() {
    const std::uint32_t size = number();
    if (size > rest_.size()) {
      good_ = false;
      return {};
    }
    const std::string_view out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }
  std::uint32_t number() {
    if (rest_.size() < 4) {
      good_ = false;
      rest_ = {};
      return 0;
    }
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i)
      value = value << 8 | static_cast<unsigned char>(rest_[static_cast<std::size_t>(i)]);
    rest_.remove_prefix(4);
    return value;
  }
  bool skip(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  bool good() const { return good_; }

 private:
  std::string_view rest_;  // of the caller's bytes
  bool good_ = true;
};

void append_string(std::string_view text, std::string& out) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out += static_cast<char>(text.size() >> static_cast<unsigned>(shift) & 0xFF);
  out += text;
}

constexpr std::string_view kCurvePrefix = "ecdsa-sha2-";

struct Algorithm {
  std::string_view key;        // the type in its blob
  std::string_view signature;  // what a signature of it calls itself
  SignedDigest digest;
};
constexpr Algorithm kAlgorithms[] = {
    {"ssh-ed25519", "ssh-ed25519", SignedDigest::kOwn},
    {"ssh-rsa", "rsa-sha2-256", SignedDigest::kSha256},
    {"ssh-rsa", "rsa-sha2-512", SignedDigest::kSha512},
    {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", SignedDigest::kSha256},
    {"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", SignedDigest::kSha384},
    {"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521", SignedDigest::kSha512},
};

Error no_key() { return {ErrorCode::kInvalid, "expected a key that signs, found none"}; }

Result<SignatureKey> rsa_key(Fields& fields) {
  const std::string_view exponent = fields.string();
  const std::string_view modulus = fields.string();
  if (!fields.good()) return std::unexpected(no_key());
  return SignatureKey::rsa(modulus, exponent);
}

Result<SignatureKey> curve_key(std::string_view curve, Fields& fields) {
  const bool named = fields.string() == curve;
  const std::string_view point = fields.string();
  if (!named || !fields.good()) return std::unexpected(no_key());
  return SignatureKey::ecdsa("P-" + std::string(curve.substr(curve.size() - 3)), point);
}

// Behind the type of the key.
Result<SignatureKey> read_key(std::string_view type, Fields& fields) {
  if (type.starts_with(kCurvePrefix)) return curve_key(type.substr(kCurvePrefix.size()), fields);
  if (type == "ssh-rsa") return rsa_key(fields);
  const std::string_view bytes = fields.string();
  if (!fields.good()) return std::unexpected(no_key());
  return SignatureKey::ed25519(bytes);
}

// Two numbers as SSH writes them (RFC 5656, 3.1.2).
std::string curve_signature(std::string_view bytes) {
  Fields fields(bytes);
  const std::string_view r = fields.string();
  const std::string_view s = fields.string();
  return fields.good() ? ecdsa_signature(r, s) : std::string();
}

// By the blob of a key and of a signature; the algorithms must belong together. An Error only where
// nothing can be told.
Result<bool> verifies(std::string_view key_blob, std::string_view signature_blob,
                      std::string_view text) {
  Fields key_fields(key_blob);
  Fields signature_fields(signature_blob);
  const std::string_view type = key_fields.string();
  const std::string_view name = signature_fields.string();
  const std::string_view signature = signature_fields.string();
  const auto* const algorithm = std::ranges::find_if(
      kAlgorithms, [&](const Algorithm& one) { return one.key == type && one.signature == name; });
  if (!key_fields.good() || !signature_fields.good() || algorithm == std::end(kAlgorithms))
    return false;
  const Result<SignatureKey> key = read_key(type, key_fields);
  if (!key) {
    if (key.error().code == ErrorCode::kUnsupported) return std::unexpected(key.error());
    return false;
  }
  return key->verifies(
      algorithm->digest, text,
      type.starts_with(kCurvePrefix) ? curve_signature(signature) : std::string(signature));
}

template <typename Digest>
std::string text_of(const Digest& digest) {
  return {digest.begin(), digest.end()};
}

std::string_view without_armour(std::string_view text) {
  constexpr std::string_view kBegin = "-----BEGIN SSH SIGNATURE-----";
  constexpr std::string_view kEnd = "-----END SSH SIGNATURE-----";
  const std::size_t begin = text.find(kBegin);
  const std::size_t end = text.find(kEnd);
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return text;
  return text.substr(begin + kBegin.size(), end - begin - kBegin.size());
}

// A word, which may hold blanks between quotes.
std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  bool quoted = false;
  std::size_t end = 0;
  while (end < line.size() && (quoted || (line[end] != ' ' && line[end] != '\t')))
    quoted ^= line[end++] == '"';
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (const char c : text) {
    quoted ^= c == '"';
    if (c == ',' && !quoted) {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    return text.substr(1, text.size() - 2);
  return text;
}

// "20270131", "202701311200", with seconds, with Z: ssh-keygen(1), "-V". Without Z it is local time
// there and UTC here, so that every machine says the same.
std::optional<TimeNs> time_of(std::string_view text) {
  if (text.ends_with('Z')) text.remove_suffix(1);
  if (text.size() < 8) return std::nullopt;
  std::string iso =
      fmt::format("{}-{}-{}", text.substr(0, 4), text.substr(4, 2), text.substr(6, 2));
  if (text.size() == 12 || text.size() == 14) {
    iso += fmt::format("T{}:{}:{}Z", text.substr(8, 2), text.substr(10, 2),
                       text.size() == 14 ? text.substr(12, 2) : "00");
  } else if (text.size() != 8) {
    return std::nullopt;
  }
  return parse_time(iso);
}

// False for an option that is not known.
bool take_option(std::string_view option, Signers::Signer& signer) {
  const std::size_t equals = option.find('=');
  const std::string_view name = option.substr(0, equals);
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view() : unquoted(option.substr(equals + 1));
  if (name == "namespaces") {
    signer.namespaces = split(value);
    return true;
  }
  if (name == "valid-after") return (signer.valid_after = time_of(value)).has_value();
  if (name == "valid-before") return (signer.valid_before = time_of(value)).has_value();
  return false;
}

bool is_key_type(std::string_view word) {
  return word.starts_with("ssh-") || word.starts_with("ecdsa-") || word.starts_with("sk-");
}

bool is_for(const Signers::Signer& signer, std::string_view principal) {
  bool found = false;
  for (const std::string& pattern : signer.principals) {
    if (pattern.starts_with('!')) {
      if (name_matches(pattern.substr(1), principal)) return false;
    } else {
      found = found || name_matches(pattern, principal);
    }
  }
  return found;
}

}  // namespace

Signers Signers::parse(std::string_view text, const std::string& name) {
  Signers out;
  std::uint32_t line_number = 0;
  const auto problem = [&](std::string message) {
    out.problems_.push_back(
        {DiagnosticKind::kError, {name, line_number, 0, 0}, std::move(message), ""});
  };
  while (!text.empty() && out.signers_.size() < kSignersMax && out.problems_.size() < 100) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line_number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::string_view principals = take_word(line);
    if (principals.empty() || principals.starts_with('#')) continue;
    Signer signer;
    signer.principals = split(unquoted(principals));
    std::string_view word = take_word(line);
    bool good = true;
    if (!is_key_type(word)) {
      for (const std::string& option : split(word)) good = take_option(option, signer) && good;
      word = take_word(line);
    }
    const auto key = decode_base64(take_word(line));
    if (!good || !is_key_type(word) || word.starts_with("sk-") || !key) {
      problem(
          "expected \"NAME [namespaces=…,valid-after=…,valid-before=…] TYPE KEY\" with a key of "
          "Ed25519, RSA or ECDSA, found something else");
      continue;
    }
    if (Fields(*key).string() != word) {
      problem(fmt::format("expected a key of type {}, found another in its bytes", word));
      continue;
    }
    signer.key = *key;
    out.signers_.push_back(std::move(signer));
  }
  if (!text.empty()) problem("expected at most 10,000 signers, found more");
  return out;
}

Result<void> Signers::check_key(std::string_view principal, std::string_view key,
                                TimeNs time) const {
  bool known = false;
  for (const Signer& signer : signers_) {
    if (signer.key != key || !is_for(signer, principal)) continue;
    known = true;
    const bool named = signer.namespaces.empty() ||
                       std::ranges::any_of(signer.namespaces, [](const std::string& pattern) {
                         return name_matches(pattern, kSignatureNamespace);
                       });
    const bool valid = (!signer.valid_after || time >= *signer.valid_after) &&
                       (!signer.valid_before || time < *signer.valid_before);
    if (named && valid) return {};
  }
  return failure(ErrorCode::kInvalid,
                 known ? fmt::format("the key of {} is not valid for this, or not at {}", principal,
                                     format_time(time))
                       : fmt::format("it was made by a key that is none of {}", principal));
}

Result<void> Signers::check_bare(std::string_view principal, std::string_view text,
                                 std::string_view signature, TimeNs time) const {
  const auto bytes = decode_base64(signature);
  if (!bytes || bytes->size() != kEd25519SignatureBytes)
    return failure(ErrorCode::kInvalid, "expected 64 bytes as base64 behind \"ed25519:\"");
  std::string blob;
  append_string("ssh-ed25519", blob);
  append_string(*bytes, blob);
  for (const Signer& signer : signers_) {
    if (!is_for(signer, principal)) continue;
    TRY(const bool is_theirs, verifies(signer.key, blob, text));
    if (is_theirs) return check_key(principal, signer.key, time);
  }
  return failure(ErrorCode::kInvalid,
                 fmt::format("it is not of these words, or of no key of {}", principal));
}

Result<void> Signers::check(std::string_view principal, std::string_view text,
                            std::string_view signature, TimeNs time) const {
  constexpr std::string_view kBare = "ed25519:";
  if (signature.starts_with(kBare))
    return check_bare(principal, text, signature.substr(kBare.size()), time);
  const auto bytes = decode_base64(without_armour(signature));
  Fields fields(bytes ? std::string_view(*bytes) : std::string_view());
  const bool magic = fields.skip("SSHSIG");
  const std::uint32_t version = fields.number();
  const std::string_view key = fields.string();
  const std::string_view name = fields.string();
  const std::string_view reserved = fields.string();
  const std::string_view hash = fields.string();
  const std::string_view blob = fields.string();
  if (!magic || version != 1 || !fields.good())
    return failure(ErrorCode::kInvalid, "it is no signature of ssh-keygen -Y sign");
  if (name != kSignatureNamespace)
    return failure(ErrorCode::kInvalid, fmt::format("expected one for \"{}\", found it for \"{}\"",
                                                    kSignatureNamespace, name));
  if (hash != "sha512" && hash != "sha256")
    return failure(ErrorCode::kUnsupported, fmt::format("it uses \"{}\" for a digest", hash));
  std::string signed_bytes = "SSHSIG";
  append_string(name, signed_bytes);
  append_string(reserved, signed_bytes);
  append_string(hash, signed_bytes);
  append_string(hash == "sha512" ? text_of(sha512(text)) : text_of(sha256(text)), signed_bytes);
  TRY(const bool is_theirs, verifies(key, blob, signed_bytes));
  if (!is_theirs) return failure(ErrorCode::kInvalid, "it is not of these words, or damaged");
  return check_key(principal, key, time);
}

}  // namespace vedette::policy
