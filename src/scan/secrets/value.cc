// SPDX-License-Identifier: Apache-2.0
#include "scan/secrets/value.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "scan/secrets/placeholder.h"
#include "scan/secrets/rarity.h"
#include "scan/secrets/words.h"

namespace vedette::scan::secrets {
namespace {

constexpr double kRareBits = 4.1;
constexpr double kVeryRareBits = 5.0;
constexpr double kWordyBits = 3.6;
constexpr double kHighEntropyBits = 3.6;
constexpr std::size_t kRareSizeMin = 8;
constexpr std::size_t kRandomSizeMin = 16;

// What people put into passwords, and code does not into names.
constexpr std::string_view kPasswordMarks = "!@#$%^&*";

constexpr WordSet kPublicBeginnings{{
    "ssh-rsa ",
    "ssh-ed25519 ",
    "-----BEGIN PUBLIC",
    "-----BEGIN CERT",
    "MIIB",
    "data:",
    "sha256-",
    "sha512-",
    "sha1-",
    "md5",
}};
constexpr WordSet kHashBeginnings{{
    "$2",
    "$1$",
    "$5$",
    "$6$",
    "$apr1$",
    "$argon2",
    "$pbkdf2",
    "pbkdf2",
    "{SHA",
    "{SSHA",
    "\\$1",
    "{bcrypt}",
    "sha1$",
    "SCRAM-SHA-256$",
    "scrypt:",
    "$y$",
}};
constexpr WordSet kFormatMarks{{"%s", "%d"}};

struct Counts {
  std::size_t lower = 0, upper = 0, digits = 0, underscores = 0, dashes = 0, dots = 0, slashes = 0,
              blanks = 0, symbols = 0, marks = 0, high = 0, hex = 0;
  std::size_t case_changes = 0;  // from lower to upper
};

Counts count(std::string_view value) {
  Counts counts;
  char before = 0;
  for (const char c : value) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool upper = c >= 'A' && c <= 'Z';
    const bool digit = c >= '0' && c <= '9';
    counts.lower += lower ? 1 : 0;
    counts.upper += upper ? 1 : 0;
    counts.digits += digit ? 1 : 0;
    counts.hex += digit || ((c | 32) >= 'a' && (c | 32) <= 'f') ? 1 : 0;
    if (upper && before >= 'a' && before <= 'z') ++counts.case_changes;
    before = c;
    if (lower || upper || digit) continue;
    if (c == '_')
      ++counts.underscores;
    else if (c == '-')
      ++counts.dashes;
    else if (c == '.')
      ++counts.dots;
    else if (c == '/' || c == '\\')
      ++counts.slashes;
    else if (c == ' ' || c == '\t' || c == '\n')
      ++counts.blanks;
    else if ((c & 0x80) != 0)
      ++counts.high;
    else
      ++counts.symbols;
    counts.marks += kPasswordMarks.find(c) != std::string_view::npos ? 1 : 0;
  }
  return counts;
}

void observe_size(std::size_t size, Signals& signals) {
  signals.add(size < 4    ? Signal::kTiny
              : size < 7  ? Signal::kShort
              : size < 16 ? Signal::kMiddle
              : size < 64 ? Signal::kLong
                          : Signal::kVeryLong);
}

void observe_alphabet(std::string_view value, const Counts& counts, Signals& signals) {
  const std::size_t letters = counts.lower + counts.upper;
  signals.add_if(counts.digits == value.size(), Signal::kDigitsOnly);
  signals.add_if(letters == value.size(), Signal::kLettersOnly);
  signals.add_if(letters > 0 && counts.digits > 0, Signal::kLettersAndDigits);
  signals.add_if(counts.upper > 0 && counts.lower > 0 && counts.digits > 0,
                 Signal::kUpperLowerDigits);
  signals.add_if(counts.symbols > 0 && letters + counts.digits > 2 && counts.blanks == 0,
                 Signal::kSymbols);
  const bool sorts = counts.digits > 0 || (counts.upper > 0 && counts.lower > 0);
  signals.add_if(counts.marks > 0 && counts.marks == counts.symbols && letters > 2 && sorts &&
                     counts.blanks == 0 && counts.slashes == 0 && value.size() < 40,
                 Signal::kPasswordLike);
  signals.add_if(counts.upper > 1 && counts.lower == 0, Signal::kUpperOnly);
  const bool capital = value[0] >= 'A' && value[0] <= 'Z';
  signals.add_if(capital && counts.upper == 1 && counts.lower + 1 == value.size(), Signal::kTitle);
  signals.add_if(counts.blanks > 0, Signal::kWhitespace);
  signals.add_if(counts.blanks > 2, Signal::kSentence);
  signals.add_if(counts.high > 0, Signal::kNotAscii);
}

void observe_rarity(std::string_view value, const Counts& counts, Signals& signals) {
  const double bits = rarity_bits(value);
  if (value.size() >= kRareSizeMin) {
    signals.add_if(bits > kRareBits, Signal::kRare);
    signals.add_if(bits > kVeryRareBits, Signal::kVeryRare);
    const bool sorts = counts.digits > 1 || (counts.upper > 2 && bits > kVeryRareBits);
    signals.add_if(bits > kRareBits && value.size() >= kRandomSizeMin && sorts &&
                       counts.lower + counts.upper > 1 && counts.symbols + counts.blanks < 3,
                   Signal::kRandom);
  }
  signals.add_if(bits < kWordyBits, Signal::kWordy);
  if (value.size() >= 16) {
    signals.add_if(entropy_bits(value) > kHighEntropyBits, Signal::kEntropyHigh);
    signals.add_if(counts.hex == value.size(), Signal::kHexadecimal);
    signals.add_if(counts.hex == value.size() && signals.has(Signal::kNamePassword) &&
                       (value.size() == 32 || value.size() == 40 || value.size() == 64),
                   Signal::kHashLength);
  }
}

bool is_uuid(std::string_view value, const Counts& counts) {
  return value.size() == 36 && counts.dashes == 4 && counts.hex == 32 && value[8] == '-' &&
         value[13] == '-';
}

// Public things that are as rare as secrets: keys, certificates, password hashes.
bool is_public(std::string_view value) { return kPublicBeginnings.begins(value) != 0; }

bool is_hash(std::string_view value, const Counts& counts) {
  if (value.size() > 20 && kHashBeginnings.begins(value) != 0) return true;
  if (value.size() == 35 && value.starts_with("md5") && counts.hex >= 32) return true;
  return value.size() == 41 && value[0] == '*' && counts.hex == 40;
}

void observe_form(std::string_view value, const Counts& counts, Signals& signals) {
  const std::size_t letters = counts.lower + counts.upper;
  const std::size_t joints = counts.underscores + counts.dashes;
  const bool names_only = letters + counts.underscores + counts.digits == value.size();
  signals.add_if(names_only && counts.digits == 0 &&
                     (counts.underscores > 0 || counts.case_changes > 0) &&
                     !signals.has(Signal::kRare),
                 Signal::kIdentifier);
  signals.add_if(counts.dots > 0 && letters > counts.digits &&
                     letters + counts.digits + joints + counts.dots == value.size(),
                 Signal::kDotted);
  signals.add_if(counts.dashes > 0 && letters + counts.dashes == value.size(),
                 Signal::kDashedWords);
  const bool starts_path = value[0] == '/' || value.starts_with("./") || value.starts_with("~/") ||
                           value.starts_with("../") ||
                           (value.size() > 2 && value[1] == ':' && value[2] == '\\');
  const bool few_digits = counts.digits == 0 || (counts.digits < 4 && counts.upper == 0);
  const bool located = value.starts_with("classpath:") || value.starts_with("file:");
  signals.add_if(
      (starts_path || located || (counts.slashes > 1 && few_digits)) && counts.blanks == 0,
      Signal::kPath);
  signals.add_if(counts.slashes > 1 && value.find("://") != std::string_view::npos,
                 Signal::kAddressValue);
  signals.add_if(counts.symbols > 0 && kFormatMarks.is_inside(value), Signal::kFormatMark);
  signals.add_if(counts.symbols > 1 && value.find('{') != std::string_view::npos &&
                     value.find('}') != std::string_view::npos,
                 Signal::kFormatMark);
  signals.add_if(is_hash(value, counts), Signal::kHashForm);
  signals.add_if(is_uuid(value, counts), Signal::kUuid);
  signals.add_if(is_public(value), Signal::kPublic);
  signals.add_if(counts.slashes == 1 && letters + joints + 1 == value.size(), Signal::kMediaType);
}

// What makers of keys give out, at a name that says so.
bool is_random_credential(const Signals& signals) {
  const bool is_named = signals.has(Signal::kNameSecret) || signals.has(Signal::kNameToken) ||
                        signals.has(Signal::kNameKey);
  return is_named && !signals.has(Signal::kNameNegative) && !signals.has(Signal::kNamePlainKey) &&
         (signals.has(Signal::kRandom) || signals.has(Signal::kHexadecimal)) &&
         !signals.has(Signal::kUuid) && !signals.has(Signal::kPath) &&
         !signals.has(Signal::kPublic) && !signals.has(Signal::kWhitespace);
}

}  // namespace

