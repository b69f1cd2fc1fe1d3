// SPDX-License-Identifier: Apache-2.0
#include "output/sarif_text.h"

#include <algorithm>

namespace vedette::output {

std::string sarif_uri(std::string_view path) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string uri;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain) {
      uri += c;
    } else {
      ((uri += '%') += kHex[byte >> 4]) += kHex[byte & 15];
    }
  }
  return uri;
}

bool is_web_address(std::string_view text) {
  if (!text.starts_with("https://") && !text.starts_with("http://")) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7F &&
           std::string_view("\"<>\\^`{|}[]").find(c) == std::string_view::npos;
  });
}

std::string sarif_message(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']') out += '\\';
    if (c == '{' || c == '}') out += c;
    out += c;
  }
  return out;
}

}  // namespace vedette::output
