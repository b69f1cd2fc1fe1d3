// SPDX-License-Identifier: Apache-2.0
#include "output/html/page.h"

#include <fmt/format.h>

#include "output/quantity.h"
#include "output/terminal.h"

namespace vedette::output {
namespace {

unsigned hex_digit(char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); }

// RFC 4648 section 4 of bytes given in hexadecimal, as content security policies want hashes.
std::string base64_of_hex(std::string_view hex) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0;
  unsigned held = 0;
  for (const char c : hex) {
    held = (held << 4) | hex_digit(c);
    bits += 4;
    if (bits >= 6) {
      bits -= 6;
      out += kAlphabet[(held >> bits) & 63];
    }
  }
  if (bits != 0) out += kAlphabet[(held << (6 - bits)) & 63];
  while (out.size() % 4 != 0) out += '=';
  return out;
}

}  // namespace

void append_page_head(const PageHead& head, std::string& out) {
  const std::string scripts =
      head.script_sha256.empty()
          ? ""
          : fmt::format(" script-src 'sha256-{}';", base64_of_hex(head.script_sha256));
  fmt::format_to(std::back_inserter(out),
                 "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
                 "{} style-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\n"
                 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                 "<meta name=\"referrer\" content=\"no-referrer\">\n<title>{}</title>\n"
                 "<style>{}</style>\n</head>\n<body>\n",
                 scripts, base64_of_hex(head.style_sha256), head.title, head.style);
}

void append_page_time(TimeNs now, std::string& out) {
  if (now == 0) return;
  std::string time = format_time(now / kNsPerSecond * kNsPerSecond);
  time.replace(10, 1, " ");
  fmt::format_to(std::back_inserter(out), "{} UTC \xC2\xB7 ", time.substr(0, time.size() - 1));
}

void append_page_tiles(const std::array<std::uint64_t, event::kLevelNames.size()>& counts,
                       std::string& out) {
  out += "<ul class=\"tiles\">\n";
  for (std::size_t level = event::kLevelNames.size(); level-- > 0;) {
    fmt::format_to(std::back_inserter(out),
                   "<li><button type=\"button\" class=\"tile is-{0}\" data-level=\"{1}\" "
                   "aria-pressed=\"false\"><b>{2}</b><span>{0}</span></button></li>\n",
                   event::kLevelNames[level], level, count_text(counts[level]));
  }
  out += "</ul>\n";
}

void append_page_notes(const std::vector<std::string>& notes, std::string& out) {
  if (notes.empty()) return;
  fmt::format_to(std::back_inserter(out), "<details class=\"notes\"{}><summary>{}</summary><ul>\n",
                 notes.size() <= 4 ? " open" : "",
                 notes.size() == 1 ? "1 note" : fmt::format("{} notes", notes.size()));
  for (const std::string& note : notes) {
    append_html(note, out += "<li>");
    out += "</li>\n";
  }
  out += "</ul></details>\n";
}

void append_html(std::string_view text, std::string& out) {
  std::string clean;
  replace_unprintable(text, clean);
  for (const char c : clean) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
}

}  // namespace vedette::output