void observe_value(std::string_view value, Signals& signals) {
  observe_size(value.size(), signals);
  value = value.substr(0, kValueBytes);
  if (value.empty()) return;
  const Counts counts = count(value);
  observe_alphabet(value, counts, signals);
  observe_rarity(value, counts, signals);
  observe_form(value, counts, signals);
  signals.add_if(!signals.has(Signal::kNamePassword) && !signals.has(Signal::kNameSecret) &&
                     !signals.has(Signal::kRare) && !signals.has(Signal::kNameNone),
                 Signal::kWeakNamePlain);
  signals.add_if(is_random_credential(signals), Signal::kRandomCredential);
}

void observe_words(std::string_view value, std::string_view name, const FileKind& file,
                   Signals& signals) {
  value = value.substr(0, kValueBytes);
  std::array<char, kValueBytes> buffer;
  std::ranges::transform(value, buffer.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  const std::string_view lower(buffer.data(), value.size());
  signals.add_if(name.size() > 2 && lower.find(name) != std::string_view::npos,
                 Signal::kNameRepeated);
  signals.add_if(is_secret_word(lower), Signal::kSecretWord);
  signals.add_if(has_placeholder_word(lower), Signal::kPlaceholderWord);
  signals.add_if(has_test_word(lower), Signal::kTestWord);
  signals.add_if(is_weak_password(lower), Signal::kWeakPassword);
  signals.add_if(has_wrong_word(lower), Signal::kWrongWord);
  signals.add_if(has_code_mark(value), Signal::kSpeaksOfCode);
  const bool example = file.test || file.syntax == Syntax::kProse;
  signals.add_if(example && !signals.has(Signal::kUpperLowerDigits) && is_trivial_word(lower),
                 Signal::kTrivialExample);
}

}  // namespace vedette::scan::secrets
