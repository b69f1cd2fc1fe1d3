// SPDX-License-Identifier: Apache-2.0
#include "observe/sighting.h"

#include <algorithm>

#include "base/unicode.h"

namespace vedette::observe {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7F'; }

// Code points that YAML or a terminal takes for more than text: C1 controls (C2 80 … C2 9F), line
// and paragraph separators (E2 80 A8, A9), the byte order mark, and what is no character.
void blank_specials(std::string& text) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (byte(i) == 0xC2 && byte(i + 1) < 0xA0) text.replace(i, 2, "?");
    if (i + 2 >= text.size()) break;
    const bool separator = byte(i) == 0xE2 && byte(i + 1) == 0x80 && (byte(i + 2) & 0xFE) == 0xA8;
    const bool mark = byte(i) == 0xEF && byte(i + 1) == 0xBB && byte(i + 2) == 0xBF;
    const bool nothing = byte(i) == 0xEF && byte(i + 1) == 0xBF && byte(i + 2) >= 0xBE;
    if (separator || mark || nothing) text.replace(i, 3, "?");
  }
}

}  // namespace

std::string clean_text(std::string_view text) {
  std::string clean(text.substr(0, kTextMax));
  std::ranges::replace_if(clean, is_control, '?');
  if (is_ascii(clean)) return clean;
  // What is cut in the middle of a character is none.
  if (is_utf8(clean)) {
    blank_specials(clean);
  } else {
    std::ranges::replace_if(
        clean, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  }
  return clean;
}

std::string image_of(const formats::kernel::Container* container) {
  if (container == nullptr) return std::string(kHost);
  if (!container->image.empty()) return clean_text(container->image);
  const std::string& name = container->name.empty() ? container->id : container->name;
  return "<container " + clean_text(name) + ">";
}

}  // namespace vedette::observe
