// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "scan/mask.h"

namespace vedette::scan::secrets {

// In the order of precedence: of two that touch, the one with more is taken.
enum class Encoding : std::uint8_t { kPercent, kUnicode, kHexadecimal, kBase64 };
inline constexpr std::array<std::string_view, 4> kEncodingNames = {"percent", "unicode", "hex",
                                                                   "base64"};
constexpr std::string_view to_string(Encoding encoding) {
  return kEncodingNames[static_cast<std::size_t>(encoding)];
}

// Finds what may be encoded text, one after the other, as gitleaks' detect/codec does:
//   %41 up to the last such of the line · \u0041… and U+0041 … · 32 and more hexadecimal digits ·
//   16 and more characters of base64
// Each 64 bytes become bitmaps of the characters that count; nothing else is looked at twice. About
// 0.1 ns a byte of source code. Base64 that certainly decodes to nothing readable is passed over.
class EncodedFinder {
 public:
  struct Found {
    Encoding encoding = Encoding::kPercent;
    ByteRange range;
  };

  // `text` outlives this.
  explicit EncodedFinder(std::string_view text);
  bool next(Found& found);

 private:
  struct Masks {
    std::uint64_t digits = 0;  // of base64, and so of all but the marks
    // Of percent signs, backslashes and pluses those that more speaks for than themselves.
    std::uint64_t marks = 0;
  };
  static Masks wide_masks_at(const char* at);
  Masks masks_at(std::size_t begin) const;
  void enter(std::size_t begin);
  void skip_fast();
  bool try_at(std::size_t at, Found& found) const;
  bool try_run(std::size_t at, Found& found) const;
  std::size_t run_end(std::size_t at) const;

  std::string_view text_;
  bool is_fast_ = false;   // the processor has AVX2
  std::size_t from_ = 0;   // behind what was found last
  std::size_t block_ = 0;  // begin of the 64 bytes at hand
  Masks here_;
  Masks ahead_;              // of the 64 bytes behind
  std::uint64_t hints_ = 0;  // where something may begin, and was not looked at yet
};

// What a piece means; appended to `decoded`. False, and nothing is appended: it is not what it
// looked like, or not printable ASCII (escapes may be any character).
bool decode(EncodedFinder::Found found, std::string_view text, std::string& decoded);

}  // namespace vedette::scan::secrets
