// SPDX-License-Identifier: Apache-2.0
#include "scan/models/nested_contents.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "formats/models/pickle/begin_search.h"
#include "formats/models/python_marshal.h"

namespace vedette::scan::models {
namespace {

using formats::models::Value;
using formats::models::ValueGraph;
using formats::models::ValueId;
using formats::models::ValueKind;
using std::string_view_literals::operator""sv;

constexpr std::size_t kNestedMax = 64;
constexpr std::size_t kBytesMax = std::size_t{64} << 20;
constexpr std::size_t kShortest = 8;
constexpr std::size_t kEncodedShortest = 16;
constexpr std::size_t kEncodedHead = 64;  // enough to tell what it would be

bool begins_packed(std::string_view bytes) {
  constexpr auto kMarks = std::to_array<std::string_view>(
      {"PK\x03\x04"sv, "\x1F\x8B\x08"sv, "BZh"sv, "\xFD\x37zXZ\0"sv, "\x28\xB5\x2F\xFD"sv});
  if (std::ranges::any_of(kMarks, [bytes](auto mark) { return bytes.starts_with(mark); }))
    return true;
  // RFC 1950, 2.2: a window of 32 KiB, which is what zlib takes when nothing is said.
  return bytes.size() > 2 && bytes[0] == '\x78' &&
         (0x7800U + static_cast<unsigned char>(bytes[1])) % 31 == 0;
}

// Protocol 0 has no mark, but ends in a stop behind a line.
bool is_old_pickle(std::string_view text) {
  return text.ends_with('.') && (text[0] == 'c' || text[0] == '(') &&
         text.find('\n') != std::string_view::npos;
}

// The begin of one: lines of text.
bool may_be_old_pickle(std::string_view begin) {
  return !begin.empty() && (begin[0] == 'c' || begin[0] == '(') &&
         begin.find('\n') != std::string_view::npos &&
         std::ranges::all_of(begin, [](char c) { return (c >= ' ' && c <= '~') || c == '\n'; });
}

bool is_content(std::string_view bytes) {
  return bytes.size() >= kShortest &&
         (formats::models::may_begin_pickle(bytes) || begins_packed(bytes) || is_old_pickle(bytes));
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decode_digits(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const int high = digit_of(text[i]);
    const int low = digit_of(text[i + 1]);
    if (high < 0 || low < 0) return {};
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

// Most texts are told apart by two characters: how the first byte of what is_content() knows is
// written.
bool may_be_encoded(char first, char second) {
  constexpr auto kBegins =
      std::to_array<std::string_view>({"gA", "UE", "H4", "Ql", "/T", "_T", "KL", "80", "50", "1f",
                                       "1F", "42", "fd", "FD", "28", "78"});
  if (first == 'e' || first == 'K') return second >= 'A' && second <= 'P';
  // Of protocol 0, "c".
  if (first == 'Y') return !(second >= 'A' && second <= 'Z') && !(second >= 'a' && second < 'w');
  return std::ranges::any_of(
      kBegins, [=](std::string_view one) { return one[0] == first && one[1] == second; });
}

// Empty where it is none.
std::string decode_if_content(std::string_view text) {
  if (text.size() < kEncodedShortest || !may_be_encoded(text[0], text[1])) return {};
  // The first characters tell whether it is worth to look at all.
  const std::string_view head = text.substr(0, kEncodedHead);
  const auto is_sign = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '-' || c == '_' || c == '=' || c == '\n' || c == '\r';
  };
  if (!std::ranges::all_of(head, is_sign)) return {};
  const bool is_hexadecimal = text.size() % 2 == 0 && !decode_digits(head).empty();
  if (is_hexadecimal && is_content(decode_digits(head))) return decode_digits(text);
  const std::string begin = formats::models::decode_base64(head);
  if (formats::models::may_begin_pickle(begin) || begins_packed(begin))
    return formats::models::decode_base64(text);
  if (!may_be_old_pickle(begin)) return {};
  std::string content = formats::models::decode_base64(text);
  return is_old_pickle(content) ? content : std::string();
}

}  // namespace

std::vector<std::string> nested_contents(const ValueGraph& graph,
                                         const std::vector<ValueId>& loaded) {
  std::vector<std::string> out;
  std::size_t total = 0;
  const auto add = [&](std::string content) {
    if (content.empty() || out.size() >= kNestedMax || total + content.size() > kBytesMax) return;
    total += content.size();
    out.push_back(std::move(content));
  };
  for (const ValueId id : loaded) {
    const Value& value = graph[id];
    if (value.kind != ValueKind::kBytes && value.kind != ValueKind::kString) continue;
    const std::string_view text = value.text;
    if (!is_content(text) && text.size() <= kBytesMax) add(std::string(text));
  }
  const auto look_at = [&](ValueId id) {
    const Value& value = graph[id];
    if (value.kind != ValueKind::kBytes && value.kind != ValueKind::kString) return;
    if (value.text.size() < kShortest || value.text.size() > kBytesMax) return;
    add(is_content(value.text) ? std::string(value.text) : decode_if_content(value.text));
  };
  for (ValueId id = 1; id < graph.size() && out.size() < kNestedMax; ++id) look_at(id);
  for (const ValueId id : graph.late_texts()) look_at(id);
  return out;
}

}  // namespace vedette::scan::models
