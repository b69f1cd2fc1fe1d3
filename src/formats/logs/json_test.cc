// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/json.h"

#include <cstring>
#include <gtest/gtest.h>
#include <map>
#include <string>

namespace vedette::formats::logs {
namespace {

// Decodes lines of JSON while asking for some paths; slot i belongs to paths[i].
class Decoding {
 public:
  explicit Decoding(std::vector<std::string> paths) : paths_(std::move(paths)), tree_(make_tree()) {
    decoder_ = std::make_unique<JsonDecoder>(tree_, limits_);
    event_ = std::make_unique<event::Event>(paths_.size());
  }

  void start(std::string_view text, event::RecordFormat format = event::RecordFormat::kJsonLines) {
    auto input = std::make_shared<event::Input>();
    input->format = format;
    batch_.input = input;
    batch_.buffer.reserve(text.size());
    std::memcpy(batch_.buffer.data(), text.data(), text.size());
    batch_.buffer.set_size(text.size());
    decoder_->start(batch_);
  }
  // As a splitter cuts them, where the format needs that.
  void start_records(const std::vector<std::string>& records, event::RecordFormat format) {
    std::string text;
    batch_.records.clear();
    for (const std::string& record : records) {
      batch_.records.push_back(
          {static_cast<std::uint32_t>(text.size()), static_cast<std::uint32_t>(record.size())});
      text += record;
    }
    start(text, format);
  }
  bool next() { return decoder_->next(*event_); }
  // All values of a path, joined by '|'; "-" when absent, "null" and "{}" by kind.
  std::string operator[](std::string_view path) {
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      if (paths_[i] != path) continue;
      std::string joined;
      for (const event::Value* value = &(*event_)[static_cast<event::Slot>(i)]; value != nullptr;
           value = event_->next(*value)) {
        if (!joined.empty()) joined += '|';
        joined += show(*value);
      }
      return joined;
    }
    return "no such path";
  }
  std::map<std::string, std::string> everything() {
    std::vector<event::NamedValue> all;
    decoder_->everything(*event_, all);
    std::map<std::string, std::string> shown;
    for (const event::NamedValue& named : all) {
      std::string& text = shown[std::string(named.path)];
      if (!text.empty()) text += '|';
      text += show(named.value);
    }
    return shown;
  }
  JsonDecoder& decoder() { return *decoder_; }
  event::Event& event() { return *event_; }

 private:
  event::FieldTree make_tree() const {
    event::FieldTree::Builder builder;
    for (std::size_t i = 0; i < paths_.size(); ++i)
      builder.add(paths_[i], static_cast<event::Slot>(i), 0);
    return std::move(builder).build();
  }
  std::string show(const event::Value& value) {
    switch (value.kind) {
      case event::Kind::kAbsent:
        return "-";
      case event::Kind::kNull:
        return "null";
      case event::Kind::kStructure:
        return "{}";
      default:
        return std::string(event::text_of(value, arena_));
    }
  }

  std::vector<std::string> paths_;
  event::FieldTree tree_;
  Limits limits_;
  std::unique_ptr<JsonDecoder> decoder_;
  std::unique_ptr<event::Event> event_;
  event::Batch batch_;
  Arena arena_;
};

TEST(JsonDecoder, FillsNestedDottedAndMixedPaths) {
  Decoding d({"a.b.c", "x"});
  d.start(R"({"a":{"b":{"c":1}},"x":"y"}
{"a.b.c":2}
{"a.b":{"c":"three"}}
{"a":{"b.c":true, "z":[1,{"q":2}]}}
{"a":{"b":{"d":1}}})");
  for (const std::string expected : {"1", "2", "three", "true", "-"}) {
    ASSERT_TRUE(d.next());
    EXPECT_EQ(d["a.b.c"], expected);
  }
  EXPECT_FALSE(d.next());
  EXPECT_TRUE(d.decoder().problems().empty());
  EXPECT_EQ(d.decoder().records(), 5U);
}

TEST(JsonDecoder, ArraysGiveSeveralValues) {
  Decoding d({"t", "o.n", "e"});
  d.start(R"({"t":["a","b",["c"]],"o":[{"n":1},{"n":2},{"m":3}],"e":[]})");
  ASSERT_TRUE(d.next());
  std::string tags = d["t"];
  EXPECT_EQ(tags.size(), 5U);  // a, b and c in some order
  EXPECT_NE(tags.find('c'), std::string::npos);
  EXPECT_TRUE(d["o.n"] == "1|2" || d["o.n"] == "2|1");
  EXPECT_EQ(d["e"], "{}");
}

TEST(JsonDecoder, DecodesEscapesInKeysAndValues) {
  Decoding d({"key", "v"});
  d.start(R"({"k\u0065y":"\u00e9\n\"\\\/\ud83d\ude00\ud83d","v":"\uZZZZ\u12"})");
  ASSERT_TRUE(d.next());
  EXPECT_EQ(d["key"], "\xC3\xA9\n\"\\/\xF0\x9F\x98\x80\xEF\xBF\xBD");
  EXPECT_FALSE(d["v"].empty());
}

