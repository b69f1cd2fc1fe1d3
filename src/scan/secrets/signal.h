// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

// What can be observed of a candidate, each with the weight that labelled code gave it.
namespace vedette::scan::secrets {

enum class Signal : std::uint8_t {
  // The name that the value is given to.
  kNamePassword,
  kNameSecret,
  kNameToken,
  kNameKey,
  kNameSalt,
  kNameNone,
  kNameOther,
  kNameNegative,
  kNamePlainKey,
  kNameWhole,
  // How it is given.
  kAssigned,
  kColon,
  kArgument,
  kAfterText,
  kCompared,
  kSpaced,
  kWrapped,
  kAddress,
  kAnyUser,
  kPair,
  kHeader,
  kTag,
  kQuoted,
  kBare,
  kBareInString,
  // The value.
  kTiny,
  kShort,
  kMiddle,
  kLong,
  kVeryLong,
  kDigitsOnly,
  kLettersOnly,
  kLettersAndDigits,
  kUpperLowerDigits,
  kSymbols,
  kPasswordLike,
  kRandom,
  kUpperOnly,
  kTitle,
  kWhitespace,
  kSentence,
  kRare,
  kVeryRare,
  kWordy,
  kEntropyHigh,
  kHexadecimal,
  kDashedWords,
  kIdentifier,
  kDotted,
  kNameRepeated,
  kSecretWord,
  kPlaceholderWord,
  kTestWord,
  kWeakPassword,
  kWrongWord,
  kTrivialExample,
  kHashLength,
  kSpeaksOfCode,
  kWeakNamePlain,
  kNotAscii,
  kPath,
  kAddressValue,
  kFormatMark,
  kHashForm,
  kUuid,
  kPublic,
  kMediaType,
  kRandomCredential,
  // Where.
  kCode,
  kShellFile,
  kConfigFile,
  kDataFile,
  kMarkupFile,
  kProseFile,
  kUnknownFile,
  kTestFile,
  kExampleFile,
  kVendoredFile,
  kLocaleFile,
  kCommentLine,
  kUserBeside,
  kUserNear,
  kSameNear,
  kConnection,
  kBareInPage,
  kHashBeside,
  kLongLine,
  // The provider's own form.
  kFormProven,
  kFormKept,
  kFormBroken,
  // What the rule itself says.
  kRuleLow,
  kRuleMedium,
  kRuleHigh,
  kCount,
};
inline constexpr std::size_t kSignalCount = static_cast<std::size_t>(Signal::kCount);

// A set of signals.
class Signals {
 public:
  void add(Signal signal) { words_[index(signal) / 64] |= bit(signal); }
  void add_if(bool condition, Signal signal) {
    words_[index(signal) / 64] |= condition ? bit(signal) : 0;
  }
  bool has(Signal signal) const { return (words_[index(signal) / 64] & bit(signal)) != 0; }
  const std::array<std::uint64_t, 2>& words() const { return words_; }

 private:
  static_assert(kSignalCount <= 128);
  static std::size_t index(Signal signal) { return static_cast<std::size_t>(signal); }
  static std::uint64_t bit(Signal signal) { return std::uint64_t{1} << (index(signal) % 64); }

  std::array<std::uint64_t, 2> words_{};
};

}  // namespace vedette::scan::secrets
