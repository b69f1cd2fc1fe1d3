// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// UTF-8 and UTF-16 at the edges of the program. Inside, all text is UTF-8; bytes that are not valid
// are carried as they are and never rejected by the functions here.
namespace vedette {

// Appends one code point; a surrogate or a value above U+10FFFF becomes U+FFFD.
void append_utf8(std::uint32_t code_point, std::string& out);
// Writes at most 4 bytes at `out`, returns how many.
std::size_t encode_utf8(std::uint32_t code_point, char* out);

// Little-endian UTF-16 bytes to UTF-8; a lone surrogate becomes U+FFFD; an odd last byte is
// dropped. Writes at most 3 * (bytes.size() / 2) bytes at `out` and returns how many.
std::size_t utf16le_to_utf8(std::string_view bytes, char* out);

// UTF-8 to little-endian UTF-16 bytes, appended.
void append_utf16le(std::string_view utf8, std::string& out);

// Case folding that keeps the byte length: ASCII, Latin-1, Latin Extended-A, Greek, Cyrillic and
// Armenian letters to lower case, everything else unchanged. (Sigma, "Special Field Values":
// comparisons ignore case; it names no folding. Length-preserving simple folding covers the scripts
// whose pairs encode to equal length.) Writes text.size() bytes at `out`; `out` may be text.data().
void fold_case(std::string_view text, char* out);
std::string fold_case(std::string_view text);

// True when every byte is below 0x80.
bool is_ascii(std::string_view text);

// True when the bytes are well-formed UTF-8.
bool is_utf8(std::string_view text);

}  // namespace vedette
