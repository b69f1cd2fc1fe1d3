// SPDX-License-Identifier: Apache-2.0
#include "spool/segment.h"

#include <gtest/gtest.h>

#include "spool/position.h"

namespace vedette::spool {
namespace {

constexpr std::size_t kMax = 4096;
const std::string kInstance = "00000000-0000-4000-8000-000000000001";

std::string sample(std::vector<std::size_t>& ends, std::uint64_t first = 10) {
  SegmentHeader header{kInstance, first, 7, 0};
  std::string bytes = encode_header(header);
  ends.push_back(bytes.size());
  for (std::uint64_t i = 0; i < 3; ++i) {
    append_record(header, first + i, static_cast<TimeNs>(100 + i),
                  {RecordKind::kEvent, event::Level::kHigh, std::string(5 * i, 'x')}, bytes);
    ends.push_back(bytes.size());
  }
  return bytes;
}

TEST(Segment, ReadsWhatWasWritten) {
  std::vector<std::size_t> ends;
  const std::string bytes = sample(ends);
  const Result<SegmentScan> scan = scan_segment(bytes, 10, kMax);
  ASSERT_TRUE(scan.has_value());
  EXPECT_EQ(scan->header.instance, kInstance);
  EXPECT_EQ(scan->header.records_before, 7U);
  EXPECT_EQ(scan->count, 3U);
  EXPECT_EQ(scan->count_beyond, 2U);
  EXPECT_EQ(scan->last_sequence, 12U);
  EXPECT_EQ(scan->newest, 102);
  EXPECT_EQ(scan->end, RecordState::kEnd);
  const ParsedRecord last =
      parse_record(scan->header, std::string_view(bytes).substr(ends[2]), kMax);
  EXPECT_EQ(last.record.body, "xxxxxxxxxx");
  EXPECT_EQ(last.record.kind, RecordKind::kEvent);
  EXPECT_EQ(last.record.level, event::Level::kHigh);
}

TEST(Segment, EveryCutEndsAtTheLastWholeRecord) {
  std::vector<std::size_t> ends;
  const std::string bytes = sample(ends);
  for (std::size_t size = kSegmentHeaderBytes; size < bytes.size(); ++size) {
    const Result<SegmentScan> scan = scan_segment(std::string_view(bytes).substr(0, size), 0, kMax);
    ASSERT_TRUE(scan.has_value());
    const std::size_t whole = *(std::upper_bound(ends.begin(), ends.end(), size) - 1);
    EXPECT_EQ(scan->whole_bytes, whole);
    EXPECT_EQ(scan->end, whole == size ? RecordState::kEnd : RecordState::kCut) << size;
  }
}

TEST(Segment, EveryFlippedBitIsSeen) {
  std::vector<std::size_t> ends;
  const std::string bytes = sample(ends);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string bad = bytes;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    const Result<SegmentScan> scan = scan_segment(bad, 0, kMax);
    EXPECT_TRUE(!scan.has_value() || scan->count < 3 || scan->end != RecordState::kEnd) << bit;
  }
}

TEST(Segment, ARecordOfAnotherSegmentDoesNotPass) {
  std::vector<std::size_t> ends;
  const std::string one = sample(ends);
  const std::string other = sample(ends, 50);
  const std::string mixed = one.substr(0, kSegmentHeaderBytes) + other.substr(kSegmentHeaderBytes);
  const Result<SegmentScan> scan = scan_segment(mixed, 0, kMax);
  ASSERT_TRUE(scan.has_value());
  EXPECT_EQ(scan->count, 0U);
  EXPECT_EQ(scan->end, RecordState::kDamaged);
}

TEST(Segment, AVersionThatIsNotKnownIsRefused) {
  std::vector<std::size_t> ends;
  std::string bytes = sample(ends);
  bytes[8] = 9;
  const Result<SegmentHeader> header = parse_header(bytes);
  ASSERT_FALSE(header.has_value());
  EXPECT_EQ(header.error().code, ErrorCode::kUnsupported);
}

TEST(Position, TheNewestWholeSlotCounts) {
  Position old;
  old.instance = kInstance;
  old.generation = 4;
  old.finished_sequence = 40;
  Position newer = old;
  newer.generation = 5;
  newer.finished_sequence = 50;
  newer.clean = true;
  const std::string slots = encode_slot(old) + encode_slot(newer);
  EXPECT_EQ(parse_position(slots)->finished_sequence, 50U);
  EXPECT_TRUE(parse_position(slots)->clean);
  std::string torn = slots;
  torn[kPositionSlotBytes + 100] ^= 1;
  EXPECT_EQ(parse_position(torn)->finished_sequence, 40U);
  torn[100] ^= 1;
  EXPECT_FALSE(parse_position(torn).has_value());
  EXPECT_FALSE(parse_position("").has_value());
}

}  // namespace
}  // namespace vedette::spool
