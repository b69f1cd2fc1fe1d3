// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// Values that stand where a secret would: they are not secrets, whatever surrounds them.
namespace vedette::scan::secrets {

// A variable, template, call, constant, masked or empty text: "${TOKEN}", "<password>", "{{ x }}",
// "%s", "os.environ[…", "null", "xxxxxxxx", "********". Cost: tens of nanoseconds.
bool is_reference(std::string_view value);

// A credential that a provider prints in its own documentation.
bool is_documented(std::string_view value);

// An expression: "\"+name+\"", "$x . '".
bool has_code_mark(std::string_view value);

// The next ones take lower-case text.
// "changeme", "your-api-key", "example", "placeholder": asks the reader to put something else.
bool has_placeholder_word(std::string_view lower);
// "test", "dummy", "foo".
bool has_test_word(std::string_view lower);
// Says no more than what it is: "password", "secret", "api_key", "access token".
bool is_secret_word(std::string_view lower);
// "wrong_password", "invalid-token": made to be refused.
bool has_wrong_word(std::string_view lower);
// What examples and tests write for want of a value: "foo", "test123", "my-secret-token", "12345".
bool is_trivial_word(std::string_view lower);
// A password that is really used, though everybody knows it: "admin", "123456", "postgres".
bool is_weak_password(std::string_view lower);
// Put together from all these words and numbers alone: "testpassword", "somesecret1", "admin123".
bool is_guessable_word(std::string_view lower);

}  // namespace vedette::scan::secrets
