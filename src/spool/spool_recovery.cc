// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "spool/spool.h"

namespace vedette::spool {
namespace {

std::unexpected<Error> system_error(std::string_view what, const std::string& path) {
  return failure(ErrorCode::kSystem,
                 fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
}

// RFC 4122, version 4.
std::string random_instance() {
  std::array<std::uint8_t, 16> bytes{};
  CHECK(::getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", bytes[i]);
  }
  return text;
}

std::string boot_of_machine() {
  const Result<std::string> text = read_file("/proc/sys/kernel/random/boot_id", 64);
  std::string boot = text.has_value() ? *text : "";
  boot.resize(kInstanceBytes, ' ');
  return boot;
}

Diagnostic note(const std::string& path, std::uint64_t offset, std::string message) {
  return {DiagnosticKind::kWarning, {path, 0, 0, offset}, std::move(message), ""};
}

}  // namespace

void Spool::Descriptor::reset(int other) {
  if (value >= 0) ::close(value);
  value = other;
}

Result<std::unique_ptr<Spool>> Spool::open(const SpoolOptions& options, event::Ledger& ledger,
                                           const Clock& clock, Disk& disk) {
  if (options.segment_bytes < 4096 || options.segment_bytes > kSegmentBytesMax ||
      options.bytes_max < 2 * options.segment_bytes) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected segments of 4096 to {} bytes and a spool of at least two "
                               "of them, found {} and {}",
                               kSegmentBytesMax, options.segment_bytes, options.bytes_max));
  }
  if (!options.instance.empty() && options.instance.size() != kInstanceBytes) {
    return failure(ErrorCode::kInvalid, fmt::format("expected an instance of {} bytes, found '{}'",
                                                    kInstanceBytes, options.instance));
  }
  std::unique_ptr<Spool> spool(new Spool(options, ledger, clock, disk));
  if (spool->options_.boot.empty()) spool->options_.boot = boot_of_machine();
  spool->options_.boot.resize(kInstanceBytes, ' ');
  TRY_VOID(spool->lock_folder());
  TRY_VOID(spool->recover());
  return spool;
}

Result<void> Spool::lock_folder() {
  std::error_code error;
  std::filesystem::create_directories(options_.folder, error);
  if (error) {
    return failure(ErrorCode::kSystem, fmt::format("cannot make the spool's folder {}: {}",
                                                   options_.folder, error.message()));
  }
  const std::string path = options_.folder + "/lock";
  lock_.reset(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock_.value < 0) return system_error("open", path);
  if (::flock(lock_.value, LOCK_EX | LOCK_NB) != 0) {
    return failure(ErrorCode::kSystem,
                   fmt::format("the spool {} is in use by another process", options_.folder));
  }
  return {};
}

Result<void> Spool::recover() {
  TRY(const std::vector<std::string> paths, list_files(options_.folder, {".segment"}));
  Position initial;
  initial.instance = options_.instance.empty() ? random_instance() : options_.instance;
  initial.boot = options_.boot;
  TRY(PositionFile file, PositionFile::open(options_.folder + "/position", initial));
  file_.emplace(std::move(file));
  position_ = file_->position();
  if (!file_->found() && !paths.empty()) {
    recovery_.notes.push_back(note(options_.folder + "/position", 0,
                                   "the position is missing or damaged; everything that the spool "
                                   "holds is sent again"));
    const Result<std::string> first = read_file(paths.front(), kSegmentBytesMax * 2);
    const Result<SegmentHeader> header =
        first.has_value() ? parse_header(*first)
                          : Result<SegmentHeader>(std::unexpected(first.error()));
    if (header.has_value()) {
      position_.instance = header->instance;
      position_.finished_sequence = header->first_sequence - 1;
      position_.acknowledged = header->records_before;
    }
  }
  const bool lost_power = !position_.clean && position_.boot != options_.boot;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    TRY_VOID(recover_segment(paths[i], i + 1 == paths.size()));
  }
  if (!segments_.empty()) {
    position_.next_sequence = std::max(position_.next_sequence, segments_.back().last_sequence + 1);
  }
  position_.next_sequence = std::max(position_.next_sequence, position_.finished_sequence + 1);
  if (lost_power) position_.next_sequence += kUnsyncedMax;
  position_.boot = options_.boot;
  instance_ = position_.instance;
  settle_counts();
  last_sync_ = clock_.steady();
  return save_position();
}

