// SPDX-License-Identifier: Apache-2.0
// SigmaHQ's regression samples, each recorded as .evtx and as .json: both must give the same event.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <set>
#include <simdjson.h>

#include "base/file.h"
#include "formats/logs/evtx.h"

namespace vedette::formats::logs {
namespace {

// The JSON of this sample was not made from its .evtx: the time has nine digits, and the parent's
// command line other letters.
constexpr std::string_view kOtherOrigin = "ad691d92-15f2-4181-9aa4-723c74f9ddc3";

constexpr std::size_t kFileBytesMax = std::size_t{1} << 30;

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string data_folder() {
  const char* configured = std::getenv("VEDETTE_DATA");
  return configured != nullptr ? configured : VEDETTE_SOURCE_DIR "/../shared/data";
}

std::string shown(simdjson::dom::element value) {
  switch (value.type()) {
    case simdjson::dom::element_type::STRING:
      return "'" + std::string(value.get_string().value());
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
    default:
      return simdjson::to_string(value);
  }
}

void flatten(const std::string& path, simdjson::dom::element value, Fields& out) {
  if (value.is_object()) {
    const simdjson::dom::object object = value.get_object();
    for (const auto field : object) {
      flatten(path.empty() ? std::string(field.key) : path + "." + std::string(field.key),
              field.value, out);
    }
  } else if (value.is_array()) {
    const simdjson::dom::array array = value.get_array();
    for (const auto element : array) flatten(path, element, out);
  } else {
    out.emplace_back(path, shown(value));
  }
}

std::string shown(const event::Value& value, Arena& arena) {
  if (value.kind == event::Kind::kNull) return "null";
  const std::string text(event::text_of(value, arena));
  return value.kind == event::Kind::kString ? "'" + text : text;
}

event::FieldTree system_tree() {
  event::FieldTree::Builder builder;
  builder.add("Event.System.EventID", 0, 0);
  builder.add("Event.EventData.Image", 1, 0);
  return std::move(builder).build();
}

event::Batch batch_of(std::string_view bytes) {
  event::Batch batch;
  batch.buffer.reserve(bytes.size());
  std::memcpy(batch.buffer.data(), bytes.data(), bytes.size());
  batch.buffer.set_size(bytes.size());
  return batch;
}

std::vector<std::string> samples() {
  auto files = list_files(data_folder() + "/sigma/regression_data", {".evtx"});
  return files ? *files : std::vector<std::string>();
}

std::vector<Fields> read_json(const std::string& json) {
  std::vector<Fields> events;
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(json);
  simdjson::dom::document_stream stream;
  EXPECT_EQ(parser.parse_many(padded, json.size() + 64).get(stream), simdjson::SUCCESS);
  for (auto document : stream) {
    Fields& fields = events.emplace_back();
    flatten("", document.value(), fields);
    std::sort(fields.begin(), fields.end());
  }
  return events;
}

std::vector<std::string> all_paths(const std::vector<Fields>& events) {
  std::set<std::string> paths;
  for (const Fields& fields : events) {
    for (const auto& [path, text] : fields) paths.insert(path);
  }
  return {paths.begin(), paths.end()};
}

Fields by_slot(event::Event& event, const std::vector<std::string>& paths) {
  Fields fields;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const event::Value* value = &event[static_cast<event::Slot>(i)];
    if (value->kind == event::Kind::kStructure) continue;
    for (; value != nullptr && value->kind != event::Kind::kAbsent; value = event.next(*value)) {
      fields.emplace_back(paths[i], shown(*value, event.arena()));
    }
  }
  std::sort(fields.begin(), fields.end());
  return fields;
}

Fields listed(EvtxDecoder& decoder, event::Event& event) {
  std::vector<event::NamedValue> everything;
  decoder.everything(event, everything);
  Fields fields;
  for (const event::NamedValue& named : everything) {
    fields.emplace_back(named.path, shown(named.value, event.arena()));
  }
  std::sort(fields.begin(), fields.end());
  return fields;
}

// The fields that only one of both has.
Fields difference(const Fields& a, const Fields& b) {
  Fields out;
  std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

// By slots, as rules see it, and by the listing of everything().
void expect_same(const std::string& file, const std::string& evtx, const std::string& json) {
  SCOPED_TRACE(file);
  const std::vector<Fields> wanted = read_json(json);
  const std::vector<std::string> paths = all_paths(wanted);
  event::FieldTree::Builder builder;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    builder.add(paths[i], static_cast<event::Slot>(i), 0);
  }
  const event::FieldTree tree = std::move(builder).build();
  const Limits limits;
  EvtxDecoder decoder(tree, limits);
  const event::Batch batch = batch_of(evtx);
  decoder.start(batch);
  event::Event event(paths.size());
  const bool other = file.find(kOtherOrigin) != std::string::npos;
  std::size_t count = 0;
  for (; decoder.next(event); ++count) {
    ASSERT_LT(count, wanted.size());
    const Fields slots = difference(by_slot(event, paths), wanted[count]);
    const Fields list = difference(listed(decoder, event), wanted[count]);
    EXPECT_EQ(slots, list);
    EXPECT_EQ(list.size(), other ? 4U : 0U) << testing::PrintToString(list);
  }
  EXPECT_EQ(count, wanted.size());
  EXPECT_EQ(decoder.records(), wanted.size());
  EXPECT_TRUE(decoder.problems().empty()) << decoder.problems().front().message;
}

TEST(EvtxRegression, SamplesEqualTheirJson) {
  const auto files = samples();
  if (files.empty()) GTEST_SKIP() << "no samples: set VEDETTE_DATA to the folder of the test data";
  EXPECT_EQ(files.size(), 202U);
  for (const std::string& file : files) {
    const auto evtx = read_file(file, kFileBytesMax);
    const auto json = read_file(file.substr(0, file.size() - 4) + "json", kFileBytesMax);
    ASSERT_TRUE(evtx && json) << file;
    expect_same(file, *evtx, *json);
  }
}

// Every problem costs at most what it touches: nothing crashes, nothing is lost without a word.
TEST(EvtxRegression, CutFilesGiveTheirFrontAndSaySo) {
  const auto files = samples();
  if (files.empty()) GTEST_SKIP() << "no samples: set VEDETTE_DATA to the folder of the test data";
  const auto whole = read_file(files.front(), kFileBytesMax);
  ASSERT_TRUE(whole);
  const event::FieldTree tree = system_tree();
  const Limits limits;
  for (std::size_t size = 1; size < 8192; size += 37) {
    EvtxDecoder decoder(tree, limits, true);
    const event::Batch batch = batch_of(std::string_view(*whole).substr(0, size));
    decoder.start(batch);
    event::Event event(2);
    while (decoder.next(event)) {
    }
    // Cut between header and first chunk there is nothing to tell.
    EXPECT_NE(decoder.problems().empty(), size != 4096) << size;
  }
}

TEST(EvtxRegression, FlippedBytesAreSurvived) {
  const auto files = samples();
  if (files.empty()) GTEST_SKIP() << "no samples: set VEDETTE_DATA to the folder of the test data";
  const auto whole = read_file(files.front(), kFileBytesMax);
  ASSERT_TRUE(whole);
  const event::FieldTree tree = system_tree();
  const Limits limits;
  for (std::size_t at = 4096; at < 9000; at += 3) {
    std::string broken = *whole;
    broken[at] = static_cast<char>(broken[at] ^ 0x5A);
    EvtxDecoder decoder(tree, limits, true);
    const event::Batch batch = batch_of(broken);
    decoder.start(batch);
    event::Event event(2);
    std::vector<event::NamedValue> everything;
    while (decoder.next(event)) decoder.everything(event, everything);
    // The chunk's 4 bytes before the second part of its header are covered by no checksum.
    const std::size_t in_chunk = at - 4096;
    const bool covered = in_chunk < 120 || in_chunk >= 124;
    const bool used = in_chunk < static_cast<std::uint8_t>((*whole)[4096 + 48]) +
                                     256U * static_cast<std::uint8_t>((*whole)[4096 + 49]);
    if (covered && used) {
      EXPECT_FALSE(decoder.problems().empty()) << at;
    }
  }
}

}  // namespace
}  // namespace vedette::formats::logs
