// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "match/regex_positions.h"

namespace vedette::match {

// The first bytes of the characters of a class of RE2. Characters beyond ASCII are not told apart:
// one of them stands for all bytes beyond ASCII.
struct RegexClass {
  ByteSet bytes;
  bool takes_more = false;  // bytes beyond ASCII are among them
};

enum class LetterCase : std::uint8_t { kExact, kIgnored };

// Reads "[…]", `pattern[at]` being what follows the bracket, and puts `at` behind it. Nothing for
// forms that are not known here ("\pN").
std::optional<RegexClass> read_bracket_class(std::string_view pattern, std::size_t& at,
                                             LetterCase letter_case);

// What "\d", "\W", … stand for; nothing if `letter` names no class.
std::optional<RegexClass> escaped_class(char letter);

// The character that an escape stands for, `pattern[at]` being what follows the backslash; puts
// `at` behind it. Characters beyond ASCII are told as 0x80. Nothing for what is no character.
std::optional<unsigned char> read_escaped_character(std::string_view pattern, std::size_t& at);

// One character, byte `first` of it, as a class.
RegexClass class_of(unsigned char first, LetterCase letter_case);
RegexClass any_character_but(std::string_view excluded);

}  // namespace vedette::match
