// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::formats::models {

// One step of a message of Protocol Buffers in text format ("Text Format Language Specification").
struct TextProtoEvent {
  enum class Kind : std::uint8_t { kOpen, kClose, kValue };
  Kind kind = Kind::kValue;
  std::string_view name;  // of the field; empty of kClose
  std::string value;      // of kValue: texts without quotes and escapes, others as written
  bool is_text = false;   // it stood in quotes
};

// Goes through such a text, one field after the other. Lists are given as several fields of one
// name. The text outlives it.
class TextProtoReader {
 public:
  static constexpr std::size_t kDepthMax = 256;
  static constexpr std::size_t kValueMax = 65'536;  // what is longer is cut

  explicit TextProtoReader(std::string_view text) : text_(text) {}

  // False at the end, and where the text is none: then good() is false.
  bool next(TextProtoEvent& event);
  bool good() const { return good_; }
  // Fields whose messages are open, the outermost first.
  std::size_t depth() const { return messages_; }

 private:
  struct Frame {
    char close = '}';
    std::string_view name;  // of the field that it is, in the text
  };

  void skip_space();
  bool take(char c);
  std::string_view take_name();
  bool read_text(std::string& value);
  bool read_value(TextProtoEvent& event);
  bool open_message(TextProtoEvent& event);
  char unescaped();
  bool fail() { return good_ = false; }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t messages_ = 0;
  std::vector<Frame> open_;  // messages and lists
  bool good_ = true;
};

}  // namespace vedette::formats::models
