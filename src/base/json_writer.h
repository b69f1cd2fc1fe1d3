// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vedette {

// Appends `text` as a JSON string with its quotes. Bytes that are not valid UTF-8 become U+FFFD.
void append_json_string(std::string_view text, std::string& out);

// RFC 8259 section 6.
bool is_json_number(std::string_view text);

// Writes JSON by hand into a string, commas kept by the writer:
//   JsonWriter json(out);
//   json.begin_object().key("rule").string("x").key("tags").begin_array().string("a").end_array().end_object();
// The caller keeps begin and end balanced and gives each value of an object a key.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name) {
    comma();
    append_json_string(name, out_);
    out_ += ':';
    need_comma_ = false;
    return *this;
  }
  JsonWriter& string(std::string_view text) {
    comma();
    append_json_string(text, out_);
    return *this;
  }
  JsonWriter& number(std::int64_t value) { return raw(std::to_string(value)); }
  JsonWriter& number(std::uint64_t value) { return raw(std::to_string(value)); }
  JsonWriter& number(int value) { return number(static_cast<std::int64_t>(value)); }
  JsonWriter& number(unsigned value) { return number(static_cast<std::uint64_t>(value)); }
  JsonWriter& number(double value);  // infinities and NaN become null
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonWriter& null() { return raw("null"); }
  // A number as its source wrote it, digit by digit; a string where that is no JSON number (0x1F).
  JsonWriter& number_as_written(std::string_view text) {
    return is_json_number(text) ? raw(text) : string(text);
  }
  // `json` must be one JSON value; it is written as it is.
  JsonWriter& raw(std::string_view json) {
    comma();
    out_ += json;
    return *this;
  }

 private:
  void comma() {
    if (need_comma_) out_ += ',';
    need_comma_ = true;
  }
  JsonWriter& open(char bracket) {
    comma();
    out_ += bracket;
    need_comma_ = false;
    return *this;
  }
  JsonWriter& close(char bracket) {
    out_ += bracket;
    need_comma_ = true;
    return *this;
  }

  std::string& out_;  // the caller's, outlives the writer
  bool need_comma_ = false;
};

}  // namespace vedette
