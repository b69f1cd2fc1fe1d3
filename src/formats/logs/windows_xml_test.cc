// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/windows_xml.h"

#include <algorithm>
#include <cstring>
#include <gtest/gtest.h>

#include "base/unicode.h"

namespace vedette::formats::logs {
namespace {

using Fields = std::vector<std::string>;  // "path=text", sorted

constexpr std::string_view kEvent =
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>\r\n"
    "  <System>\r\n"
    "    <Provider Name='Sysmon' Guid='{5770385f-c22a-43e0-bf4c-06f5698ffbd9}'/>\r\n"
    "    <EventID Qualifiers='16384'>7</EventID><Keywords>0x80</Keywords>\r\n"
    "    <TimeCreated SystemTime='2025-11-27T07:40:10.1653240Z'/><Correlation/>\r\n"
    "    <Security UserID='S-1-5-18'/>\r\n"
    "  </System>\r\n"
    "  <EventData>\r\n"
    "    <Data Name='ProcessGuid'>{0197231e-005a-6928-a50b-000000000d00}</Data>\r\n"
    "    <Data Name='Image'>C:\\a &amp; b.exe </Data><Data Name='Empty'></Data>\r\n"
    "  </EventData>\r\n"
    "</Event>";

const Fields kEventFields = {
    "Event.#attributes.xmlns='http://schemas.microsoft.com/win/2004/08/events/event",
    "Event.EventData.Empty='",
    "Event.EventData.Image='C:\\a & b.exe",
    "Event.EventData.ProcessGuid='0197231E-005A-6928-A50B-000000000D00",
    "Event.System.Correlation=null",
    "Event.System.EventID.#attributes.Qualifiers=16384",
    "Event.System.EventID.#text=7",
    "Event.System.Keywords='0x80",
    "Event.System.Provider.#attributes.Guid='5770385F-C22A-43E0-BF4C-06F5698FFBD9",
    "Event.System.Provider.#attributes.Name='Sysmon",
    "Event.System.Security.#attributes.UserID='S-1-5-18",
    "Event.System.TimeCreated.#attributes.SystemTime='2025-11-27T07:40:10.165324Z"};

event::FieldTree small_tree() {
  event::FieldTree::Builder builder;
  builder.add("Event.System.EventID", 0, 0);
  builder.add("Event.EventData.Image", 1, 0);
  builder.add("Event.UserData.*.Name", 2, 0);
  return std::move(builder).build();
}

struct Decoded {
  std::vector<Fields> events;
  Fields slots;  // of the last event
  std::vector<std::string> problems;
  std::vector<std::uint64_t> offsets;
  std::uint64_t records = 0;
};

std::string shown(std::string_view path, const event::Value& value, Arena& arena) {
  std::string text = value.kind == event::Kind::kNull     ? "null"
                     : value.kind == event::Kind::kString ? "'"
                                                          : "";
  return std::string(path) + "=" + (text += event::text_of(value, arena));
}

Fields shown(const std::vector<event::NamedValue>& listed, Arena& arena) {
  Fields fields;
  for (const auto& named : listed) fields.push_back(shown(named.path, named.value, arena));
  std::sort(fields.begin(), fields.end());
  return fields;
}

Decoded decode(std::string_view bytes, const Limits& limits = {}) {
  event::Batch batch;
  batch.buffer.reserve(bytes.size());
  std::memcpy(batch.buffer.data(), bytes.data(), bytes.size());
  batch.buffer.set_size(bytes.size());
  const event::FieldTree tree = small_tree();
  WindowsXmlDecoder decoder(tree, limits);
  event::Event event(3);
  Decoded decoded;
  decoder.start(batch);
  while (decoder.next(event)) {
    decoded.slots.clear();
    for (event::Slot slot = 0; slot < 3; ++slot) {
      if (event[slot].kind == event::Kind::kAbsent) continue;
      decoded.slots.push_back(shown(std::to_string(slot), event[slot], event.arena()));
    }
    decoded.offsets.push_back(event.offset);
    std::vector<event::NamedValue> listed;
    decoder.everything(event, listed);
    decoded.events.push_back(shown(listed, event.arena()));
  }
  for (const auto& problem : decoder.problems()) decoded.problems.push_back(problem.message);
  decoded.records = decoder.records();
  return decoded;
}

std::string wide(std::string_view text, bool big) {
  std::string out;
  append_utf16le(text, out);
  for (std::size_t i = 0; big && i + 1 < out.size(); i += 2) std::swap(out[i], out[i + 1]);
  return out;
}

TEST(WindowsXml, FieldsAreThoseOfTheBinaryLog) {
  const Decoded decoded = decode(kEvent);
  EXPECT_EQ(decoded.problems, std::vector<std::string>());
  ASSERT_EQ(decoded.events.size(), 1U);
  EXPECT_EQ(decoded.events[0], kEventFields);
  EXPECT_EQ(decoded.slots, (Fields{"0=7", "1='C:\\a & b.exe"}));
}

TEST(WindowsXml, AnyWrappingAndEncoding) {
  const std::string event(kEvent);
  const std::string document =
      "<?xml version='1.0' encoding='utf-16'?>\n<Events>" + event + "\n" + event + "</Events>";
  for (const std::string& bytes :
       {event + event, document, "\xEF\xBB\xBF" + document, wide(document, false),
        wide(document, true), "\xFF\xFE" + wide(document, false),
        "\xFE\xFF" + wide(document, true)}) {
    const Decoded decoded = decode(bytes);
    EXPECT_EQ(decoded.events, (std::vector<Fields>{kEventFields, kEventFields}));
    EXPECT_EQ(decoded.problems, std::vector<std::string>());
    EXPECT_EQ(decoded.records, 2U);
  }
  const Decoded wide_one = decode(wide("\xC3\xA4 " + event, false));
  EXPECT_EQ(wide_one.offsets, std::vector<std::uint64_t>{4});
}

TEST(WindowsXml, NamespacePrefixesAreDropped) {
  const Decoded decoded = decode(
      "<e:Event xmlns:e='x'><e:UserData><e:Any><e:Name>v</e:Name></e:Any></e:UserData></e:Event>");
  ASSERT_EQ(decoded.events.size(), 1U);
  EXPECT_EQ(decoded.events[0],
            (Fields{"Event.#attributes.xmlns:e='x", "Event.UserData.Any.Name='v"}));
  EXPECT_EQ(decoded.slots, Fields{"2='v"});
}

TEST(WindowsXml, NamelessAndRepeatedElements) {
  const Decoded decoded = decode(
      "<Event><EventData><Data>one</Data><Data/><Binary>00</Binary></EventData>"
      "<X>1</X><X>2</X><Y a='b'><![CDATA[</Event ]]>&#65;</Y></Event><Event/>");
  EXPECT_EQ(decoded.problems, std::vector<std::string>());
  ASSERT_EQ(decoded.events.size(), 2U);
  EXPECT_EQ(decoded.events[0],
            (Fields{"Event.EventData.Binary='00", "Event.EventData.Data.#text='",
                    "Event.EventData.Data.#text='one", "Event.X='1", "Event.X_1='2",
                    "Event.Y.#attributes.a='b", "Event.Y.#text='</Event A"}));
  EXPECT_EQ(decoded.events[1], Fields{"Event=null"});
}

TEST(WindowsXml, ABadElementCostsItselfOnly) {
  const std::string good = "<Event><EventData><Data Name='Image'>x</Data></EventData></Event>";
  for (const std::string_view bad :
       {"<Event><EventData></Event>", "<Event><A>", "<Event>&nope;</Event>", "<Event a=b></Event>",
        "<Event><A a='1' a='2'/></Event>", "<Event>\x01</Event>"}) {
    SCOPED_TRACE(bad);
    const Decoded decoded = decode(good + std::string(bad) + good);
    EXPECT_EQ(decoded.events.size(), 2U);
    EXPECT_EQ(decoded.problems.size(), 1U);
    EXPECT_EQ(decoded.records, 3U);
  }
  const Decoded cut = decode(good + "<Event><EventData>");
  EXPECT_EQ(cut.events.size(), 1U);
  EXPECT_EQ(cut.problems.size(), 1U);
}

TEST(WindowsXml, LimitsAreSaid) {
  std::string deep = "<Event>";
  for (int i = 0; i < 100; ++i) deep += "<a>";
  for (int i = 0; i < 100; ++i) deep += "</a>";
  const Decoded nested = decode(deep + "</Event>");
  ASSERT_EQ(nested.problems.size(), 1U);
  EXPECT_NE(nested.problems[0].find("nested deeper than 64"), std::string::npos);
  Limits limits;
  limits.values_max = 10;
  limits.record_bytes_max = 200;
  const Decoded many = decode("<Event><a/><a/><a/><a/><a/><a/><a/><a/><a/><a/></Event>", limits);
  ASSERT_EQ(many.problems.size(), 1U);
  EXPECT_NE(many.problems[0].find("more than 10"), std::string::npos);
  const Decoded large = decode("<Event>" + std::string(200, 'x') + "</Event>", limits);
  EXPECT_EQ(large.problems.size(), 1U);
}

TEST(WindowsXml, CutsBehindTheLastElement) {
  const std::string two = "<Events><Event><a/></Event>\n<e:Event></e:Event >\r\n ";
  const std::string rest = "<Event><EventData>";
  EXPECT_EQ(cut_windows_xml(two + rest, false), two.size());
  EXPECT_EQ(cut_windows_xml(two + rest, true), two.size() + rest.size());
  EXPECT_EQ(cut_windows_xml(rest, false), 0U);
  EXPECT_EQ(cut_windows_xml("</Event", false), 0U);
  for (const bool big : {false, true}) {
    EXPECT_EQ(cut_windows_xml(wide(two + rest, big), false), two.size() * 2);
  }
}

TEST(WindowsXml, ForOtherDecoders) {
  const event::FieldTree tree = small_tree();
  event::Event event(3);
  std::vector<event::NamedValue> listed;
  event::FieldWriter writer(tree, event, &listed);
  EXPECT_TRUE(parse_windows_xml(kEvent, writer));
  EXPECT_EQ(shown(listed, event.arena()), kEventFields);
  EXPECT_EQ(event[1].bytes(), "C:\\a & b.exe");
  const auto refused =
      parse_windows_xml("<!DOCTYPE Event [<!ENTITY a 'b'>]><Event>&a;</Event>", writer);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("document type"), std::string::npos);
}

}  // namespace
}  // namespace vedette::formats::logs
