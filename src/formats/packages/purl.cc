// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/purl.h"

#include <string_view>

namespace vedette::formats::packages {
namespace {

constexpr std::string_view kPlain =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_~:";

// The specification's percent-encoding; `kept` stands as it is too.
void append_encoded(std::string_view text, std::string_view kept, std::string& out) {
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

}  // namespace

std::string purl_of(const Package& package) {
  if (package.ecosystem == Ecosystem::kNone) return {};
  std::string out = "pkg:";
  out += names_of(package.ecosystem).purl;
  out += '/';
  std::string name = package.name;
  // "group:artifact" is a namespace and a name.
  const std::size_t colon = name.find(':');
  if (package.ecosystem == Ecosystem::kMaven && colon != std::string::npos) name[colon] = '/';
  append_encoded(name, "/", out);
  if (!package.version.empty()) {
    out += '@';
    append_encoded(package.version, "", out);
  }
  return out;
}

}  // namespace vedette::formats::packages
