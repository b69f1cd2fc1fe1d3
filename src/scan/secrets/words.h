// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vedette::scan::secrets {

// A fixed list of words, looked for all at once: a table of first bytes tells which words can begin
// at a place, so that a short text costs about as many steps as it has bytes.
//
//   constexpr WordSet kFruits{{"apple", "pear"}};
//   kFruits.is_inside("two pears");  // true
template <std::size_t kCount>
class WordSet {
 public:
  // The words are not empty, and literals.
  consteval explicit WordSet(const std::string_view (&words)[kCount]) {
    std::copy(std::begin(words), std::end(words), words_.begin());
    std::ranges::sort(words_);
    for (std::size_t i = 0; i < kCount; ++i) ++begins_[std::size_t{first(words_[i])} + 1];
    for (std::size_t i = 1; i < begins_.size(); ++i) {
      begins_[i] = static_cast<std::uint16_t>(begins_[i] + begins_[i - 1]);
    }
  }

  // Whether one of the words stands anywhere in `text`.
  constexpr bool is_inside(std::string_view text) const {
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (begins(text.substr(at)) != 0) return true;
    }
    return false;
  }

  // The size of the longest word that `text` begins with; 0: none.
  constexpr std::size_t begins(std::string_view text) const {
    if (text.empty()) return 0;
    const std::uint8_t byte = first(text);
    std::size_t size = 0;
    for (std::size_t i = begins_[byte]; i < begins_[std::size_t{byte} + 1]; ++i) {
      if (words_[i].size() > size && opens(text, words_[i])) size = words_[i].size();
    }
    return size;
  }

  // Whether `text` is one of the words.
  constexpr bool has(std::string_view text) const {
    return !text.empty() && begins(text) == text.size();
  }

 private:
  static constexpr std::uint8_t first(std::string_view word) {
    return static_cast<std::uint8_t>(word.front());
  }

  // The words are short, and mostly differ at once: a loop beats a call of memcmp.
  static constexpr bool opens(std::string_view text, std::string_view word) {
    if (word.size() > text.size()) return false;
    for (std::size_t i = 1; i < word.size(); ++i) {
      if (text[i] != word[i]) return false;
    }
    return true;
  }

  std::array<std::string_view, kCount> words_{};
  std::array<std::uint16_t, 257> begins_{};  // of the words that begin with a byte
};
template <std::size_t kCount>
WordSet(const std::string_view (&)[kCount]) -> WordSet<kCount>;

}  // namespace vedette::scan::secrets
