// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "spool/spool.h"

namespace vedette::spool {

// What the reader needs of a segment while the writer goes on.
struct Spool::View {
  std::string path;
  SegmentHeader header;
  std::uint64_t bytes = 0;
  std::uint64_t beyond = 0;  // records up to this sequence were read
};

// Bytes are taken from the file in steps of this size, or of one record when that is larger.
constexpr std::size_t kReadBytes = std::size_t{256} << 10;

Result<void> Spool::read(RecordBatch& batch, std::size_t count_max, std::size_t bytes_max) {
  batch.bytes.clear();
  batch.records.clear();
  View view;
  while (batch.records.empty()) {
    TRY(const bool found, choose_segment(view));
    if (!found) return {};
    TRY_VOID(read_segment(view, batch, count_max, bytes_max));
  }
  const std::lock_guard lock(mutex_);
  for (const Record& record : batch.records) in_flight_.push_back(record.sequence);
  for (Segment& segment : segments_) {
    if (segment.path == view.path) segment.unread -= batch.records.size();
  }
  // Where the segment was dropped meanwhile its records are counted as dropped: they are not sent.
  const bool dropped = std::none_of(segments_.begin(), segments_.end(),
                                    [&](const Segment& held) { return held.path == view.path; });
  if (dropped) {
    for (std::size_t i = 0; i < batch.records.size(); ++i) in_flight_.pop_back();
    batch.records.clear();
    return {};
  }
  read_sequence_ = batch.records.back().sequence;
  return {};
}

Result<bool> Spool::choose_segment(View& view) {
  const std::lock_guard lock(mutex_);
  for (Segment& segment : segments_) {
    if (segment.unread == 0) continue;
    view = {segment.path, segment.header, segment.bytes, read_sequence_};
    if (reading_path_ != segment.path) {
      reading_.reset(::open(segment.path.c_str(), O_RDONLY | O_CLOEXEC));
      if (reading_.value < 0) {
        pass_damage(segment);
        continue;
      }
      reading_path_ = segment.path;
      read_at_ = kSegmentHeaderBytes;
    }
    return true;
  }
  return false;
}

Result<void> Spool::read_segment(const View& view, RecordBatch& batch, std::size_t count_max,
                                 std::size_t bytes_max) {
  std::size_t want = std::clamp(bytes_max, kRecordHeaderBytes, kReadBytes);
  while (true) {
    batch.bytes.resize(std::min<std::uint64_t>(want, view.bytes - std::min(view.bytes, read_at_)));
    const ssize_t got = ::pread(reading_.value, batch.bytes.data(), batch.bytes.size(),
                                static_cast<off_t>(read_at_));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return failure(ErrorCode::kSystem,
                     fmt::format("cannot read {}: {}", view.path, std::strerror(errno)));
    }
    std::string_view bytes(batch.bytes.data(), static_cast<std::size_t>(got));
    const bool at_end = read_at_ + bytes.size() >= view.bytes;
    std::size_t taken = 0;
    ParsedRecord parsed;
    while (batch.records.size() < count_max) {
      parsed = parse_record(view.header, bytes.substr(taken), options_.record_bytes_max);
      if (parsed.state != RecordState::kWhole) break;
      taken += parsed.size;
      if (parsed.record.sequence > view.beyond) batch.records.push_back(parsed.record);
    }
    read_at_ += taken;
    if (!batch.records.empty()) return {};
    if (taken > 0) continue;  // only records that were read before a restart
    if (parsed.state == RecordState::kCut && !at_end && parsed.size > want) {
      want = parsed.size;
      continue;
    }
    const std::lock_guard lock(mutex_);
    for (Segment& segment : segments_) {
      if (segment.path == view.path) pass_damage(segment);
    }
    return {};
  }
}

// The rest of a segment cannot be read.
void Spool::pass_damage(Segment& segment) {
  position_.damaged += segment.unread;
  ledger_.add(event::Count::kDamaged, segment.unread);
  segment.unread = 0;
  ledger_.set(event::Count::kWaiting, waiting_locked());
}

