// SPDX-License-Identifier: Apache-2.0
#include "rules/falco/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

namespace vedette::rules::falco {
namespace {

constexpr std::array<std::string_view, 8> kTransformers = {
    "tolower", "toupper", "b64", "basename", "len", "join", "concat", "getopt"};
constexpr std::array<std::string_view, 3> kModifierWords = {"oneof", "anyof", "allof"};
constexpr std::array<std::string_view, 3> kBooleanWords = {"and", "or", "not"};
constexpr std::string_view kNotBare = "()\"' \t\n\v\f\r=,";
constexpr std::string_view kNotArgument = "[]\"' \t\n\v\f\r";
constexpr std::size_t kNearbyBytes = 32;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\b' || c == '\r' || c == '\n'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

template <typename Passes>
std::size_t run(std::string_view text, std::size_t from, Passes&& passes) {
  while (from < text.size() && passes(text[from])) ++from;
  return from;
}

std::size_t identifier_size(std::string_view text) {
  if (text.empty() || !is_letter(text.front())) return 0;
  return run(text, 1, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

std::size_t field_size(std::string_view text) {
  std::size_t size = identifier_size(text);
  std::size_t parts = 0;
  while (size > 0 && size < text.size() && text[size] == '.') {
    const std::size_t next = identifier_size(text.substr(size + 1));
    if (next == 0) break;
    size += 1 + next;
    ++parts;
  }
  return parts == 0 ? 0 : size;
}

std::size_t number_size(std::string_view text) {
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') && is_hex(text[2])) {
    return run(text, 2, is_hex);
  }
  const std::size_t start = !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0;
  std::size_t size = run(text, start, is_digit);
  if (size == start) return 0;
  if (size < text.size() && text[size] == '.') size = run(text, size + 1, is_digit);
  const std::string_view tail = text.substr(size);
  if (tail.size() > 2 && (tail[0] == 'e' || tail[0] == 'E') && (tail[1] == '+' || tail[1] == '-') &&
      is_digit(tail[2])) {
    size = run(text, size + 2, is_digit);
  }
  return size;
}

// One escape behind its backslash: what it stands for, and how many bytes it took.
Parsed<std::size_t> unescape(std::string_view text, char quote, std::string& out) {
  constexpr std::string_view kNames = "bfnrt";
  constexpr std::string_view kMeanings = "\b\f\n\r\t";
  const char c = text.front();
  if (const std::size_t known = kNames.find(c); known != std::string_view::npos) {
    out += kMeanings[known];
  } else if (c == ' ') {
    out += '\\';  // as Falco reads it
  } else if (c == '\\' || c == '/' || c == quote) {
    out += c;
  } else if (c == 'x') {
    if (text.size() < 3 || !is_hex(text[1]) || !is_hex(text[2])) {
      return refuse("expected two hexadecimal digits behind \\x", std::string(text.substr(0, 3)));
    }
    unsigned value = 0;
    std::from_chars(text.data() + 1, text.data() + 3, value, 16);
    out += static_cast<char>(value);
    return 3;
  } else {
    return refuse(fmt::format("the escape \\{} is not known in a text quoted by {}", c, quote),
                  fmt::format("\\{}", c));
  }
  return 1;
}

}  // namespace

bool Lexer::take(std::size_t size) {
  if (size == 0) return false;
  token_ = text_.substr(at_, size);
  at_ += size;
  return true;
}

bool Lexer::blanks() {
  const std::size_t end = run(text_, at_, is_blank);
  const bool found = end > at_;
  at_ = end;
  return found;
}

bool Lexer::identifier() { return take(identifier_size(rest())); }
bool Lexer::field_name() { return take(field_size(rest())); }
bool Lexer::number() { return take(number_size(rest())); }

bool Lexer::field_argument() {
  return take(std::min(rest().find_first_of(kNotArgument), rest().size()));
}

bool Lexer::bare_text() { return take(std::min(rest().find_first_of(kNotBare), rest().size())); }

bool Lexer::literal(std::string_view wanted) {
  return rest().starts_with(wanted) && take(wanted.size());
}

bool Lexer::not_word() {
  const std::size_t start = at_;
  if (literal("not") && blanks()) return true;
  at_ = start;
  return false;
}

bool Lexer::transformer() {
  for (const std::string_view name : kTransformers) {
    if (!rest().starts_with(name) || !rest().substr(name.size()).starts_with('(')) continue;
    take(name.size());
    ++at_;
    return true;
  }
  return false;
}

bool Lexer::modifier() {
  const std::size_t start = at_;
  for (const std::string_view word : kModifierWords) {
    if (literal(word) && blanks()) return true;
    at_ = start;
  }
  return false;
}

const OperatorRow* Lexer::operation() {
  const std::size_t start = at_;
  for (const OperatorRow& row : operators()) {
    if (literal(row.name) && (!row.word || blanks())) return &row;
    at_ = start;
  }
  return nullptr;
}

// The closing quote is the first one that no backslash stands before, even if that is itself
// escaped.
Parsed<bool> Lexer::quoted_text() {
  if (at_end() || (text_[at_] != '\'' && text_[at_] != '"')) return false;
  const char quote = text_[at_];
  std::size_t end = at_ + 1;
  while (end < text_.size() && (text_[end] != quote || text_[end - 1] == '\\')) ++end;
  if (end == text_.size()) return false;
  const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
  std::string text;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] != '\\') {
      text += inside[i];
    } else if (i + 1 < inside.size()) {
      auto taken = unescape(inside.substr(i + 1), quote, text);
      if (!taken.has_value()) return std::unexpected(std::move(taken).error());
      i += *taken;
    }
  }
  token_ = std::move(text);
  at_ = end + 1;
  return true;
}

bool Lexer::list_follows() const {
  if (rest().starts_with('(')) return true;
  const auto stands = [&](std::string_view word) {
    const std::string_view tail = rest().substr(std::min(word.size(), rest().size()));
    return rest().starts_with(word) &&
           (tail.empty() || (!is_letter(tail.front()) && !is_digit(tail.front())));
  };
  return identifier_size(rest()) > 0 && std::ranges::none_of(kBooleanWords, stands);
}

std::string Lexer::nearby() const {
  std::string_view text = rest().substr(0, kNearbyBytes);
  text = text.substr(0, text.find_first_of("\r\n"));
  if (text.empty() && at_ > 0) {
    const std::size_t start = at_ > kNearbyBytes ? at_ - kNearbyBytes : 0;
    text = text_.substr(start, at_ - start);
  }
  return std::string(text);
}

}  // namespace vedette::rules::falco