TEST(JsonDecoder, LastDuplicateCountsAndNumbersStayExact) {
  Decoding d({"a", "n", "z"});
  d.start("{\"a\":1,\"a\":\"two\",\"n\":-9214364837600034816123,\"z\":null}\r\n");
  ASSERT_TRUE(d.next());
  EXPECT_EQ(d["a"], "two");
  EXPECT_EQ(d["n"], "-9214364837600034816123");
  EXPECT_EQ(d["z"], "null");
  EXPECT_EQ(d.everything().at("a"), "two");
}

TEST(JsonDecoder, OneBadRecordCostsItselfOnly) {
  Decoding d({"a"});
  const std::string lines =
      "\xEF\xBB\xBF{\"a\":1}\n"
      "{\"a\":tru}\n"  // wanted and no value
      "{\"a\" 2}\n"    // no colon
      "{\"a\":3\n"     // not closed
      "[1]\n"          // no object
      "{\"a\":4} trailing\n"
      "\n"
      "{\"a\":\"bad \xFF byte\"}\n"
      "{\"a\":\"open\n"
      "{\"a\":{\"b\":[}}\n"
      "{\"a\":9}";
  d.start(lines);
  std::vector<std::string> seen;
  while (d.next()) seen.push_back(d["a"] + "@" + std::to_string(d.event().record));
  EXPECT_EQ(seen, (std::vector<std::string>{"1@0", "bad \xEF\xBF\xBD byte@6", "9@9"}));
  EXPECT_EQ(d.decoder().problems().size(), 7U);
  EXPECT_EQ(d.decoder().records(), 10U);
}

TEST(JsonDecoder, BadRecordsInAnIndexableBatch) {
  Decoding d({"a"});
  d.start(
      "{\"a\":1}\n{\"a\":[1,2}\n{\"a\":{\"x\":1]}\n{\"a\":2,}\n{,}\n{\"a\":5}\n{\"a\":[1,]}\n{"
      "\"a\":7}");
  std::vector<std::string> seen;
  while (d.next()) seen.push_back(d["a"] + "@" + std::to_string(d.event().record));
  EXPECT_EQ(seen, (std::vector<std::string>{"1@0", "5@5", "7@7"}));
  EXPECT_EQ(d.decoder().problems().size(), 5U);
}

TEST(JsonDecoder, DepthIsBounded) {
  Decoding d({"a.x"});
  std::string deep = "{\"a\":";
  for (int i = 0; i < 10000; ++i) deep += '[';
  for (int i = 0; i < 10000; ++i) deep += ']';
  deep += "}\n{\"a\":{\"x\":1}}";
  d.start(deep);
  ASSERT_TRUE(d.next());
  EXPECT_EQ(d["a.x"], "1");
  ASSERT_EQ(d.decoder().problems().size(), 1U);
  EXPECT_NE(d.decoder().problems()[0].message.find("nested"), std::string::npos);
}

// What no rule reads is no deeper than what some rule does.
TEST(JsonDecoder, DepthIsBoundedBelowUnwantedKeys) {
  const auto nested = [](std::size_t levels, std::string_view key) {
    std::string text(levels - 1, '[');
    return "{\"" + std::string(key) + "\":" + text + std::string(levels - 1, ']') + "}\n";
  };
  for (const auto format : {event::RecordFormat::kJsonLines, event::RecordFormat::kJson}) {
    for (const std::string_view key : {"wanted", "other"}) {
      const std::size_t most = Limits().depth_max;
      Decoding d({"wanted"});
      d.start_records({nested(most, key), nested(most + 1, key), nested(10000, key)}, format);
      ASSERT_TRUE(d.next()) << key;
      EXPECT_EQ(d.event().record, 0U);
      EXPECT_FALSE(d.everything().empty());
      EXPECT_FALSE(d.next()) << key;
      ASSERT_EQ(d.decoder().problems().size(), 2U) << key;
      EXPECT_NE(d.decoder().problems()[1].message.find("nested deeper"), std::string::npos);
    }
  }
}

