// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/unicode.h"
#include "formats/logs/evtx_checksum.h"

// Event log files made by hand, for tests.
namespace vedette::formats::logs::evtx {

struct TestValue {
  std::uint8_t type = 0;
  std::string bytes;
};

inline std::string le(std::uint64_t value, std::size_t size) {
  std::string out(size, '\0');
  std::memcpy(out.data(), &value, size);
  return out;
}
inline std::string utf16(std::string_view text) {
  std::string out;
  append_utf16le(text, out);
  return out;
}

// Writes one chunk front to back. Names and definitions stand where they are first used, as Windows
// writes them.
class TestChunk {
 public:
  TestChunk() : bytes_(512, '\0') {}

  void begin_record(std::uint64_t identifier) {
    record_ = bytes_.size();
    raw("**" + std::string(2, '\0') + le(0, 4) + le(identifier, 8) + le(0, 8));
  }
  void end_record() {
    u8(0);
    while (bytes_.size() % 8 != 4) u8(0);
    const std::uint64_t size = bytes_.size() + 4 - record_;
    raw(le(size, 4));
    patch(record_ + 4, le(size, 4));
  }
  void fragment() { raw(std::string("\x0F\x01\x01\x00", 4)); }

  // In templates an element names the value that it depends on.
  void open(std::string_view name, bool attributes = false) {
    u8(attributes ? 0x41 : 0x01);
    if (in_template_) raw(le(dependency, 2));
    raw(le(0, 4));
    put_name(name);
    if (attributes) raw(le(0, 4));
  }
  void close_start() { u8(0x02); }
  void close_empty() { u8(0x03); }
  void end() { u8(0x04); }
  void attribute(std::string_view name) {
    u8(0x06);
    put_name(name);
  }
  void text(std::string_view text) {
    const std::string wide = utf16(text);
    raw(std::string("\x05\x01", 2) + le(wide.size() / 2, 2) + wide);
  }
  void cdata(std::string_view text) {
    const std::string wide = utf16(text);
    u8(0x07);
    raw(le(wide.size() / 2, 2) + wide);
  }
  void character(std::uint16_t unit) {
    u8(0x08);
    raw(le(unit, 2));
  }
  void entity(std::string_view name) {
    u8(0x09);
    put_name(name);
  }
  void instruction(std::string_view target, std::string_view data) {
    u8(0x0A);
    put_name(target);
    const std::string wide = utf16(data);
    u8(0x0B);
    raw(le(wide.size() / 2, 2) + wide);
  }
  void substitution(std::uint16_t index, std::uint8_t type, bool optional = false) {
    u8(optional ? 0x0E : 0x0D);
    raw(le(index, 2));
    u8(type);
  }
  // <name>%index</name>
  void leaf(std::string_view name, std::uint16_t index, std::uint8_t type) {
    open(name);
    close_start();
    substitution(index, type);
    end();
  }
  // <Data Name="name">%index</Data>
  void data(std::string_view name, std::uint16_t index, std::uint8_t type) {
    open("Data", true);
    attribute("Name");
    text(name);
    close_start();
    substitution(index, type);
    end();
  }

  std::size_t begin_template() {
    u8(0x0C);
    u8(1);
    raw(le(0x1234, 4));
    const std::size_t definition = bytes_.size() + 4;
    raw(le(definition, 4) + le(0, 4) + std::string(16, 'G') + le(0, 4));
    fragment();
    in_template_ = true;
    return definition;
  }
  void end_template(std::size_t definition, const std::vector<TestValue>& values) {
    u8(0);
    in_template_ = false;
    patch(definition + 20, le(bytes_.size() - definition - 24, 4));
    put_values(values);
  }
  void instance(std::size_t definition, const std::vector<TestValue>& values) {
    u8(0x0C);
    u8(1);
    raw(le(0x1234, 4) + le(definition, 4));
    put_values(values);
  }

