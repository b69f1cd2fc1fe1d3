// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

#include "scan/secrets/signal.h"

// How much each signal says, as the natural logarithm of the factor by which it changes the odds.
// `generic` is fitted by logistic regression to lines of public repositories, labelled by reading,
// and rounded (bench/fit_secret_weights.py; bench/RESULTS.md says of what they are worth); what is
// too seldom there (hashes, UUIDs, public keys) is set by hand, as is `provider`, where the form
// proves the most.
namespace vedette::scan::secrets {

struct Weight {
  Signal signal;
  std::string_view name;
  std::string_view text;
  double generic = 0;
  double provider = 0;
};

inline constexpr double kGenericBias = -2.80;
inline constexpr double kProviderBias = 1.5;

inline constexpr std::array<Weight, kSignalCount> kWeights = {{
    {Signal::kNamePassword, "password name", "the name that it is given to says password", 1.4,
     0.0},
    {Signal::kNameSecret, "secret name", "the name that it is given to says secret", 0.9, 0.0},
    {Signal::kNameToken, "token name", "the name that it is given to says token", -1.2, 0.0},
    {Signal::kNameKey, "key name", "the name that it is given to says key", 0.0, 0.0},
    {Signal::kNameSalt, "salt name", "the name that it is given to says salt", -0.9, 0.0},
    {Signal::kNameNone, "no name", "nothing names it", -0.5, 0.0},
    {Signal::kNameOther, "other name", "the name that it is given to says nothing of secrets", 0.2,
     0.0},
    {Signal::kNameNegative, "name of something else",
     "the name goes on to say that this is a path, a field, a type or the like", -2.6, 0.0},
    {Signal::kNamePlainKey, "plain key", "the name says key, but not of what", -1.2, 0.0},
    {Signal::kNameWhole, "setter", "a call that is named after it takes it", 0.8, 0.0},
    {Signal::kAssigned, "assigned", "it is assigned", -0.3, 0.0},
    {Signal::kColon, "entry", "it is the value of an entry", -0.4, 0.0},
    {Signal::kArgument, "argument", "it is given as an argument", 0.0, 0.0},
    {Signal::kAfterText, "after a text", "it follows another literal", 0.1, 0.0},
    {Signal::kCompared, "compared", "something is compared with it", -0.6, 0.0},
    {Signal::kSpaced, "beside", "only a space is between name and value", 0.3, 0.0},
    {Signal::kWrapped, "wrapped", "a call wraps it", 0.2, 0.0},
    {Signal::kAddress, "address", "it stands in the user part of an address", 1.1, 0.0},
    {Signal::kAnyUser, "user of examples", "the user beside it is that of examples", -1.1, 0.0},
    {Signal::kPair, "pair", "it follows a user name", 1.3, 0.0},
    {Signal::kHeader, "header", "a header of a request carries it", 1.3, 0.0},
    {Signal::kTag, "element", "it is the text of an element", -0.8, 0.0},
    {Signal::kQuoted, "quoted", "it is a quoted literal", -0.3, 0.0},
    {Signal::kBare, "bare", "it is not quoted", 0.3, 0.0},
    {Signal::kBareInString, "inside of a text", "it stands inside of a longer literal", -0.0, 0.0},
    {Signal::kTiny, "tiny", "it has fewer than 4 characters", -0.4, 0.0},
    {Signal::kShort, "short", "it has 4 to 6 characters", 0.2, 0.0},
    {Signal::kMiddle, "length", "it has 7 to 15 characters, as passwords have", 0.5, 0.0},
    {Signal::kLong, "long", "it has 16 to 63 characters, as keys have", 0.2, 0.0},
    {Signal::kVeryLong, "very long", "it has 64 characters or more", -0.5, 0.0},
    {Signal::kDigitsOnly, "digits", "it is a number", 2.6, 0.0},
    {Signal::kLettersOnly, "letters", "it has letters only", 1.9, 0.0},
    {Signal::kLettersAndDigits, "letters and digits", "it mixes letters and digits", 1.5, 0.0},
    {Signal::kUpperLowerDigits, "mixed", "it mixes capitals, small letters and digits", 1.3, 0.0},
    {Signal::kSymbols, "symbols", "it has symbols between letters and digits, as passwords have",
     0.2, 0.0},
    {Signal::kPasswordLike, "like a password", "it mixes letters with the marks of passwords", 0.7,
     0.0},
    {Signal::kRandom, "random", "it is long, and letters and digits follow each other at random",
     0.8, 0.0},
    {Signal::kUpperOnly, "capitals", "it is written in capitals, as constants are", -2.1, 0.0},
    {Signal::kTitle, "capitalised", "it is one word that begins with a capital, as labels do", -1.5,
     0.0},
    {Signal::kWhitespace, "blanks", "it has blanks", -0.9, 0.0},
    {Signal::kSentence, "sentence", "it has several words, as messages have", 0.0, -1.5},
    {Signal::kRare, "rarity",
     "its characters follow each other as they rarely do in names and words", 0.3, 0.0},
    {Signal::kVeryRare, "high rarity", "its characters follow each other at random", 1.0, 0.5},
    {Signal::kWordy, "words", "it reads like words", -0.2, -2.0},
    {Signal::kEntropyHigh, "entropy", "it uses many different characters", 0.3, 0.0},
    {Signal::kHexadecimal, "hexadecimal", "it is a hexadecimal number", 1.0, 0.0},
    {Signal::kDashedWords, "words with dashes", "it is words with dashes between", 1.3, 0.0},
    {Signal::kIdentifier, "identifier", "it is written like a name in code", -0.1, 0.0},
    {Signal::kDotted, "dotted name", "it is names with dots between", -0.8, 0.0},
    {Signal::kNameRepeated, "repeats its name", "it repeats the name that it is given to", -0.3,
     0.0},
    {Signal::kSecretWord, "says what it is", "it only says what it is, like \"password\"", -0.5,
     -3.0},
    {Signal::kPlaceholderWord, "placeholder", "it asks to put something else in its place", -2.9,
     -2.5},
    {Signal::kTestWord, "test word", "it says that it is for tests", -0.2, 0.0},
    {Signal::kWeakPassword, "known password", "it is a password that everybody knows", 1.1, 0.0},
    {Signal::kWrongWord, "wrong on purpose", "it says that it is wrong", -2.1, -1.0},
    {Signal::kTrivialExample, "bare example", "it is a word that examples and tests use", -2.3,
     -1.0},
    {Signal::kHashLength, "hash length", "it is as long as a hash, and in hexadecimal", -1.1, 0.0},
    {Signal::kSpeaksOfCode, "expression", "it is put together from other values", -3.0, -1.0},
    {Signal::kWeakNamePlain, "plain token", "named token or key, it is no random value", -0.4, 0.0},
    {Signal::kNotAscii, "other script", "it has letters outside of ASCII, as texts for people have",
     -1.1, 0.0},
    {Signal::kPath, "path", "it is a path", -2.6, 0.0},
    {Signal::kAddressValue, "address as value", "it is an address", -0.6, 0.0},
    {Signal::kFormatMark, "format", "it has marks that a program fills in", -0.4, -2.0},
    {Signal::kHashForm, "hash", "it is a hash of a password", -2.0, 0.0},
    {Signal::kUuid, "UUID", "it is a UUID", -1.5, 0.0},
    {Signal::kPublic, "public", "it is a public key, certificate, image or checksum", -2.5, 0.0},
    {Signal::kMediaType, "media type", "it is two words with a slash between", -0.8, 0.0},
    {Signal::kRandomCredential, "random credential",
     "what is named secret, token or key of something is as random as those are", 2.4, 0.0},
    {Signal::kCode, "code", "the file is source code", 0.0, 0.0},
    {Signal::kShellFile, "script", "the file is a script", 0.4, 0.0},
    {Signal::kConfigFile, "configuration", "the file is configuration", 1.3, 0.0},
    {Signal::kDataFile, "data", "the file is JSON or XML", 0.4, 0.0},
    {Signal::kMarkupFile, "page", "the file is a page or a template", -0.9, 0.0},
    {Signal::kProseFile, "documentation", "the file is documentation", -0.3, 0.0},
    {Signal::kUnknownFile, "unknown file", "the kind of file is not known", -0.1, 0.0},
    {Signal::kTestFile, "test file", "the file belongs to tests", -0.7, -0.8},
    {Signal::kExampleFile, "example file", "the file is an example", 0.3, -0.3},
    {Signal::kVendoredFile, "foreign code", "the file is a copy of somebody else's", -1.4, -0.3},
    {Signal::kLocaleFile, "translation", "the file has texts for people", -2.9, 0.0},
    {Signal::kCommentLine, "comment", "the line is a comment", -1.3, 0.0},
    {Signal::kUserBeside, "user beside", "a user is named beside it", 0.2, 0.0},
    {Signal::kUserNear, "user near", "a user is named on a line close by", 0.3, 0.0},
    {Signal::kSameNear, "same near",
     "the same stands close by, as when a user's name is the password", 0.3, 0.0},
    {Signal::kConnection, "connection", "it is a part of what connects to a server", 1.1, 0.0},
    {Signal::kBareInPage, "bare in a text", "it stands bare in documentation or a page", -0.2, 0.0},
    {Signal::kHashBeside, "checksum beside", "a checksum or commit is named before it", -0.8, 0.0},
    {Signal::kLongLine, "long line", "the line is very long, as in generated code", -0.7, 0.0},
    {Signal::kFormProven, "checksum", "the secret carries its own checksum, and that is right", 0.0,
     3.0},
    {Signal::kFormKept, "form", "it has the inner form that its provider gives", 0.0, 1.5},
    {Signal::kFormBroken, "wrong checksum", "the checksum that it should carry is another", 0.0,
     -3.3},
    {Signal::kRuleLow, "wide rule", "the rule that found it is wide", -0.7, -1.5},
    {Signal::kRuleMedium, "rule", "the rule that found it asks for a name", 0.0, 0.0},
    {Signal::kRuleHigh, "narrow rule", "the rule that found it is narrow", 0.6, 1.5},
}};

static_assert([] {
  for (std::size_t i = 0; i < kWeights.size(); ++i) {
    if (kWeights[i].signal != static_cast<Signal>(i)) return false;
  }
  return true;
}());

}  // namespace vedette::scan::secrets