TEST(JsonDecoder, EverythingListsPathsAndKinds) {
  Decoding d({"a"});
  d.start(R"({"a":{"b":[1,{"c":"x"}],"d.e":null},"f":false,"g":{}})");
  ASSERT_TRUE(d.next());
  const auto all = d.everything();
  EXPECT_EQ(all.at("a.b.c"), "x");
  EXPECT_EQ(all.at("a.d.e"), "null");
  EXPECT_EQ(all.at("f"), "false");
  EXPECT_EQ(all.at("g"), "{}");
  EXPECT_NE(all.at("a.b").find('1'), std::string::npos);
}

// journalctl -o json.
TEST(JsonDecoder, ReadsBytesOfAJournalAsText) {
  Decoding d({"MESSAGE", "PORTS", "_CMDLINE"});
  d.start(R"({"MESSAGE":[115,115,104,32,27,255, 195 ,169],"_CMDLINE":[108,115],"PORTS":[22,80]}
{"MESSAGE":["a","b"],"_CMDLINE":[1,256],"PORTS":{"MESSAGE":[104,105]}}
{"MESSAGE":[],"_CMDLINE":"[1]"})");
  ASSERT_TRUE(d.next());
  EXPECT_EQ(d["MESSAGE"], "ssh \x1b\xEF\xBF\xBD\xC3\xA9");
  EXPECT_EQ(d["_CMDLINE"], "ls");
  EXPECT_EQ(d["PORTS"], "22|80");
  EXPECT_EQ(d.everything().at("_CMDLINE"), "ls");
  // A search of the record's bytes would miss it.
  EXPECT_EQ(d.event().raw_text, event::RawText::kOpaque);
  ASSERT_TRUE(d.next());
  EXPECT_EQ(d["MESSAGE"], "a|b");
  EXPECT_EQ(d["_CMDLINE"], "1|256");
  EXPECT_NE(d.everything().at("PORTS.MESSAGE").find("104"), std::string::npos);
  EXPECT_EQ(d.event().raw_text, event::RawText::kJson);
  ASSERT_TRUE(d.next());
  EXPECT_EQ(d["MESSAGE"], "{}");
  EXPECT_EQ(d["_CMDLINE"], "[1]");
}

TEST(JsonDecoder, ReadsNamesAndTextsAsFields) {
  Decoding d({"E.Image", "E.Id", "E.Data", "E.None", "E.z"});
  d.start(
      R"({"E":{"Data":[{"@Name":"Image","#text":"C:\\x"},{ "#text" : 7 , "@Name" : "I\u0064" },{"@Name":"None"}],"z":1}}
{"E":{"Data":{"Name":"Image","content":"y"},"z":2}}
{"E":{"Data":[{"@Name":"Image","#text":"x"},"text"],"z":3}}
{"E":{"Data":[{"@Name":"Image","#text":{}}],"z":4}}
{"E":{"Data":[{"@Name":"Image","#text":"x"}}}
{"E":{"Data":[{"@Name":"Image","#text":"x"},],"z":6}})");
  ASSERT_TRUE(d.next());
  EXPECT_EQ(d["E.Image"], "C:\\x");
  EXPECT_EQ(d["E.Id"], "7");
  EXPECT_EQ(d["E.None"], "");
  EXPECT_EQ(d["E.Data"], "-");
  EXPECT_EQ(d["E.z"], "1");
  EXPECT_EQ(d.everything().at("E.Image"), "C:\\x");
  EXPECT_FALSE(d.everything().contains("E.Data"));
  ASSERT_TRUE(d.next());
  EXPECT_EQ(d["E.Image"], "y");
  EXPECT_EQ(d["E.z"], "2");
  for (const std::string z : {"3", "4"}) {
    ASSERT_TRUE(d.next());
    EXPECT_EQ(d["E.Image"], "-");
    EXPECT_EQ(d["E.z"], z);
  }
  EXPECT_FALSE(d.next());
  EXPECT_EQ(d.decoder().problems().size(), 2U);
}

// EvtxECmd --json.
TEST(JsonDecoder, ReadsAPayloadOfJson) {
  const std::string lines =
      R"({"Payload":"{\"EventData\":{\"Data\":[{\"@Name\":\"Image\",\"#text\":\"C:\\\\x\"}]}}","z":1}
{"Payload":"{\"EventData\":{\"Image\":\"y\",","z":2}
{"z":3,"Payload":"CommandInvocation"}
{"Payload":"{\"EventData\":)" +
      std::string(100, '[') + std::string(100, ']') + R"(}","z":4}
{"a":{"Payload":"{\"EventData\":{\"Image\":\"y\"}}"},"z":5})";
  for (const bool payload_wanted : {false, true}) {
    std::vector<std::string> paths = {"EventData.Image", "z"};
    if (payload_wanted) paths.insert(paths.end(), {"Payload", "Payload.x"});
    Decoding d(paths);
    d.start(lines);
    ASSERT_TRUE(d.next());
    EXPECT_EQ(d["EventData.Image"], "C:\\x");
    EXPECT_EQ(d["z"], "1");
    EXPECT_EQ(d.everything().at("EventData.Image"), "C:\\x");
    EXPECT_EQ(d.event().raw_text, event::RawText::kOpaque);
    EXPECT_TRUE(d.event().raw.ends_with("\"z\":1}"));
    ASSERT_TRUE(d.next());
    EXPECT_EQ(d["z"], "2");
    ASSERT_TRUE(d.next());
    EXPECT_EQ(d["z"], "3");
    if (payload_wanted) {
      EXPECT_EQ(d["Payload"], "CommandInvocation");
    }
    ASSERT_TRUE(d.next());
    EXPECT_EQ(d["z"], "5");
    EXPECT_EQ(d["EventData.Image"], "-");
    EXPECT_FALSE(d.next());
    ASSERT_EQ(d.decoder().problems().size(), 1U);
    EXPECT_NE(d.decoder().problems()[0].message.find("nested"), std::string::npos);
  }
}