Result<void> Spool::recover_segment(const std::string& path, bool last) {
  const Result<std::string> bytes = read_file(path, kSegmentBytesMax * 2);
  if (!bytes.has_value()) {
    recovery_.notes.push_back(note(path, 0, bytes.error().message));
    recovery_.damaged = true;
    return {};
  }
  const Result<SegmentScan> scan =
      scan_segment(*bytes, position_.finished_sequence, options_.record_bytes_max);
  if (!scan.has_value() && scan.error().code == ErrorCode::kUnsupported) {
    return failure(ErrorCode::kUnsupported, path + ": " + scan.error().message);
  }
  if (!scan.has_value() && scan.error().code == ErrorCode::kInvalid) {
    // Kept for whoever wants to look, but out of the way.
    ::rename(path.c_str(), (path + ".damaged").c_str());
    recovery_.damaged = true;
    recovery_.notes.push_back(note(path, 0, scan.error().message + "; renamed to *.damaged"));
    return {};
  }
  if (!scan.has_value() || scan->count == 0) {
    // Nothing whole is in it: a crash came between making the file and its first record.
    if (bytes->size() > kSegmentHeaderBytes) {
      ++recovery_.torn;
      recovery_.torn_bytes += bytes->size() - kSegmentHeaderBytes;
      recovery_.notes.push_back(note(path, 0, "the segment holds no whole record; deleted"));
    }
    ::unlink(path.c_str());
    return {};
  }
  if (scan->whole_bytes < bytes->size()) {
    recovery_.notes.push_back(
        note(path, scan->whole_bytes,
             last ? "the last record is torn; cut off" : "records behind this place are damaged"));
    recovery_.damaged = recovery_.damaged || !last;
    if (last) {
      ++recovery_.torn;
      recovery_.torn_bytes += bytes->size() - scan->whole_bytes;
      if (::truncate(path.c_str(), static_cast<off_t>(scan->whole_bytes)) != 0) {
        recovery_.notes.push_back(note(path, scan->whole_bytes, std::strerror(errno)));
      }
    }
  }
  Segment segment;
  segment.path = path;
  segment.header = scan->header;
  segment.bytes = scan->whole_bytes;
  segment.count = scan->count;
  segment.unread = scan->count_beyond;
  segment.last_sequence = scan->last_sequence;
  segment.newest = scan->newest;
  ++recovery_.segments;
  segments_.push_back(std::move(segment));
  return {};
}

// Every record that was ever spooled is acknowledged, dropped, damaged or still there. What is in
// none of these places is missing: the process died between deleting a segment to make room and
// the note of it, or someone deleted files, or the disk lost them.
void Spool::settle_counts() {
  const std::uint64_t surviving = waiting_locked();
  const std::uint64_t finished = position_.acknowledged + position_.dropped + position_.damaged;
  if (!segments_.empty()) {
    const Segment& last = segments_.back();
    position_.spooled = std::max(position_.spooled, last.header.records_before + last.count);
  }
  position_.spooled = std::max(position_.spooled, finished + surviving);
  recovery_.lost = position_.spooled - finished - surviving;
  recovery_.waiting = surviving;
  if (recovery_.damaged) {
    position_.damaged += recovery_.lost;
    ledger_.add(event::Count::kDamaged, recovery_.lost);
  } else {
    position_.dropped += recovery_.lost;
    ledger_.add(event::Dropped::kSpoolSize, recovery_.lost);
  }
  read_sequence_ = position_.finished_sequence;
  durable_sequence_ = position_.next_sequence - 1;
  ledger_.add(event::Count::kCarriedIn, surviving + recovery_.lost);
  ledger_.add(event::Count::kTorn, recovery_.torn);
  ledger_.set(event::Count::kWaiting, surviving);
}

}  // namespace vedette::spool
