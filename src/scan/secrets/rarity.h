// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// How unlike words and identifiers a text is, and how many different characters it uses.
namespace vedette::scan::secrets {

// Bits that each character costs on average under a model of neighbouring characters in the names
// of real programs: about 3 for words, above 5 for random text. 0 for an empty text. Only the first
// kRarityBytes are read.
inline constexpr std::size_t kRarityBytes = 128;
double rarity_bits(std::string_view text);

// Shannon's entropy of the bytes, in bits for each; only the first kRarityBytes are read.
double entropy_bits(std::string_view text);

}  // namespace vedette::scan::secrets
