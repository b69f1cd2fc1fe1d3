// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/evtx.h"

#include <functional>
#include <gtest/gtest.h>
#include <set>

#include "formats/logs/evtx_test_file.h"

namespace vedette::formats::logs {
namespace {

using evtx::le;
using evtx::TestChunk;
using evtx::TestValue;
using evtx::two_nested;
using evtx::utf16;

constexpr std::uint8_t kString = 0x01;
constexpr std::uint8_t kUInt16 = 0x06;

using Fields = std::vector<std::string>;  // "path=text", sorted

struct Decoded {
  std::vector<Fields> events;
  std::vector<std::string> problems;
  std::vector<std::string> statics;
  std::uint64_t records = 0;
};

event::Batch batch_of(std::string_view bytes) {
  event::Batch batch;
  batch.buffer.reserve(bytes.size());
  std::memcpy(batch.buffer.data(), bytes.data(), bytes.size());
  batch.buffer.set_size(bytes.size());
  return batch;
}

std::string shown(std::string_view path, const event::Value& value, Arena& arena) {
  std::string text = value.kind == event::Kind::kNull     ? "null"
                     : value.kind == event::Kind::kString ? "'"
                                                          : "";
  return std::string(path) + "=" + (text += event::text_of(value, arena));
}

Decoded list_everything(const event::Batch& batch, bool recover, std::set<std::string>& paths) {
  const event::FieldTree none = event::FieldTree::Builder().build();
  const Limits limits;
  EvtxDecoder decoder(none, limits, recover);
  Decoded decoded;
  event::Event event(0);
  decoder.start(batch);
  while (decoder.next(event)) {
    std::vector<event::NamedValue> everything;
    decoder.everything(event, everything);
    Fields& fields = decoded.events.emplace_back();
    for (const auto& named : everything) {
      paths.emplace(named.path);
      fields.push_back(shown(named.path, named.value, event.arena()));
    }
    std::sort(fields.begin(), fields.end());
    decoded.statics.emplace_back(event.raw_static);
  }
  for (const RecordProblem& problem : decoder.problems())
    decoded.problems.push_back(problem.message);
  decoded.records = decoder.records();
  return decoded;
}

// Lists everything, then asks for all of it by slots: both must be the same.
Decoded decode(const std::string& bytes, bool recover = false) {
  const event::Batch batch = batch_of(bytes);
  std::set<std::string> known;
  Decoded decoded = list_everything(batch, recover, known);
  const std::vector<std::string> paths(known.begin(), known.end());
  event::FieldTree::Builder builder;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    builder.add(paths[i], static_cast<event::Slot>(i), 0);
  }
  const event::FieldTree tree = std::move(builder).build();
  const Limits limits;
  EvtxDecoder decoder(tree, limits, recover);
  event::Event event(paths.size());
  decoder.start(batch);
  std::size_t count = 0;
  for (; decoder.next(event) && count < decoded.events.size(); ++count) {
    Fields fields;
    for (std::size_t i = 0; i < paths.size(); ++i) {
      const event::Value* value = &event[static_cast<event::Slot>(i)];
      if (value->kind == event::Kind::kStructure) continue;
      for (; value != nullptr && value->kind != event::Kind::kAbsent; value = event.next(*value)) {
        fields.push_back(shown(paths[i], *value, event.arena()));
      }
    }
    std::sort(fields.begin(), fields.end());
    EXPECT_EQ(fields, decoded.events[count]);
  }
  EXPECT_EQ(count, decoded.events.size());
  return decoded;
}

TestValue text(std::string_view value) { return {kString, utf16(value)}; }
TestValue number(std::uint16_t value) { return {kUInt16, le(value, 2)}; }

// One record that holds <Event> with what `body` writes and the given values.
std::string one_record(const std::function<void(TestChunk&)>& body,
                       const std::vector<TestValue>& values) {
  TestChunk chunk;
  chunk.begin_record(1);
  chunk.fragment();
  const std::size_t definition = chunk.begin_template();
  chunk.open("Event");
  chunk.close_start();
  body(chunk);
  chunk.end();
  chunk.end_template(definition, values);
  chunk.end_record();
  return chunk.finish();
}

Fields fields_of(const std::function<void(TestChunk&)>& body,
                 const std::vector<TestValue>& values) {
  const Decoded decoded = decode(one_record(body, values));
  EXPECT_EQ(decoded.problems, std::vector<std::string>());
  return decoded.events.size() == 1 ? decoded.events[0] : Fields{"no event"};
}

std::string value_text(const TestValue& value) {
  const Fields fields = fields_of([](TestChunk& chunk) { chunk.leaf("V", 0, 0); }, {value});
  return fields.size() == 1 ? fields[0].substr(fields[0].find('=') + 1) : "not one field";
}

TEST(Evtx, ValuesHaveTheirText) {
  const std::string guid("\x33\x22\x11\x00\x55\x44\x77\x66\x88\x99\xAA\xBB\xCC\xDD\xEE\xFF", 16);
  EXPECT_EQ(value_text({0x00, ""}), "null");
  EXPECT_EQ(value_text(text("ab \xC3\xA4 ")), "'ab \xC3\xA4");
  EXPECT_EQ(value_text({0x01, utf16("ab") + le(0, 2) + utf16("c")}), "'ab");
  EXPECT_EQ(value_text(text(std::string(40, 'x'))), "'" + std::string(40, 'x'));
  EXPECT_EQ(value_text(text("  ")), "null");
  EXPECT_EQ(value_text({0x02, std::string("a\x80\0z", 4)}), "'a\xE2\x82\xACz");
  EXPECT_EQ(value_text({0x03, "\xFF"}), "-1");
  EXPECT_EQ(value_text({0x04, "\xFF"}), "255");
  EXPECT_EQ(value_text({0x05, le(0xFFFE, 2)}), "-2");
  EXPECT_EQ(value_text({0x06, le(0xFFFE, 2)}), "65534");
  EXPECT_EQ(value_text({0x07, le(0xFFFFFFFD, 4)}), "-3");
  EXPECT_EQ(value_text({0x08, le(0xFFFFFFFD, 4)}), "4294967293");
  EXPECT_EQ(value_text({0x09, le(UINT64_MAX, 8)}), "-1");
  EXPECT_EQ(value_text({0x0A, le(UINT64_MAX, 8)}), "18446744073709551615");
  EXPECT_EQ(value_text({0x0B, le(0x3FC00000, 4)}), "1.5");
  EXPECT_EQ(value_text({0x0C, le(0x4000000000000000, 8)}), "2.0");
  EXPECT_EQ(value_text({0x0D, le(1, 4)}), "true");
  EXPECT_EQ(value_text({0x0D, le(0, 4)}), "false");
  EXPECT_EQ(value_text({0x0D, le(16, 4)}), "16");
  EXPECT_EQ(value_text({0x0E, "\x01\xAB"}), "'01AB");
  EXPECT_EQ(value_text({0x0F, guid}), "'00112233-4455-6677-8899-AABBCCDDEEFF");
  EXPECT_EQ(value_text({0x10, le(0xAB, 4)}), "'0xab");
  EXPECT_EQ(value_text({0x10, le(0xAB, 8)}), "'0xab");
  EXPECT_EQ(value_text({0x14, le(0, 4)}), "'0x0");
  EXPECT_EQ(value_text({0x15, le(0x8000000000000000, 8)}), "'0x8000000000000000");
  EXPECT_EQ(value_text({0x23, utf16("<a/>")}), "'<a/>");
  EXPECT_EQ(value_text({0x77, "\x01"}), "'01");      // no such type
  EXPECT_EQ(value_text({0x0A, le(5, 2)}), "'0500");  // too short for its type
}

TEST(Evtx, TimesAndSidsHaveTheirText) {
  EXPECT_EQ(value_text({0x11, le(132537654321234567, 8)}), "'2020-12-30T01:30:32.123456Z");
  EXPECT_EQ(value_text({0x11, le(0, 8)}), "'1601-01-01T00:00:00.000000Z");
  EXPECT_EQ(value_text({0x11, le(UINT64_MAX, 8)}), "'0000-00-00T00:00:00.000000Z");
  std::string moment;
  for (const unsigned field : {2019U, 3U, 5U, 1U, 12U, 34U, 56U, 789U}) moment += le(field, 2);
  EXPECT_EQ(value_text({0x12, moment}), "'2019-03-01T12:34:56.789000Z");
  EXPECT_EQ(value_text({0x12, std::string(16, '\0')}), "'1601-01-01T00:00:00.000000Z");
  const std::string sid = std::string("\x01\x02\0\0\0\0\0\x05", 8) + le(32, 4) + le(544, 4);
  EXPECT_EQ(value_text({0x13, sid}), "'S-1-5-32-544");
  EXPECT_EQ(value_text({0x13, sid.substr(0, 12)}), "'S-1-5-32");
}

TEST(Evtx, ArraysAreSeveralValues) {
  const auto body = [](TestChunk& chunk) { chunk.leaf("V", 0, 0); };
  EXPECT_EQ(fields_of(body, {{0x81, utf16(std::string("a\0\0b\0", 5))}}),
            (Fields{"Event.V='", "Event.V='a", "Event.V='b"}));
  EXPECT_EQ(fields_of(body, {{0x86, le(1, 2) + le(2, 2)}}), (Fields{"Event.V=1", "Event.V=2"}));
  EXPECT_EQ(fields_of(body, {{0x82, std::string("x\0y", 3)}}),
            (Fields{"Event.V='x", "Event.V='y"}));
  EXPECT_EQ(fields_of(body, {{0x81, ""}}), (Fields{"Event.V=null"}));
  const auto data = [](TestChunk& chunk) {
    chunk.open("EventData");
    chunk.close_start();
    chunk.leaf("Data", 0, 0);
    chunk.leaf("Binary", 1, 0);
    chunk.end();
  };
  EXPECT_EQ(fields_of(data, {{0x81, utf16(std::string("a\0b\0", 4))}, {0x0E, ""}}),
            (Fields{"Event.EventData.Binary=null", "Event.EventData.Data.#text='a",
                    "Event.EventData.Data.#text='b"}));
}

TEST(Evtx, DataIsKeyedByItsName) {
  const auto body = [](TestChunk& chunk) {
    chunk.open("EventData");
    chunk.close_start();
    chunk.data("Image", 0, kString);
    chunk.data("Empty", 1, kString);
    chunk.data("Null", 2, 0);
    chunk.leaf("Data", 0, kString);  // nameless beside named ones: no field
    chunk.end();
  };
  EXPECT_EQ(
      fields_of(body, {text("x"), text(""), {0x00, ""}}),
      (Fields{"Event.EventData.Empty='", "Event.EventData.Image='x", "Event.EventData.Null='"}));
}

TEST(Evtx, RepeatedNames) {
  const auto body = [](TestChunk& chunk) {
    chunk.open("EventData");
    chunk.close_start();
    chunk.data("A", 0, kString);
    chunk.data("A", 1, kString);
    chunk.data("B", 1, kString);
    chunk.data("A", 1, kString);
    chunk.end();
    chunk.leaf("X", 0, kString);
    chunk.leaf("X", 1, kString);
  };
  EXPECT_EQ(fields_of(body, {text("1"), text("2")}),
            (Fields{"Event.EventData.A='1", "Event.EventData.A='2", "Event.EventData.A_1='2",
                    "Event.EventData.B='2", "Event.X='1", "Event.X_1='2"}));
}

TEST(Evtx, AttributesAndTextOfOneElement) {
  const auto body = [](TestChunk& chunk) {
    chunk.open("EventID", true);
    chunk.attribute("Qualifiers");
    chunk.substitution(0, kUInt16, true);
    chunk.close_start();
    chunk.substitution(1, kUInt16);
    chunk.end();
  };
  EXPECT_EQ(fields_of(body, {number(16384), number(7)}),
            (Fields{"Event.EventID.#attributes.Qualifiers=16384", "Event.EventID.#text=7"}));
  EXPECT_EQ(fields_of(body, {{0x00, ""}, number(7)}), (Fields{"Event.EventID=7"}));
  EXPECT_EQ(fields_of(body, {{0x00, ""}, {0x00, ""}}), (Fields{"Event.EventID=null"}));
  // The element's own path gives its text too.
  const event::Batch batch = batch_of(one_record(body, {number(16384), number(7)}));
  event::FieldTree::Builder builder;
  builder.add("Event.EventID", 0, 0);
  const event::FieldTree tree = std::move(builder).build();
  const Limits limits;
  EvtxDecoder decoder(tree, limits);
  event::Event event(1);
  decoder.start(batch);
  ASSERT_TRUE(decoder.next(event));
  EXPECT_EQ(event[0].bytes(), "7");
}

TEST(Evtx, TextIsPutTogether) {
  const auto body = [](TestChunk& chunk) {
    chunk.open("Mixed", true);
    chunk.attribute("a");
    chunk.text("x ");
    chunk.substitution(0, kString);
    chunk.close_start();
    chunk.text("a ");
    chunk.substitution(0, kString);
    chunk.cdata("<c>");
    chunk.character(0xE4);
    chunk.entity("amp");
    chunk.entity("other");
    chunk.instruction("target", "data");
    chunk.end();
  };
  EXPECT_EQ(fields_of(body, {text("v")}), (Fields{"Event.Mixed.#attributes.a='x v",
                                                  "Event.Mixed.#text='a v<c>\xC3\xA4&&other;"}));
}

TEST(Evtx, NullTakesTheElementThatDependsOnIt) {
  const auto body = [](TestChunk& chunk) {
    chunk.dependency = 0;
    chunk.leaf("Gone", 0, kString);
    chunk.open("Tree");
    chunk.close_start();
    chunk.dependency = 0xFFFF;
    chunk.leaf("Inner", 1, kString);
    chunk.end();
    chunk.leaf("Kept", 0, kString);
  };
  EXPECT_EQ(fields_of(body, {{0x00, ""}, text("v")}), (Fields{"Event.Kept=null"}));
  EXPECT_EQ(fields_of(body, {text("w"), text("v")}),
            (Fields{"Event.Gone='w", "Event.Kept='w", "Event.Tree.Inner='v"}));
}

TEST(Evtx, TemplatesInTemplates) {
  TestChunk chunk;
  const Decoded decoded = decode(TestChunk::file_header() + two_nested(chunk));
  EXPECT_EQ(decoded.problems, std::vector<std::string>());
  ASSERT_EQ(decoded.events.size(), 2U);
  EXPECT_EQ(decoded.events[0],
            (Fields{"Event.EventData.Image='first", "Event.System.#attributes.Static='fixed text",
                    "Event.System.EventID=0"}));
  EXPECT_EQ(decoded.events[1],
            (Fields{"Event.EventData.Image='second", "Event.System.#attributes.Static='fixed text",
                    "Event.System.EventID=1"}));
  EXPECT_NE(decoded.statics[1].find("fixed text"), std::string::npos);
  EXPECT_NE(decoded.statics[1].find("Image"), std::string::npos);
}

TEST(Evtx, EqualTemplatesOfOtherChunksAreNotMixedUp) {
  // Same GUID, size and place; only a name differs.
  const auto chunk_with = [](std::string_view name) {
    return one_record([&](TestChunk& chunk) { chunk.leaf(name, 0, kString); }, {text("v")});
  };
  const Decoded decoded = decode(chunk_with("Aa") + chunk_with("Bb") + chunk_with("Aa"));
  ASSERT_EQ(decoded.events.size(), 3U);
  EXPECT_EQ(decoded.events[0], Fields{"Event.Aa='v"});
  EXPECT_EQ(decoded.events[1], Fields{"Event.Bb='v"});
  EXPECT_EQ(decoded.events[2], Fields{"Event.Aa='v"});
}

TEST(Evtx, ChecksumIsThatOfZlib) {
  EXPECT_EQ(evtx::checksum("123456789"), 0xCBF43926U);
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes += static_cast<char>(i * 7 + i / 256);
  std::uint32_t by_pieces = 0;
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    by_pieces = evtx::checksum({&bytes[size - 1], 1}, by_pieces);
    EXPECT_EQ(evtx::checksum(std::string_view(bytes).substr(0, size)), by_pieces) << size;
  }
}

TEST(Evtx, CutsAtChunks) {
  const std::string bytes(4096 + 3 * 65536 + 5, 'x');
  const std::string_view view(bytes);
  EXPECT_EQ(cut_evtx(view, false, true), 4096U + 3 * 65536U);
  EXPECT_EQ(cut_evtx(view, false, false), 3 * 65536U);
  EXPECT_EQ(cut_evtx(view, true, true), bytes.size());
  EXPECT_EQ(cut_evtx(view.substr(0, 4096 + 65535), false, true), 0U);
  EXPECT_EQ(cut_evtx(view.substr(0, 65535), false, false), 0U);
}

}  // namespace
}  // namespace vedette::formats::logs