  void raw(std::string_view bytes) { bytes_ += bytes; }
  void u8(unsigned value) { bytes_ += static_cast<char>(value); }
  std::size_t size() const { return bytes_.size(); }
  std::string from(std::size_t at) const { return bytes_.substr(at); }
  void truncate(std::size_t size) { bytes_.resize(size); }

  // The chunk with a right header; `whole` pads it to 64 KiB.
  std::string finish(bool whole = true) {
    const std::size_t used = bytes_.size();
    patch(0, std::string_view("ElfChnk\0", 8));
    patch(40, le(128, 4) + le(record_, 4) + le(used, 4));
    patch(52, le(checksum(std::string_view(bytes_).substr(512)), 4));
    const std::string_view header(bytes_);
    patch(124, le(checksum(header.substr(128, 384), checksum(header.substr(0, 120))), 4));
    if (whole) bytes_.resize(65536);
    return bytes_;
  }
  static std::string file_header() {
    std::string header(4096, '\0');
    header.replace(0, 8, std::string_view("ElfFile\0", 8));
    return header;
  }

  std::uint16_t dependency = 0xFFFF;  // of the elements opened next

 private:
  void patch(std::size_t at, std::string_view bytes) { bytes_.replace(at, bytes.size(), bytes); }
  void put_name(std::string_view name) {
    const auto [known, added] = names_.emplace(name, bytes_.size() + 4);
    raw(le(known->second, 4));
    if (!added) return;
    const std::string wide = utf16(name);
    raw(le(0, 4) + le(0, 2) + le(wide.size() / 2, 2) + wide + le(0, 2));
  }
  void put_values(const std::vector<TestValue>& values) {
    raw(le(values.size(), 4));
    for (const TestValue& value : values) {
      raw(le(value.bytes.size(), 2));
      u8(value.type);
      u8(0);
    }
    for (const TestValue& value : values) raw(value.bytes);
  }

  std::string bytes_;
  std::size_t record_ = 0;
  bool in_template_ = false;
  std::map<std::string, std::size_t, std::less<>> names_;
};

// <Event><System><EventID>…</EventID></System>%1</Event> with <EventData> as a template in value 1,
// twice, the second time by reference.
inline std::string two_nested(TestChunk& chunk) {
  std::size_t outer = 0;
  std::size_t inner = 0;
  for (std::uint16_t round = 0; round < 2; ++round) {
    TestChunk scratch = chunk;  // to know how long the embedded value becomes
    std::string embedded;
    for (TestChunk* target : {&scratch, &chunk}) {
      target->begin_record(round + 1U);
      target->fragment();
      if (round == 0) {
        outer = target->begin_template();
        target->open("Event");
        target->close_start();
        target->open("System", true);
        target->attribute("Static");
        target->text("fixed text");
        target->close_start();
        target->leaf("EventID", 0, 0x06);
        target->end();
        target->substitution(1, 0x21);
        target->end();
        target->end_template(outer, {TestValue{0x06, le(round, 2)}, {0x21, embedded}});
      } else {
        target->instance(outer, {TestValue{0x06, le(round, 2)}, {0x21, embedded}});
      }
      // Written behind the values, the embedded bytes are right there where they belong.
      const std::size_t begin = target->size() - embedded.size();
      TestChunk value = *target;
      value.truncate(begin);
      value.fragment();
      if (round == 0) {
        inner = value.begin_template();
        value.open("EventData");
        value.close_start();
        value.data("Image", 0, 0x01);
        value.end();
        value.end_template(inner, {TestValue{0x01, utf16("first")}});
      } else {
        value.instance(inner, {TestValue{0x01, utf16("second")}});
      }
      value.u8(0);
      embedded = value.from(begin);
      if (target == &chunk) chunk.truncate(begin), chunk.raw(embedded);
    }
    chunk.end_record();
  }
  return chunk.finish();
}

}  // namespace vedette::formats::logs::evtx
