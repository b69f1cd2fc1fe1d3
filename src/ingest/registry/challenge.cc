// SPDX-License-Identifier: Apache-2.0
#include "ingest/registry/challenge.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

namespace vedette::ingest {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_token(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string_view take_token(std::string_view& rest) {
  std::size_t end = 0;
  while (end < rest.size() && is_token(rest[end])) ++end;
  const std::string_view token = rest.substr(0, end);
  rest.remove_prefix(end);
  return token;
}

void skip(std::string_view& rest, std::string_view characters) {
  rest.remove_prefix(std::min(rest.find_first_not_of(characters), rest.size()));
}

std::string take_value(std::string_view& rest) {
  if (!rest.starts_with('"')) return std::string(take_token(rest));
  rest.remove_prefix(1);
  std::string value;
  while (!rest.empty() && rest[0] != '"') {
    if (rest[0] == '\\' && rest.size() > 1) rest.remove_prefix(1);
    value += rest[0];
    rest.remove_prefix(1);
  }
  if (!rest.empty()) rest.remove_prefix(1);
  return value;
}

}  // namespace

std::string_view Challenge::parameter(std::string_view name) const {
  const auto found = std::ranges::find(parameters, name, [](const auto& one) { return one.first; });
  return found == parameters.end() ? std::string_view() : std::string_view(found->second);
}

Challenge read_challenge(std::string_view header) {
  Challenge challenge;
  skip(header, " \t,");
  challenge.scheme = lower(take_token(header));
  while (challenge.parameters.size() < Challenge::kParametersMax) {
    skip(header, " \t,");
    std::string name = lower(take_token(header));
    skip(header, " \t");
    // A word without a value is the scheme of the next challenge.
    if (name.empty() || !header.starts_with('=')) break;
    header.remove_prefix(1);
    skip(header, " \t");
    challenge.parameters.emplace_back(std::move(name), take_value(header));
  }
  return challenge;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string base64_encoded(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group <<= 8U;
      if (k < count) group |= static_cast<unsigned char>(bytes[i + k]);
    }
    for (std::size_t k = 0; k < 4; ++k)
      out += k <= count ? kBase64[(group >> (18 - 6 * k)) & 63U] : '=';
  }
  return out;
}

std::string base64_decoded(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string out;
  unsigned group = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::size_t digit = kBase64.find(c);
    if (digit == std::string_view::npos) return {};
    group = ((group << 6U) | static_cast<unsigned>(digit)) & 0xFFFFU;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>((group >> bits) & 0xFFU);
  }
  return out;
}

}  // namespace vedette::ingest
