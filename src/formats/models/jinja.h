// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::formats::models {

// A word of what stands between {{ }} and {% %} in a template of Jinja (its lexer.py).
struct JinjaToken {
  enum class Kind : std::uint8_t { kName, kText, kNumber, kSign };
  Kind kind = Kind::kSign;
  std::string text;  // of a text: its value, escapes resolved
};

inline constexpr std::size_t kJinjaTokensMax = 200'000;

// One list for each tag, comments and raw blocks left out.
std::vector<std::vector<JinjaToken>> jinja_tags(std::string_view source);

// What is constant in a tag is computed: texts that are added or joined, reversed, formatted,
// replaced. So `'__cl' ~ 'ass__'` becomes one text.
void fold_constants(std::vector<JinjaToken>& tag);

}  // namespace vedette::formats::models
