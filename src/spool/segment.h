// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "spool/record.h"

// The bytes of a segment, one file of a spool. All numbers are little-endian.
//
//   header, 80 bytes:
//     0  magic "VDTSPOOL"
//     8  u32 version, 1
//    12  u32 size of this header, 80
//    16  instance, 36 bytes of text (RFC 4122)
//    52  u32 zero
//    56  u64 sequence of the first record
//    64  u64 records that the spool took before this segment, over its whole life
//    72  u64 checksum of the bytes before it
//   then records, each 32 bytes and its body:
//     0  u32 size of the body
//     4  u8 kind, u8 level, u16 zero
//     8  u64 sequence
//    16  i64 time, nanoseconds since 1970
//    24  u64 checksum of these fields and the body, begun with the header's checksum
//
// A checksum is XXH3 of 64 bits. Because a record's is begun with its segment's, a record that
// stands in the wrong file (a disk gave old blocks) does not pass. A version that is not known is
// refused, never guessed at.
namespace vedette::spool {

constexpr std::size_t kSegmentHeaderBytes = 80;
constexpr std::size_t kRecordHeaderBytes = 32;
constexpr std::size_t kInstanceBytes = 36;
constexpr std::uint32_t kSegmentVersion = 1;

struct SegmentHeader {
  std::string instance;  // kInstanceBytes long
  std::uint64_t first_sequence = 0;
  std::uint64_t records_before = 0;
  std::uint64_t checksum = 0;  // filled by encode_header() and parse_header()
};

std::string encode_header(SegmentHeader& header);
Result<SegmentHeader> parse_header(std::string_view bytes);

void append_record(const SegmentHeader& header, std::uint64_t sequence, TimeNs time,
                   const NewRecord& record, std::string& out);

enum class RecordState : std::uint8_t {
  kWhole,
  kEnd,      // nothing is left
  kCut,      // the bytes end inside the record
  kDamaged,  // the bytes are no record of this segment
};

struct ParsedRecord {
  RecordState state = RecordState::kEnd;
  Record record;         // a view into the bytes
  std::size_t size = 0;  // with its header; of kCut what it needs, as far as that is known
};

// The record that `bytes` begins with. A body larger than `bytes_max` is damage.
ParsedRecord parse_record(const SegmentHeader& header, std::string_view bytes,
                          std::size_t bytes_max);

// What a whole segment holds, as found after a crash.
struct SegmentScan {
  SegmentHeader header;
  std::size_t whole_bytes = 0;  // up to the end of the last whole record
  std::uint64_t count = 0;
  std::uint64_t last_sequence = 0;  // first_sequence - 1 when there is no record
  std::uint64_t count_beyond = 0;   // of those, records behind the sequence that was asked for
  TimeNs newest = 0;
  RecordState end = RecordState::kEnd;
};
// Walks over all records until the first that is not whole. Sequences that do not grow are damage.
Result<SegmentScan> scan_segment(std::string_view bytes, std::uint64_t beyond,
                                 std::size_t record_bytes_max);

}  // namespace vedette::spool
