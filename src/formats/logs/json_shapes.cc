// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/json_shapes.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/unicode.h"
#include "formats/logs/json_scalar.h"

namespace vedette::formats::logs {

using event::Encoding;
using event::Kind;
using event::Value;

namespace {

// Fields of journald that hold what a program says or is called.
constexpr std::array<std::string_view, 6> kJournalTexts = {
    "MESSAGE", "_CMDLINE", "_COMM", "_EXE", "_SYSTEMD_UNIT", "SYSLOG_IDENTIFIER"};
// xmltodict, xml2json and Json.NET; fast-xml-parser; mxj; XML::Simple and Logstash.
constexpr std::array<std::string_view, 4> kNameKeys = {"@Name", "@_Name", "-Name", "Name"};
constexpr std::array<std::string_view, 4> kTextKeys = {"#text", "content", "Text", "Value"};

bool is_one_of(std::span<const std::string_view> all, std::string_view text) {
  return std::find(all.begin(), all.end(), text) != all.end();
}

// An object of a name and, unless it is empty, a text.
bool read_named_object(JsonCursor& at, NamedScalar& named) {
  if (at.at() != '{' || at.at(1) != '"') return false;
  do {
    ++at.cursor;
    const Value key = read_scalar(at);
    if (key.kind != Kind::kString || at.at() != ':') return false;
    ++at.cursor;
    const Value value = read_scalar(at);
    if (value.kind == Kind::kAbsent) return false;
    if (is_one_of(kNameKeys, key.bytes()) && value.kind == Kind::kString) {
      named.name = value;
    } else if (is_one_of(kTextKeys, key.bytes())) {
      named.value = value;
    } else {
      return false;
    }
  } while (at.at() == ',');
  if (at.at() != '}' || named.name.size == 0) return false;
  ++at.cursor;
  return true;
}

}  // namespace

Value read_scalar(JsonCursor& at) {
  if (at.cursor + 1 >= at.positions.size()) return {};
  const std::uint32_t start = at.positions[at.cursor];
  std::uint32_t end = at.positions[at.cursor + 1];
  while (end > start && is_space(at.text[end - 1])) --end;
  const std::string_view text = at.text.substr(start, end - start);
  Value value;
  if (text.starts_with('"')) {
    if (text.size() < 2 || !text.ends_with('"')) return {};
    value = event::plain(text.substr(1, text.size() - 2));
    value.encoding = Encoding::kJson;
  } else {
    value = event::plain(text, scalar_kind(text));
    if (value.kind == Kind::kAbsent) return {};
  }
  ++at.cursor;
  return value;
}

bool is_journal_text(std::string_view key) { return is_one_of(kJournalTexts, key); }

bool read_bytes(JsonCursor& at, std::string& text) {
  JsonCursor ahead = at;
  if (ahead.at() != '[') return false;
  std::string bytes;
  do {
    ++ahead.cursor;
    const Value value = read_scalar(ahead);
    if (value.kind != Kind::kNumber) return false;
    std::uint8_t byte = 0;
    const char* const end = value.data + value.size;
    const auto read = std::from_chars(value.data, end, byte);
    if (read.ec != std::errc() || read.ptr != end) return false;
    bytes += static_cast<char>(byte);
  } while (ahead.at() == ',');
  if (ahead.at() != ']') return false;
  ++ahead.cursor;
  at = ahead;
  text = without_invalid_utf8(bytes);
  return true;
}

bool read_named(JsonCursor& at, std::vector<NamedScalar>& named) {
  JsonCursor ahead = at;
  named.clear();
  const bool array = ahead.at() == '[';
  do {
    if (array) ++ahead.cursor;
    // Nothing but a name: an element without text.
    named.push_back({{}, event::plain({})});
    if (!read_named_object(ahead, named.back())) return false;
  } while (array && ahead.at() == ',');
  if (array && ahead.at() != ']') return false;
  ahead.cursor += array ? 1 : 0;
  at = ahead;
  return true;
}

bool is_embedded(std::string_view json_string) {
  return json_string.starts_with(R"({\"EventData\":)") ||
         json_string.starts_with(R"({\"UserData\":)");
}

std::string without_invalid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0x80 ? 2 : 1;
    size = std::min(size, text.size() - i);
    if (lead >= 0x80 && !is_utf8(text.substr(i, size))) {
      out += "\xEF\xBF\xBD";
      ++i;
    } else {
      out.append(text, i, size);
      i += size;
    }
  }
  return out;
}

}  // namespace vedette::formats::logs
