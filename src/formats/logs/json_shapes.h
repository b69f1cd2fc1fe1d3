// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/value.h"

// Values that producers wrap into structures of JSON. Each function reads ahead over an index: it
// moves `cursor` behind the value and answers true when the value has the shape, else it answers
// false and the value is to be read as what it is.
namespace vedette::formats::logs {

// JSON text and where its structure is (JsonIndex); `cursor` counts positions.
struct JsonCursor {
  std::string_view text;
  std::span<const std::uint32_t> positions;
  std::size_t cursor = 0;

  // '\0' behind the end.
  char at(std::size_t offset = 0) const {
    return cursor + offset < positions.size() ? text[positions[cursor + offset]] : '\0';
  }
};

// The scalar at the cursor, which is moved to what stands behind it. Kind kAbsent: there is none.
event::Value read_scalar(JsonCursor& at);

// journalctl -o json: a text that is not printable UTF-8 is an array of its bytes. `text` is UTF-8,
// with U+FFFD for what is none.
bool is_journal_text(std::string_view key);
bool read_bytes(JsonCursor& at, std::string& text);

// Converters from XML that keep attributes: {"@Name": "Image", "#text": "C:\\…"}, or an array of
// such objects.
struct NamedScalar {
  event::Value name;
  event::Value value;
};
inline constexpr std::string_view kNamedData = "Data";
bool read_named(JsonCursor& at, std::vector<NamedScalar>& named);

// EvtxECmd: a member of the record that holds the event's data as JSON text.
inline constexpr std::string_view kEmbeddedData = "Payload";
bool is_embedded(std::string_view json_string);

// With U+FFFD in place of bytes that are not UTF-8.
std::string without_invalid_utf8(std::string_view text);

}  // namespace vedette::formats::logs
