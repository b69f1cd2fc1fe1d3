// SPDX-License-Identifier: Apache-2.0
#include "base/json_writer.h"

#include <cmath>
#include <fmt/format.h>

#include "base/unicode.h"

namespace vedette {
namespace {

void append_escaped_byte(unsigned char c, std::string& out) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += fmt::format("\\u{:04x}", c);
      return;
  }
}

// Length of the well-formed UTF-8 sequence at text[i], 0 if there is none.
std::size_t sequence_length(std::string_view text, std::size_t i) {
  const auto lead = static_cast<unsigned char>(text[i]);
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (i + length > text.size()) return 0;
  return is_utf8(text.substr(i, length)) ? length : 0;
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  std::size_t clean = 0;  // text[clean, i) needs no change
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
      ++i;
      continue;
    }
    if (c >= 0x80) {
      if (const std::size_t length = sequence_length(text, i); length != 0) {
        i += length;
        continue;
      }
    }
    out.append(text, clean, i - clean);
    if (c >= 0x80) {
      out += "\xEF\xBF\xBD";
    } else {
      append_escaped_byte(c, out);
    }
    clean = ++i;
  }
  out.append(text, clean, text.size() - clean);
  out += '"';
}

bool is_json_number(std::string_view text) {
  std::size_t at = 0;
  const auto take = [&](std::string_view any) {
    const bool found = at < text.size() && any.find(text[at]) != std::string_view::npos;
    at += found ? 1 : 0;
    return found;
  };
  const auto take_digits = [&] {
    const std::size_t start = at;
    while (take("0123456789")) {
    }
    return at > start;
  };
  take("-");
  if (!take("0") && !take_digits()) return false;
  if (take(".") && !take_digits()) return false;
  if (take("eE")) {
    take("+-");
    if (!take_digits()) return false;
  }
  return at == text.size();
}

JsonWriter& JsonWriter::number(double value) {
  return std::isfinite(value) ? raw(fmt::format("{}", value)) : null();
}

}  // namespace vedette
