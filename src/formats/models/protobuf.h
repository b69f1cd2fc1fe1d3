// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace vedette::formats::models {

// One field of a message of Protocol Buffers, as the wire has it (encoding.md, "Message
// Structure").
struct ProtobufField {
  enum class Wire : std::uint8_t { kNumber = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };
  std::uint32_t number = 0;
  Wire wire = Wire::kNumber;
  std::uint64_t value = 0;  // of kNumber
  std::string_view bytes;   // of kBytes: in the message
};

// Goes through the fields of one message; what is in them is not looked at. Groups, which no model
// format uses, end it. The bytes outlive it.
class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view message) : rest_(message) {}

  // False at the end, and where the bytes are no message: then good() is false.
  bool next(ProtobufField& field);
  bool good() const { return good_; }

 private:
  bool number(std::uint64_t& value);
  bool skip(std::uint64_t size);

  std::string_view rest_;
  bool good_ = true;
};

// The last field of that number and wire type kBytes; empty where there is none.
std::string_view protobuf_bytes(std::string_view message, std::uint32_t number);

}  // namespace vedette::formats::models
