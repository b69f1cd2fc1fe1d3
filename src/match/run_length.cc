// SPDX-License-Identifier: Apache-2.0
#include "match/run_length.h"

#include <algorithm>
#include <charconv>

namespace vedette::match {
namespace {

// Bytes of the character that "." of RE2 takes from the front of `text`, 0 when there is none. RE2
// looks at how many bytes a character has, not at what it encodes.
std::size_t character_size(std::string_view text) {
  const auto byte = [text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return lead == '\n' ? 0 : 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  return size;
}

}  // namespace

std::optional<std::size_t> counted_dots(std::string_view pattern) {
  constexpr std::size_t kCountMax = 1000;  // more is no expression of RE2
  if (pattern.starts_with("(.){")) {
    pattern.remove_prefix(4);
  } else if (pattern.starts_with(".{")) {
    pattern.remove_prefix(2);
  } else {
    return std::nullopt;
  }
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(pattern.data(), pattern.data() + pattern.size(), count);
  const std::string_view rest = pattern.substr(static_cast<std::size_t>(end - pattern.data()));
  if (error != std::errc() || (rest != ",}" && rest != "}") || count == 0 || count > kCountMax)
    return std::nullopt;
  return count;
}

bool has_run_of_characters(std::string_view text, std::size_t count) {
  std::size_t run = 0;
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    run = size == 0 ? 0 : run + 1;
    if (run >= count) return true;
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return false;
}

}  // namespace vedette::match
