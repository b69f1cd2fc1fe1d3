// SPDX-License-Identifier: Apache-2.0
// Event logs that were cut off, overwritten or made to hurt.
#include <gtest/gtest.h>

#include "formats/logs/evtx.h"
#include "formats/logs/evtx_test_file.h"

namespace vedette::formats::logs {
namespace {

using evtx::le;
using evtx::TestChunk;
using evtx::utf16;

struct Decoded {
  std::string values;  // of all events
  std::vector<std::string> problems;
  std::uint64_t records = 0;
};

Decoded decode(std::string_view bytes, bool recover = false) {
  event::Batch batch;
  batch.buffer.reserve(bytes.size());
  if (!bytes.empty()) std::memcpy(batch.buffer.data(), bytes.data(), bytes.size());
  batch.buffer.set_size(bytes.size());
  event::FieldTree::Builder builder;
  builder.add("Event.V", 0, 0);
  const event::FieldTree tree = std::move(builder).build();
  const Limits limits;
  EvtxDecoder decoder(tree, limits, recover);
  event::Event event(1);
  Decoded decoded;
  decoder.start(batch);
  std::uint64_t index = 0;
  for (; decoder.next(event); index = event.record + 1) {
    EXPECT_GE(event.record, index);
    EXPECT_EQ(event.raw.data(), batch.buffer.data() + event.offset);
    decoded.values += event::text_of(event[0], event.arena());
  }
  for (const RecordProblem& problem : decoder.problems())
    decoded.problems.push_back(problem.message);
  decoded.records = decoder.records();
  return decoded;
}

// Records "a", "b", "c" of one template, which stands in the first; `starts` says where they begin.
std::string three_records(std::vector<std::size_t>& starts, bool whole = true) {
  TestChunk chunk;
  std::size_t definition = 0;
  for (const std::string_view value : {"a", "b", "c"}) {
    starts.push_back(chunk.size());
    chunk.begin_record(starts.size());
    chunk.fragment();
    if (definition == 0) {
      definition = chunk.begin_template();
      chunk.open("Event");
      chunk.close_start();
      chunk.leaf("V", 0, 1);
      chunk.end();
      chunk.end_template(definition, {{1, utf16(value)}});
    } else {
      chunk.instance(definition, {{1, utf16(value)}});
    }
    chunk.end_record();
  }
  starts.push_back(chunk.size());
  return chunk.finish(whole);
}

TEST(EvtxDamage, NoneIsNoProblem) {
  std::vector<std::size_t> starts;
  const std::string chunk = three_records(starts);
  const Decoded decoded = decode(TestChunk::file_header() + chunk + std::string(65536, '\0'));
  EXPECT_EQ(decoded.values, "abc");
  EXPECT_EQ(decoded.problems, std::vector<std::string>());
}

TEST(EvtxDamage, WrongChecksumsCostNothing) {
  std::vector<std::size_t> starts;
  std::string chunk = three_records(starts);
  chunk[52] = static_cast<char>(chunk[52] ^ 1);
  const Decoded decoded = decode(chunk);
  EXPECT_EQ(decoded.values, "abc");
  EXPECT_EQ(decoded.problems.size(), 2U);  // the header holds the records' checksum
}

TEST(EvtxDamage, ABrokenRecordCostsItself) {
  std::vector<std::size_t> starts;
  const std::string whole = three_records(starts);
  for (const std::size_t at : {starts[1], starts[1] + 4, starts[1] + 6, starts[1] + 24 + 4,
                               starts[1] + 24 + 10, starts[1] + 24 + 13}) {
    std::string chunk = whole;
    chunk[at] = '\x7F';
    const Decoded decoded = decode(chunk);
    EXPECT_EQ(decoded.values, "ac") << at - starts[1];
    EXPECT_EQ(decoded.problems.size(), 2U) << at - starts[1];  // the checksum's and its own
    EXPECT_EQ(decoded.records, 3U);
  }
}

TEST(EvtxDamage, OneWrongCopyOfTheSizeIsSurvived) {
  std::vector<std::size_t> starts;
  std::string chunk = three_records(starts);
  chunk[starts[2] - 4] = '\x7F';
  EXPECT_EQ(decode(chunk).values, "abc");
}

TEST(EvtxDamage, CutFiles) {
  std::vector<std::size_t> starts;
  const std::string file = TestChunk::file_header() + three_records(starts, false);
  const Decoded cut = decode(std::string_view(file).substr(0, 4096 + starts[2] + 30));
  EXPECT_EQ(cut.values, "ab");
  EXPECT_EQ(cut.records, 3U);
  EXPECT_EQ(cut.problems.size(), 2U);
  EXPECT_EQ(decode(std::string_view(file).substr(0, 4000)).problems.size(), 1U);
  EXPECT_EQ(decode(std::string_view(file).substr(0, 4200)).problems.size(), 1U);
  EXPECT_EQ(decode("something else").problems.size(), 2U);
  EXPECT_EQ(decode("").problems.size(), 1U);
}

TEST(EvtxDamage, AChunkWhoseHeaderIsOlderThanItsRecords) {
  std::vector<std::size_t> starts;
  std::string chunk = three_records(starts);
  chunk.replace(48, 4, le(starts[1], 4));
  EXPECT_EQ(decode(chunk).values, "abc");
}

TEST(EvtxDamage, RecordsAreCarvedWhenAsked) {
  std::vector<std::size_t> starts;
  std::string slack = three_records(starts);
  slack.replace(48, 4, le(starts[1], 4));
  slack.replace(starts[1] + 8, 8, le(77, 8));  // not the next number, so not in use
  EXPECT_EQ(decode(slack).values, "a");
  EXPECT_EQ(decode(slack, true).values, "abc");
  starts.clear();
  std::string headless = three_records(starts);
  headless.replace(0, 512, std::string(512, 'x'));
  EXPECT_EQ(decode(TestChunk::file_header() + headless).values, "");
  EXPECT_EQ(decode(TestChunk::file_header() + headless).problems.size(), 1U);
  EXPECT_EQ(decode(TestChunk::file_header() + headless, true).values, "abc");
}

// A template that holds itself, and values that hold the template they are in.
TEST(EvtxDamage, CirclesEnd) {
  TestChunk chunk;
  chunk.begin_record(1);
  chunk.fragment();
  const std::size_t definition = chunk.begin_template();
  chunk.open("Event");
  chunk.close_start();
  chunk.instance(definition, {});
  chunk.end();
  chunk.end_template(definition, {});
  chunk.end_record();
  const Decoded decoded = decode(chunk.finish());
  EXPECT_EQ(decoded.records, 1U);
  ASSERT_EQ(decoded.problems.size(), 1U);
  EXPECT_NE(decoded.problems[0].find("nested deeper"), std::string::npos);
}

// A few bytes that would unfold to gigabytes.
TEST(EvtxDamage, UnfoldingIsBounded) {
  TestChunk chunk;
  chunk.begin_record(1);
  chunk.fragment();
  const std::size_t definition = chunk.begin_template();
  chunk.open("Event");
  chunk.close_start();
  for (int i = 0; i < 2000; ++i) chunk.leaf("V", 0, 1);
  chunk.end();
  chunk.end_template(definition, {{1, utf16(std::string(12000, 'x'))}});
  chunk.end_record();
  const Decoded decoded = decode(chunk.finish());
  EXPECT_EQ(decoded.values.size() + decoded.problems.size(), 12000U);
}

}  // namespace
}  // namespace vedette::formats::logs
