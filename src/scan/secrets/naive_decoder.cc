// SPDX-License-Identifier: Apache-2.0
#include "scan/secrets/naive_decoder.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/unicode.h"

namespace vedette::scan {
namespace {

// Alternatives in the order of their precedence. What a match is decoded to depends on its group.
constexpr std::string_view kEncodings =
    R"((%[[:xdigit:]]{2}(?:.*%[[:xdigit:]]{2})?))"
    R"(|((?:U\+[[:xdigit:]]{4}(?:\s|$))+|(?i:\\{1,2}u[[:xdigit:]]{4})+))"
    R"(|([[:xdigit:]]{32,}))"
    R"(|([0-9A-Za-z_/+-]{16,}={0,2}))";

std::optional<unsigned> nibble(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  const char folded = static_cast<char>(c | 0x20);
  if (folded >= 'a' && folded <= 'f') return static_cast<unsigned>(folded - 'a' + 10);
  return std::nullopt;
}

bool printable(char c) { return c > '\x08' && c < '\x7f'; }

std::optional<char> byte_at(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size()) return std::nullopt;
  const auto high = nibble(text[at]);
  const auto low = nibble(text[at + 1]);
  if (!high || !low) return std::nullopt;
  return static_cast<char>(*high << 4 | *low);
}

// Each answers with nothing when the text is not what it looked like.
std::string decode_percent(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = text[at] == '%' ? byte_at(text, at + 1) : std::nullopt;
    if (byte && !printable(*byte)) return {};
    decoded += byte.value_or(text[at]);
    if (byte) at += 2;
  }
  return decoded;
}

std::string decode_escapes(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at + 4 <= text.size(); ++at) {
    const auto high = byte_at(text, at);
    const auto low = byte_at(text, at + 2);
    if (!high || !low) continue;
    const auto code_point = static_cast<std::uint32_t>(static_cast<unsigned char>(*high)) << 8 |
                            static_cast<unsigned char>(*low);
    append_utf8(code_point, decoded);
    at += 3;
  }
  return decoded;
}

std::string decode_hex(std::string_view text) {
  std::string decoded;
  if (text.size() % 2 != 0 || text.find_first_of("0123456789") == std::string_view::npos) return {};
  for (std::size_t at = 0; at < text.size(); at += 2) {
    const auto byte = byte_at(text, at);
    if (!byte || !printable(*byte)) return {};
    decoded += *byte;
  }
  return decoded;
}

// The characters of one of the two alphabets, without padding; bits left over are ignored.
std::string decode_base64_digits(std::string_view text, std::string_view last_two) {
  if (text.size() % 4 == 1) return {};
  std::string decoded;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    unsigned value = 0;
    if (c >= 'A' && c <= 'Z') {
      value = static_cast<unsigned>(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
      value = static_cast<unsigned>(c - 'a') + 26;
    } else if (c >= '0' && c <= '9') {
      value = static_cast<unsigned>(c - '0') + 52;
    } else if (c == last_two[0] || c == last_two[1]) {
      value = c == last_two[0] ? 62 : 63;
    } else {
      return {};
    }
    bits = bits << 6 | value;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    decoded += static_cast<char>(bits >> count & 0xFF);
    if (!printable(decoded.back())) return {};
  }
  return decoded;
}

std::string decode_base64(std::string_view text) {
  if (text.find_first_of("0123456789+/-_") == std::string_view::npos) return {};
  const std::string_view digits = text.substr(0, std::min(text.find('='), text.size()));
  if (text.size() % 4 == 0 && digits.size() % 4 != 1) {
    std::string decoded = decode_base64_digits(digits, "+/");
    if (!decoded.empty()) return decoded;
  }
  return digits.size() == text.size() ? decode_base64_digits(digits, "-_") : std::string();
}

constexpr std::array<std::string (*)(std::string_view), 4> kDecoders = {
    decode_percent, decode_escapes, decode_hex, decode_base64};

}  // namespace

NaiveDecoder::NaiveDecoder() : encodings_(match::Regex::compile(kEncodings).value()) {}

std::vector<NaiveDecoder::Encoded> NaiveDecoder::find_encoded(std::string_view text) const {
  std::vector<Encoded> all;
  std::vector<std::string_view> groups;
  std::size_t from = 0;
  while (encodings_.find(text, from, match::Regex::Anchor::kAnywhere, groups)) {
    const auto start = static_cast<std::size_t>(groups[0].data() - text.data());
    from = start + groups[0].size();
    std::size_t kind = 0;
    while (groups[kind + 1].data() == nullptr) ++kind;
    all.push_back({kind, {start, from}});
  }
  // Of two neighbours that touch, only the one with precedence is decoded now.
  std::vector<Encoded> kept;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto yields_to = [&](std::size_t other) {
      return all[i].range.overlaps(all[other].range) && all[other].kind < all[i].kind;
    };
    if (i > 0 && yields_to(i - 1)) continue;
    if (i + 1 < all.size() && yields_to(i + 1)) continue;
    kept.push_back(all[i]);
  }
  return kept;
}

bool NaiveDecoder::decode(std::string& text) {
  std::vector<Segment> segments;
  std::string result;
  std::size_t copied = 0;
  for (const Encoded& encoded : find_encoded(text)) {
    const Range& range = encoded.range;
    const std::string decoded = kDecoders[encoded.kind](
        std::string_view(text).substr(range.start, range.end - range.start));
    if (decoded.empty()) continue;
    result.append(text, copied, range.start - copied);
    copied = range.end;
    const std::size_t start = result.size();
    result += decoded;
    segments.push_back({original(range), range, {start, result.size()}});
  }
  if (segments.empty()) return false;
  result.append(text, copied);
  text = std::move(result);
  passes_.push_back(std::move(segments));
  return true;
}

bool NaiveDecoder::touched(Range range) const {
  return std::ranges::any_of(
      passes_.back(), [&](const Segment& segment) { return segment.decoded.overlaps(range); });
}

NaiveDecoder::Range NaiveDecoder::original(Range range) const {
  for (std::size_t pass = passes_.size(); pass > 0; --pass) {
    Range encoded;
    for (const Segment& segment : passes_[pass - 1]) {
      if (!segment.decoded.overlaps(range)) continue;
      if (segment.decoded.contains(range)) return segment.original;
      // What reaches beyond the piece on either side reaches as far beyond what it was made of.
      const std::size_t before =
          segment.decoded.start - std::min(segment.decoded.start, range.start);
      const std::size_t behind = std::max(segment.decoded.end, range.end) - segment.decoded.end;
      const Range reached = {segment.encoded.start - std::min(before, segment.encoded.start),
                             segment.encoded.end + behind};
      encoded = encoded.end == 0 ? reached
                                 : Range{std::min(encoded.start, reached.start),
                                         std::max(encoded.end, reached.end)};
    }
    if (encoded.end == 0) return range;
    range = encoded;
  }
  return range;
}

std::string_view NaiveDecoder::line_of(Range range, std::string_view text) const {
  Range pieces = {text.size(), 0};
  for (const Segment& segment : passes_.back()) {
    if (!segment.decoded.overlaps(range)) continue;
    pieces.start = std::min(pieces.start, segment.decoded.start);
    pieces.end = std::max(pieces.end, segment.decoded.end);
  }
  const std::size_t before = text.rfind('\n', pieces.start);
  const std::size_t start = before == std::string_view::npos ? 0 : before;
  return text.substr(start, std::min(text.find('\n', pieces.end), text.size()) - start);
}

}  // namespace vedette::scan
