// SPDX-License-Identifier: Apache-2.0
#include "rules/sigma/encode.h"

#include <algorithm>

#include "base/unicode.h"
#include "rules/sigma/text.h"

namespace vedette::rules::sigma {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::string_view, 5> kDashes = {"-", "/", "\u2013", "\u2014", "\u2015"};

// A word character as regular expressions mean it: letters, digits and the underscore. Beyond ASCII
// everything is taken for a letter but Latin-1's signs and the general punctuation, where the
// typographic dashes and quotes stand.
bool is_word(std::string_view text, std::size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte < 0x80) {
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z') || byte == '_';
  }
  std::size_t first = at;
  while (first > 0 && (static_cast<unsigned char>(text[first]) & 0xC0U) == 0x80U) --first;
  const std::string_view character = text.substr(first, 3);
  const bool latin_sign = character.starts_with('\xC2') && character != "\xC2\xAA" &&
                          character != "\xC2\xB5" && character != "\xC2\xBA";
  return !latin_sign && !character.starts_with("\xE2\x80") && !character.starts_with("\xE2\x81");
}

// Python's \B[-/]\b at this character of one literal part.
bool starts_option(std::string_view part, std::size_t at) {
  if (part[at] != '-' && part[at] != '/') return false;
  if (at > 0 && is_word(part, at - 1)) return false;
  return at + 1 < part.size() && is_word(part, at + 1);
}

}  // namespace

std::string base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8U | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out.push_back(k <= count ? kAlphabet[(group >> (18U - 6U * k)) & 63U] : '=');
    }
  }
  return out;
}

std::array<std::string, 3> base64_offsets(std::string_view bytes) {
  static constexpr std::array<std::size_t, 3> kFromFront = {0, 2, 3};
  static constexpr std::array<std::size_t, 3> kFromEnd = {0, 3, 2};
  std::array<std::string, 3> forms;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string encoded = base64(std::string(i, ' ') + std::string(bytes));
    const std::size_t front = std::min(kFromFront[i], encoded.size());
    const std::size_t end =
        encoded.size() - std::min(kFromEnd[(bytes.size() + i) % 3], encoded.size() - front);
    forms[i] = encoded.substr(front, end - front);
  }
  return forms;
}

std::optional<std::string> to_utf16(std::string_view text, ByteOrder order) {
  std::string result;
  bool valid = true;
  const auto literal = [&](std::string_view part) {
    std::string bytes;
    append_utf16le(part, bytes);
    if (order == ByteOrder::kBig) {
      for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) std::swap(bytes[i], bytes[i + 1]);
    }
    valid = valid && is_utf8(bytes);
    result.append(bytes);
  };
  for_each_part(text, literal, [&](std::string_view mark) { result.append(mark); });
  if (!valid) return std::nullopt;
  return result;
}

std::optional<std::vector<std::string>> windash_forms(std::string_view text) {
  std::vector<std::string> forms(1);
  std::size_t dashes = 0;
  const auto append = [&](std::string_view piece) {
    for (std::string& form : forms) form.append(piece);
  };
  const auto multiply = [&] {
    std::vector<std::string> next;
    next.reserve(forms.size() * kDashes.size());
    for (const std::string& form : forms) {
      for (const std::string_view dash : kDashes) next.push_back(form + std::string(dash));
    }
    forms = std::move(next);
  };
  const auto literal = [&](std::string_view part) {
    std::size_t start = 0;
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (!starts_option(part, i) || ++dashes > kWindashMax) continue;
      append(part.substr(start, i - start));
      multiply();
      start = i + 1;
    }
    append(part.substr(start));
  };
  for_each_part(text, literal, append);
  if (dashes > kWindashMax) return std::nullopt;
  return forms;
}

}  // namespace vedette::rules::sigma
