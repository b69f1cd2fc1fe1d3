// SPDX-License-Identifier: Apache-2.0
#include "scan/secrets/placeholder.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/hash.h"
#include "scan/secrets/words.h"

namespace vedette::scan::secrets {
namespace {

constexpr std::size_t kConstantBytes = 10;
constexpr WordSet kConstants{{
    "null",
    "nil",
    "none",
    "true",
    "false",
    "undefined",
    "undef",
    "yes",
    "no",
    "self",
    "this",
    "empty",
    "string",
    "str",
    "n/a",
    "inherit",
    "new-object",
}};
constexpr WordSet kTemplateMarks{{
    "${",
    "{{",
    "}}",
    "#{",
    "<%",
    "%{",
    "$(",
    "%(",
    "{%",
    "$[[",
    "\\(",
    "[^",
}};
constexpr WordSet kCalls{{
    "environ",
    "getenv",
    "process.env",
    "ENV[",
    "secrets.",
    "var.",
    "config.",
    "()",
    "->",
    "::",
}};
constexpr WordSet kYamlTags{{
    "!Ref",
    "!Join",
    "!Sub",
    "!GetAtt",
    "!Import",
    "!If",
    "!vault",
    "!secret",
    "!env",
    "!reference",
}};

constexpr WordSet kPlaceholderWords{{
    "changeme",     "change_",       "change-",      "changethis", "replace",
    "your",         "example",       "placeholder",  "insert",     "redacted",
    "xxxx",         "todo",          "fixme",        "<",          "my-api",
    "my_api",       "dummy",         "fake",         "mocked",     "_here",
    "-here",        "goeshere",      "keyhere",      "tokenhere",  "secrethere",
    "passwordhere", "enter_",        "enter-",       "enteryour",  "fill_",
    "fill-",        "****",          "....",         "sample",     "notsupplied",
    "specify",      "masked",        "hidden",       "removed",    "paste",
    "you_",         "my-secret",     "alphanum",     "alpha-num",  "alpha_num",
    "strongpass",   "shouldencrypt", "variable not", "not set",    "yyyyyy",
}};
constexpr WordSet kTestWords{{
    "test",
    "foo",
    "bar",
    "demo",
    "mock",
    "bad",
    "wrong",
    "invalid",
    "abc",
    "qux",
    "default",
}};
constexpr WordSet kWrongWords{{
    "wrong",    "invalid",   "incorrect", "bogus", "nope",      "ignored",  "nonexist", "non-exist",
    "mismatch", "badpass",   "bad_",      "bad-",  "too-short", "tooshort", "weak",     "missing",
    "expired",  "malformed", "unknown",   "not_",  "different", "nosuch",
}};
// Words that examples and tests write where a value has to be.
constexpr WordSet kTrivialWords{{
    "foo",    "bar",    "baz",      "test",     "tests",    "testing", "mock",
    "abc",    "abc123", "123abc",   "xyz",      "xyzzy",    "secret",  "s3cret",
    "secr3t", "sample", "some",     "qux",      "hello",    "world",   "blah",
    "other",  "pass",   "passw0rd", "initial",  "fallback", "agent",   "env",
    "header", "valid",  "legacy",   "my",       "your",     "a",       "an",
    "random", "string", "super",    "secure",   "strong",   "short",   "manage",
    "users",  "app",    "data",     "password", "db",       "root",    "sensitive",
}};
// Words that are put before those and the next.
constexpr WordSet kFillWords{{
    "totally", "something", "very", "first",  "second", "optional", "not",
    "so",      "is",        "this", "for",    "of",     "demo",     "default",
    "local",   "dev",       "ci",   "change", "me",     "example",
}};
constexpr WordSet kSecretWords{{
    "password",   "passwd",      "pass",          "pwd",     "secret",
    "token",      "key",         "apikey",        "api",     "access",
    "client",     "auth",        "authorization", "bearer",  "basic",
    "user",       "username",    "login",         "private", "public",
    "credential", "credentials", "passphrase",    "refresh", "id",
    "my",         "the",         "name",          "value",   "hash",
    "salt",       "oauth",       "session",       "type",    "new",
    "old",        "confirm",     "confirmation",  "current", "field",
    "input",      "label",       "file",          "path",    "reset",
    "forgot",     "repeat",      "service",       "account", "encrypted",
    "code",       "header",      "jwt",           "csrf",
}};
constexpr WordSet kWeakPasswords{{
    "admin",   "root",       "guest",    "postgres",  "mysql",       "test",    "123456",
    "12345",   "1234",       "123",      "12345678",  "qwerty",      "letmein", "hunter2",
    "welcome", "changeit",   "passw0rd", "p@ssw0rd",  "toor",        "oracle",  "redis",
    "mongo",   "minioadmin", "admin123", "password1", "password123", "foobar",
}};
// How an expression looks where a literal was expected: its quotes are those of the code around.
constexpr WordSet kCodeMarks{{
    "\"+",
    "+\"",
    "'+",
    "+'",
    "\" +",
    "+ \"",
    "' +",
    "+ '",
    "\" .",
    "' .",
    ". \"",
    ". '",
    ").",
    "(\"",
    "('",
    ");",
    "},",
    "=>",
}};

// XXH3 of credentials that documentation prints, so that they do not stand here, in ascending
// order: keys of the emulators of Azure Storage and Cosmos DB, of Stripe's and reCAPTCHA's pages
// for tests, of jwt.io and RFC 7515, RFC 5849, RFC 6749, RFC 6750 and RFC 7617, tokens of the pages
// of GitHub, Slack, Dynatrace, Databricks, Vault and Giphy.
constexpr std::array<std::uint64_t, 46> kDocumented = {
    0x0501ABD9F607A41AU, 0x095AACF02A5CBEBBU, 0x0A3A914E2E185BECU, 0x11117C7C712B2E9AU,
    0x13308C31A37CCAA0U, 0x13460FD57F2664CBU, 0x1760E8E6477EA8EFU, 0x21D132071BBF345DU,
    0x26275ECB3277FC03U, 0x26A74AC49C8E8D3DU, 0x28F1A31651578D98U, 0x2CA5C4538C41F76BU,
    0x2FE7688F0E934E73U, 0x3AC1218554287FF3U, 0x3B3497E6E9A6EF4AU, 0x46989D43C331CFCCU,
    0x49E88DBCE2389FBAU, 0x4D21699D1FC70DCAU, 0x5005F3A461177451U, 0x58713F51D6565EFEU,
    0x611C6786305AA9E7U, 0x6D79814C86496DFDU, 0x721A0ECD74182C6DU, 0x74BF6EE34948FCDAU,
    0x7CCF41398516A71FU, 0x7DDE7067EEE15035U, 0x7DF59BBA31724463U, 0x8AB1CCA0F5E4984FU,
    0x9001CC993A8B4E52U, 0x974DFCAD43A3F4FBU, 0xAA2029D98944F656U, 0xAEAFD59F1361C85AU,
    0xB39CEDA9874B7A70U, 0xB9A4A4CA04B71520U, 0xC57C827313AA6633U, 0xC8D606C01B44537BU,
    0xCE555596716C94BAU, 0xCF1F03E77543EA29U, 0xD3615B1F0AF23142U, 0xD45D9F82CF9D8C43U,
    0xD89BFA890A2E0A48U, 0xDD424A466F432F62U, 0xECC75C8A1F2A1007U, 0xF5F182C80069C8B4U,
    0xFC3713151A6D5E64U, 0xFC70FCE40EF70E0FU,
};
static_assert(std::ranges::is_sorted(kDocumented));

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// One character again and again, in any case, or only marks.
bool is_masked(std::string_view value) {
  const bool same = std::ranges::all_of(value, [&](char c) { return (c | 32) == (value[0] | 32); });
  if (same && value.size() > 2) return true;
  return std::ranges::none_of(value, [](char c) { return is_word_byte(c) || (c & 0x80) != 0; }) &&
         value.size() < 12;
}

// "${X}", "$X", "#{x}", "%s", "{{x}}", "{0}", "<x>", "[x]", "@x@", "%X%".
bool is_template(std::string_view value) {
  if (kTemplateMarks.is_inside(value)) return true;
  const char first = value.front();
  const char last = value.back();
  const bool name_follows = value.size() > 1 && (is_word_byte(value[1]) && (value[1] > '9'));
  if (first == '$' && name_follows && std::ranges::all_of(value.substr(1), is_word_byte)) {
    return !contains(value.substr(1), "$");
  }
  if (first == '<' && last == '>') return true;
  if (first == '{' && last == '}') return true;
  if (first == '[' && last == ']' && value.size() > 2) return true;
  // Tags of YAML: "!Ref X", "!Join [".
  if (first == '!' && value.size() < 16 && kYamlTags.begins(value) != 0) return true;
  if (first == '@' && last == '@') return true;
  if (first == '%' && (value.size() <= 3 || last == '%')) return true;
  return value.size() > 3 && first == '#' && last == '#';
}

bool is_constant(std::string_view value) {
  std::array<char, kConstantBytes> folded;
  if (value.size() > folded.size()) return false;
  std::ranges::transform(value, folded.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return kConstants.has(std::string_view(folded.data(), value.size()));
}

}  // namespace

bool is_reference(std::string_view value) {
  if (value.size() < 2) return true;
  return is_constant(value) || is_masked(value) || is_template(value) || kCalls.is_inside(value);
}

bool is_documented(std::string_view value) {
  return std::ranges::binary_search(kDocumented, hash_bytes(value)) ||
         (value.size() > 15 && (contains(value, "EXAMPLE") || contains(value, "example")));
}

bool has_placeholder_word(std::string_view lower) { return kPlaceholderWords.is_inside(lower); }

bool has_test_word(std::string_view lower) { return kTestWords.is_inside(lower); }

bool has_wrong_word(std::string_view lower) { return kWrongWords.is_inside(lower); }

bool has_code_mark(std::string_view value) { return kCodeMarks.is_inside(value); }

bool is_secret_word(std::string_view lower) {
  bool any = false;
  while (!lower.empty()) {
    const std::size_t size = kSecretWords.begins(lower);
    any = any || size > 0;
    if (size == 0 && is_word_byte(lower.front()) && lower.front() != '_') return false;
    lower.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return any;
}

bool is_trivial_word(std::string_view lower) {
  bool counted = true;  // "12345", "0000", "987654321"
  for (std::size_t i = 1; i < lower.size(); ++i) {
    const int step = lower[i] - lower[i - 1];
    counted = counted && (step == 1 || step == -1 || step == 0);
  }
  if (counted) return true;
  while (!lower.empty()) {
    const std::size_t size = std::max(kTrivialWords.begins(lower), kSecretWords.begins(lower));
    const bool digit = lower.front() >= '0' && lower.front() <= '9';
    if (size == 0 && !digit && is_word_byte(lower.front()) && lower.front() != '_') return false;
    lower.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return true;
}

bool is_weak_password(std::string_view lower) { return kWeakPasswords.has(lower); }

bool is_guessable_word(std::string_view lower) {
  constexpr std::ptrdiff_t kDigitsMax = 4;  // a year; more are a number that somebody was given
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (is_weak_password(lower)) return true;
  if (std::ranges::count_if(lower, is_digit) > kDigitsMax) return false;
  while (!lower.empty()) {
    const std::size_t size = std::max({kTrivialWords.begins(lower), kSecretWords.begins(lower),
                                       kWeakPasswords.begins(lower), kFillWords.begins(lower)});
    const char first = lower.front();
    if (size == 0 && !is_digit(first) && first != '_' && is_word_byte(first)) return false;
    lower.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return true;
}

}  // namespace vedette::scan::secrets
