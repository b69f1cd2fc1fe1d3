// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/purl_parts.h"

#include <algorithm>

#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

constexpr std::string_view kPlain =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_~:";

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void append_percent_encoded(std::string_view text, std::string_view kept, std::string& out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos || kept.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_escape = text[at] == '%' && at + 2 < text.size() && digit_of(text[at + 1]) >= 0 &&
                           digit_of(text[at + 2]) >= 0;
    out += is_escape ? static_cast<char>(digit_of(text[at + 1]) * 16 + digit_of(text[at + 2]))
                     : text[at];
    at += is_escape ? 2 : 0;
  }
  return out;
}

std::string_view PurlParts::qualifier(std::string_view key) const {
  for (const auto& [own, value] : qualifiers) {
    if (own == key) return value;
  }
  return {};
}

std::optional<PurlParts> split_purl(std::string_view purl) {
  if (!purl.starts_with("pkg:")) return std::nullopt;
  purl.remove_prefix(4);
  while (purl.starts_with('/')) purl.remove_prefix(1);
  const std::size_t hash = std::min(purl.find('#'), purl.size());
  const std::string_view subpath = purl.substr(std::min(hash + 1, purl.size()));
  purl = purl.substr(0, hash);
  const std::size_t question = std::min(purl.find('?'), purl.size());
  std::string_view qualifiers =
      question == purl.size() ? std::string_view() : purl.substr(question + 1);
  purl = purl.substr(0, question);
  const std::size_t slash = purl.find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == purl.size())
    return std::nullopt;
  PurlParts parts;
  parts.subpath = percent_decoded(subpath);
  parts.type = lower(purl.substr(0, slash));
  std::string_view rest = purl.substr(slash + 1);
  // An '@' at the start is a scope that was not escaped.
  const std::size_t at = rest.rfind('@');
  if (at != std::string_view::npos && at != 0) {
    parts.version = percent_decoded(rest.substr(at + 1));
    rest = rest.substr(0, at);
  }
  const std::size_t last = rest.rfind('/');
  if (last != std::string_view::npos) parts.space = percent_decoded(rest.substr(0, last));
  parts.name = percent_decoded(last == std::string_view::npos ? rest : rest.substr(last + 1));
  while (!qualifiers.empty()) {
    const std::string_view one = qualifiers.substr(0, qualifiers.find('&'));
    qualifiers.remove_prefix(std::min(qualifiers.size(), one.size() + 1));
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos) continue;
    parts.qualifiers.emplace_back(lower(one.substr(0, equals)),
                                  percent_decoded(one.substr(equals + 1)));
  }
  return parts.name.empty() ? std::nullopt : std::optional(std::move(parts));
}

std::string join_purl(const PurlParts& parts) {
  std::string out = "pkg:" + parts.type + '/';
  if (!parts.space.empty()) {
    append_percent_encoded(parts.space, "/", out);
    out += '/';
  }
  append_percent_encoded(parts.name, "", out);
  if (!parts.version.empty()) {
    out += '@';
    append_percent_encoded(parts.version, "", out);
  }
  char mark = '?';
  for (const auto& [key, value] : parts.qualifiers) {
    out += mark;
    out.append(key) += '=';
    append_percent_encoded(value, "/", out);
    mark = '&';
  }
  if (!parts.subpath.empty()) {
    out += '#';
    append_percent_encoded(parts.subpath, "/", out);
  }
  return out;
}

}  // namespace vedette::formats::packages
