// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The encodings that modifiers put values into.
namespace vedette::rules::sigma {

std::string base64(std::string_view bytes);

// The three forms in which `bytes` can appear inside longer Base64 text, by where they start modulo
// 3, cut to the characters that depend on nothing around (specification, "base64offset").
std::array<std::string, 3> base64_offsets(std::string_view bytes);

enum class ByteOrder : std::uint8_t { kLittle, kBig };
// The literal parts of a Sigma text as UTF-16, marks kept. Nothing when the bytes are not text
// themselves, which is so for most of what is not ASCII.
std::optional<std::string> to_utf16(std::string_view text, ByteOrder order);

// Occurrences of a dash beyond this multiply too far.
constexpr std::size_t kWindashMax = 4;
// All forms of a text with each `-` or `/` that starts a word as `-`, `/`, en dash, em dash and
// horizontal bar; nothing for more than kWindashMax occurrences. One form when there is none.
std::optional<std::vector<std::string>> windash_forms(std::string_view text);

}  // namespace vedette::rules::sigma