// What an exporter wraps around a record.
TEST(JsonDecoder, ReadsEnvelopesAsTheRecord) {
  event::FieldTree::Builder builder;
  builder.add("a.b", 0, 1);
  builder.add("c", 1, 0);
  builder.add("out.c", 2, 0);
  builder.add("out", 3, 0);
  builder.add_envelope("in");
  builder.add_envelope("out");
  const event::FieldTree tree = std::move(builder).build();
  const auto targets = [&](std::initializer_list<std::string_view> keys) {
    event::FieldTree::Node node = event::FieldTree::kRoot;
    std::vector<event::Slot> slots;
    for (const std::string_view key : keys) {
      node = tree.child(node, key);
      if (node == event::FieldTree::kNone) return slots;
    }
    for (const auto& target : tree.targets(node)) slots.push_back(target.slot);
    return slots;
  };
  using Slots = std::vector<event::Slot>;
  EXPECT_EQ(targets({"a", "b"}), Slots{0});
  EXPECT_EQ(targets({"in", "a", "b"}), Slots{0});
  EXPECT_EQ(targets({"in", "a.b"}), Slots{0});
  EXPECT_EQ(targets({"out", "a", "b"}), Slots{0});
  EXPECT_EQ(targets({"out", "c"}), (Slots{2, 1}));
  EXPECT_EQ(targets({"out"}), Slots{3});
  EXPECT_EQ(targets({"in"}), Slots{});
  EXPECT_EQ(targets({"c", "a", "b"}), Slots{});
}

TEST(JsonDecoder, SpansOfASplitter) {
  Decoding d({"a"});
  const std::string text = "[ {\"a\":\n1} , {\"a\":2}, {\"a\":}]";
  auto input = std::make_shared<event::Input>();
  input->format = event::RecordFormat::kJson;
  event::Batch batch;
  batch.input = input;
  batch.buffer.reserve(text.size());
  std::memcpy(batch.buffer.data(), text.data(), text.size());
  batch.buffer.set_size(text.size());
  batch.records = {{2, 8}, {13, 7}, {22, 6}};
  d.decoder().start(batch);
  ASSERT_TRUE(d.next());
  EXPECT_EQ(d["a"], "1");
  ASSERT_TRUE(d.next());
  EXPECT_EQ(d["a"], "2");
  EXPECT_EQ(d.event().offset, 13U);
  EXPECT_FALSE(d.next());
  EXPECT_EQ(d.decoder().problems().size(), 1U);
}

}  // namespace
}  // namespace vedette::formats::logs