Result<void> Spool::acknowledge(std::uint64_t sequence, std::uint64_t refused) {
  const std::lock_guard lock(mutex_);
  std::uint64_t count = 0;
  while (!in_flight_.empty() && in_flight_.front() <= sequence) {
    in_flight_.pop_front();
    ++count;
  }
  if (count == 0) return {};
  refused = std::min(refused, count);
  position_.acknowledged += count - refused;
  position_.dropped += refused;
  position_.finished_sequence = std::max(position_.finished_sequence, sequence);
  ledger_.add(event::Count::kAcknowledged, count - refused);
  ledger_.add(event::Dropped::kRefused, refused);
  ledger_.set(event::Count::kWaiting, waiting_locked());
  TRY_VOID(save_position());
  return delete_finished();
}

Result<std::uint64_t> Spool::advance_to(std::uint64_t sequence) {
  std::uint64_t spared = 0;
  RecordBatch batch;
  while (true) {
    const std::uint64_t before = position().finished_sequence;
    if (before >= sequence || waiting() == 0) return spared;
    // One at a time near the end, so that nothing behind `sequence` is in flight.
    TRY_VOID(read(batch, std::min<std::uint64_t>(sequence - before, 1024), kReadBytes));
    if (batch.records.empty()) return spared;
    std::size_t known = 0;
    while (known < batch.records.size() && batch.records[known].sequence <= sequence) ++known;
    if (known < batch.records.size()) {
      // Sequences leave gaps after a loss of power: give back what is behind `sequence`.
      const std::lock_guard lock(mutex_);
      for (std::size_t i = known; i < batch.records.size(); ++i) in_flight_.pop_back();
      for (Segment& segment : segments_) {
        if (segment.path == reading_path_) segment.unread += batch.records.size() - known;
      }
      read_sequence_ = known > 0 ? batch.records[known - 1].sequence : before;
      read_at_ = kSegmentHeaderBytes;
    }
    if (known == 0) return spared;
    spared += known;
    // They were sent by the run before this one.
    ledger_.add(event::Count::kSent, known);
    TRY_VOID(acknowledge(batch.records[known - 1].sequence));
    if (known < batch.records.size()) return spared;
  }
}

// Segments whose records are all done with; the one that is being written stays.
Result<void> Spool::delete_finished() {
  while (segments_.size() > 1 && segments_.front().unread == 0 &&
         segments_.front().last_sequence <= position_.finished_sequence) {
    const std::string path = segments_.front().path;
    segments_.pop_front();
    ::unlink(path.c_str());
  }
  return {};
}

void Spool::wait(TimeNs time_max) {
  std::unique_lock lock(mutex_);
  wakeup_.wait_for(lock, std::chrono::nanoseconds(time_max), [this] {
    return woken_ || std::any_of(segments_.begin(), segments_.end(),
                                 [](const Segment& segment) { return segment.unread > 0; });
  });
  woken_ = false;
}

void Spool::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wakeup_.notify_all();
}

SpoolState Spool::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

std::string Spool::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

Position Spool::position() const {
  const std::lock_guard lock(mutex_);
  return position_;
}

std::uint64_t Spool::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_locked();
}

std::uint64_t Spool::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_locked();
}

std::uint64_t Spool::durable_sequence() const {
  const std::lock_guard lock(mutex_);
  return durable_sequence_;
}

Result<void> Spool::save_position() { return file_->save(position_); }

std::uint64_t Spool::waiting_locked() const {
  std::uint64_t count = in_flight_.size();
  for (const Segment& segment : segments_) count += segment.unread;
  return count;
}

std::uint64_t Spool::bytes_locked() const {
  std::uint64_t bytes = 0;
  for (const Segment& segment : segments_) bytes += segment.bytes;
  return bytes;
}

}  // namespace vedette::spool
