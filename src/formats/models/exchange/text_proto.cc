// SPDX-License-Identifier: Apache-2.0
#include "formats/models/exchange/text_proto.h"

#include <algorithm>

namespace vedette::formats::models {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 16;
}

}  // namespace

void TextProtoReader::skip_space() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f') {
      ++at_;
    } else {
      return;
    }
  }
}

bool TextProtoReader::take(char c) {
  skip_space();
  if (at_ >= text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

// Names of extensions and of types stand in brackets, with dots and slashes.
std::string_view TextProtoReader::take_name() {
  skip_space();
  const std::size_t begin = at_;
  if (at_ < text_.size() && text_[at_] == '[') {
    at_ = std::min(text_.find(']', at_), text_.size());
    if (at_ < text_.size()) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  while (at_ < text_.size() && is_word(text_[at_])) ++at_;
  return text_.substr(begin, at_ - begin);
}

// Behind a backslash.
char TextProtoReader::unescaped() {
  const char c = at_ < text_.size() ? text_[at_++] : '\\';
  const bool is_hexadecimal = c == 'x' || c == 'X';
  if (is_hexadecimal || (c >= '0' && c <= '7')) {
    const int base = is_hexadecimal ? 16 : 8;
    int value = is_hexadecimal ? 0 : c - '0';
    for (int i = is_hexadecimal ? 0 : 1; i < (is_hexadecimal ? 2 : 3); ++i) {
      if (at_ >= text_.size() || digit_of(text_[at_]) >= base) break;
      value = value * base + digit_of(text_[at_++]);
    }
    return static_cast<char>(value & 0xFF);
  }
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    default:
      return c;
  }
}

// Texts that follow each other are one.
bool TextProtoReader::read_text(std::string& value) {
  for (skip_space(); at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'');
       skip_space()) {
    const char quote = text_[at_++];
    for (;;) {
      if (at_ >= text_.size()) return fail();
      const char c = text_[at_++];
      if (c == quote) break;
      const char plain = c == '\\' ? unescaped() : c;
      if (value.size() < kValueMax) value += plain;
    }
  }
  return true;
}

bool TextProtoReader::read_value(TextProtoEvent& event) {
  event.kind = TextProtoEvent::Kind::kValue;
  skip_space();
  if (at_ >= text_.size()) return fail();
  event.is_text = text_[at_] == '"' || text_[at_] == '\'';
  if (event.is_text) return read_text(event.value);
  const std::size_t begin = at_;
  while (at_ < text_.size() &&
         (is_word(text_[at_]) || text_[at_] == '-' || text_[at_] == '+' || text_[at_] == '.'))
    ++at_;
  if (at_ == begin) return fail();
  event.value = text_.substr(begin, std::min(at_ - begin, kValueMax));
  return true;
}

// Of a message's begin: false where there is none, too.
bool TextProtoReader::open_message(TextProtoEvent& event) {
  const bool is_angle = !take('{');
  if (is_angle && !take('<')) return false;
  if (open_.size() >= kDepthMax) return fail();
  open_.push_back({is_angle ? '>' : '}', event.name});
  ++messages_;
  event.kind = TextProtoEvent::Kind::kOpen;
  return true;
}

bool TextProtoReader::next(TextProtoEvent& event) {
  while (good_) {
    event = {};
    while (take(',') || take(';')) {
    }
    skip_space();
    if (at_ >= text_.size()) return open_.empty() ? false : fail();
    const bool is_in_list = !open_.empty() && open_.back().close == ']';
    if (!open_.empty() && take(open_.back().close)) {
      open_.pop_back();
      if (is_in_list) continue;
      --messages_;
      event.kind = TextProtoEvent::Kind::kClose;
      return true;
    }
    event.name = is_in_list ? open_.back().name : take_name();
    if (event.name.empty()) return fail();
    const bool is_value = is_in_list || take(':');
    if (open_message(event)) return true;
    if (!is_value || !good_) return fail();
    if (is_in_list || !take('[')) return read_value(event);
    if (open_.size() >= kDepthMax) return fail();
    open_.push_back({']', event.name});
  }
  return false;
}

}  // namespace vedette::formats::models
