// SPDX-License-Identifier: Apache-2.0
#include "spool/segment.h"

#include <fmt/format.h>

#include "base/hash.h"
#include "base/result.h"
#include "spool/little_endian.h"

namespace vedette::spool {
namespace {

constexpr std::string_view kMagic = "VDTSPOOL";
constexpr std::size_t kChecksumAt = 24;

std::uint64_t record_checksum(const SegmentHeader& header, std::string_view fields,
                              std::string_view body) {
  return hash_bytes(body, hash_bytes(fields, header.checksum));
}

}  // namespace

std::string encode_header(SegmentHeader& header) {
  CHECK(header.instance.size() == kInstanceBytes);
  std::string out(kMagic);
  put_number(kSegmentVersion, out);
  put_number(static_cast<std::uint32_t>(kSegmentHeaderBytes), out);
  out += header.instance;
  put_number(std::uint32_t{0}, out);
  put_number(header.first_sequence, out);
  put_number(header.records_before, out);
  header.checksum = hash_bytes(out);
  put_number(header.checksum, out);
  return out;
}

Result<SegmentHeader> parse_header(std::string_view bytes) {
  if (bytes.size() < kSegmentHeaderBytes) {
    return failure(ErrorCode::kTruncated, fmt::format("expected a spool segment of at least {} "
                                                      "bytes, found {}",
                                                      kSegmentHeaderBytes, bytes.size()));
  }
  if (!bytes.starts_with(kMagic)) {
    return failure(ErrorCode::kInvalid, "expected a spool segment, found something else");
  }
  const auto version = number_at<std::uint32_t>(bytes, 8);
  if (version != kSegmentVersion) {
    return failure(ErrorCode::kUnsupported,
                   fmt::format("expected a spool segment of version {}, found version {}",
                               kSegmentVersion, version));
  }
  SegmentHeader header;
  header.checksum = hash_bytes(bytes.substr(0, kSegmentHeaderBytes - 8));
  if (number_at<std::uint64_t>(bytes, kSegmentHeaderBytes - 8) != header.checksum) {
    return failure(ErrorCode::kInvalid, "the header of a spool segment is damaged");
  }
  header.instance = bytes.substr(16, kInstanceBytes);
  header.first_sequence = number_at<std::uint64_t>(bytes, 56);
  header.records_before = number_at<std::uint64_t>(bytes, 64);
  return header;
}

void append_record(const SegmentHeader& header, std::uint64_t sequence, TimeNs time,
                   const NewRecord& record, std::string& out) {
  const std::size_t start = out.size();
  put_number(static_cast<std::uint32_t>(record.body.size()), out);
  out += static_cast<char>(record.kind);
  out += static_cast<char>(record.level);
  out.append(2, '\0');
  put_number(sequence, out);
  put_number(time, out);
  put_number(record_checksum(header, std::string_view(out).substr(start, kChecksumAt), record.body),
             out);
  out += record.body;
}

ParsedRecord parse_record(const SegmentHeader& header, std::string_view bytes,
                          std::size_t bytes_max) {
  ParsedRecord parsed;
  if (bytes.empty()) return parsed;
  parsed.state = RecordState::kCut;
  parsed.size = kRecordHeaderBytes;
  if (bytes.size() < kRecordHeaderBytes) return parsed;
  const auto size = number_at<std::uint32_t>(bytes, 0);
  const auto kind = static_cast<std::uint8_t>(bytes[4]);
  const auto level = static_cast<std::uint8_t>(bytes[5]);
  if (size > bytes_max || kind >= kRecordKindNames.size() || level >= event::kLevelNames.size()) {
    parsed.state = RecordState::kDamaged;
    return parsed;
  }
  parsed.size = kRecordHeaderBytes + size;
  if (bytes.size() < parsed.size) return parsed;
  parsed.record = {number_at<std::uint64_t>(bytes, 8), number_at<std::int64_t>(bytes, 16),
                   static_cast<RecordKind>(kind), static_cast<event::Level>(level),
                   bytes.substr(kRecordHeaderBytes, size)};
  const std::uint64_t expected =
      record_checksum(header, bytes.substr(0, kChecksumAt), parsed.record.body);
  parsed.state = number_at<std::uint64_t>(bytes, kChecksumAt) == expected ? RecordState::kWhole
                                                                          : RecordState::kDamaged;
  return parsed;
}

Result<SegmentScan> scan_segment(std::string_view bytes, std::uint64_t beyond,
                                 std::size_t record_bytes_max) {
  SegmentScan scan;
  TRY(scan.header, parse_header(bytes));
  scan.whole_bytes = kSegmentHeaderBytes;
  scan.last_sequence = scan.header.first_sequence - 1;
  while (true) {
    const ParsedRecord parsed =
        parse_record(scan.header, bytes.substr(scan.whole_bytes), record_bytes_max);
    scan.end = parsed.state;
    if (parsed.state != RecordState::kWhole) return scan;
    // The first may be any; later ones grow.
    const std::uint64_t sequence = parsed.record.sequence;
    if (sequence <= scan.last_sequence && !(scan.count == 0 && scan.last_sequence == UINT64_MAX)) {
      scan.end = RecordState::kDamaged;
      return scan;
    }
    scan.whole_bytes += parsed.size;
    scan.last_sequence = sequence;
    scan.newest = parsed.record.time;
    ++scan.count;
    if (sequence > beyond) ++scan.count_beyond;
  }
}

}  // namespace vedette::spool
