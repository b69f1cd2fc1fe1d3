// SPDX-License-Identifier: Apache-2.0
#include "spool/spool.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/file.h"

namespace vedette::spool {
namespace {

std::uint64_t stored_size(const NewRecord& record) {
  return kRecordHeaderBytes + record.body.size();
}

// So that the name of a new segment survives a loss of power.
void sync_folder(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

Spool::~Spool() {
  if (!file_.has_value()) return;
  const bool synced = sync().has_value();
  const std::lock_guard lock(mutex_);
  position_.clean = synced;
  if (file_->save(position_).has_value()) static_cast<void>(file_->sync(disk_));
}

// Records go out in runs that fit into a segment, each with one write.
Result<Appended> Spool::append(std::span<const NewRecord> records) {
  for (const NewRecord& record : records) {
    if (record.body.size() > options_.record_bytes_max ||
        stored_size(record) + kSegmentHeaderBytes > options_.segment_bytes) {
      return failure(ErrorCode::kLimit,
                     fmt::format("expected records of at most {} bytes, found one of {}",
                                 options_.record_bytes_max, record.body.size()));
    }
  }
  Appended appended;
  TRY_VOID(drop_old());
  while (appended.stored < records.size()) {
    const Result<std::size_t> stored = store(records.subspan(appended.stored));
    if (!stored.has_value()) {
      if (appended.stored == 0) return std::unexpected(stored.error());
      set_state(SpoolState::kFailed, stored.error().message);
      break;
    }
    if (*stored == 0 && !std::exchange(made_room_, false)) break;
    appended.stored += *stored;
  }
  if (appended.stored == records.size()) set_state(SpoolState::kReady, "");
  bool due = options_.sync == SyncPolicy::kEachBatch ||
             clock_.steady() - last_sync_ >= options_.sync_interval;
  {
    const std::lock_guard lock(mutex_);
    appended.last_sequence = position_.next_sequence - 1;
    due = due || unsynced_ >= kUnsyncedMax;
  }
  wakeup_.notify_all();
  if (due) appended.durable = sync().has_value();
  return appended;
}

void Spool::give_up(std::uint64_t count) {
  ledger_.add(event::Count::kOffered, count);
  ledger_.add(event::Dropped::kSpoolFull, count);
}

// One run: 0 when there is no room.
Result<std::size_t> Spool::store(std::span<const NewRecord> records) {
  std::uint64_t used = 0;
  {
    const std::lock_guard lock(mutex_);
    if (active_.value >= 0 && !segments_.empty()) used = segments_.back().bytes;
  }
  if (used + stored_size(records[0]) > options_.segment_bytes) {
    // What is in a closed segment is durable; where that fails state() says so, and the next goes
    // on.
    static_cast<void>(sync());
    active_.reset();
  }
  if (active_.value < 0) used = kSegmentHeaderBytes;
  std::size_t fitting = 0;
  std::uint64_t size = 0;
  while (fitting < records.size() && fitting < kUnsyncedMax &&
         used + size + stored_size(records[fitting]) <= options_.segment_bytes) {
    size += stored_size(records[fitting++]);
  }
  TRY(const bool room, make_room(size + kSegmentHeaderBytes, event::Dropped::kSpoolSize));
  if (!room) {
    set_state(SpoolState::kLimit, fmt::format("the spool {} holds its {} bytes; the policy is to "
                                              "block",
                                              options_.folder, options_.bytes_max));
    return 0;
  }
  if (active_.value < 0) {
    TRY(const bool begun, begin_segment());
    if (!begun) return 0;
  }
  return write_run(records.first(fitting));
}

// Into the segment that is being written, which has room for all of them as far as the limits go.
Result<std::size_t> Spool::write_run(std::span<const NewRecord> records) {
  const TimeNs time = clock_.now();
  std::uint64_t sequence = 0;
  Segment* segment = nullptr;  // only this thread adds to or closes the last one
  {
    const std::lock_guard lock(mutex_);
    sequence = position_.next_sequence;
    segment = &segments_.back();
  }
  encoded_.clear();
  for (std::size_t i = 0; i < records.size(); ++i) {
    append_record(segment->header, sequence + i, time, records[i], encoded_);
  }
  const Result<std::size_t> written = disk_.write(active_.value, encoded_);
  std::uint64_t whole = 0;
  std::uint64_t kept = 0;
  std::size_t stored = 0;
  while (stored < records.size() && written.has_value() &&
         whole + stored_size(records[stored]) <= *written) {
    whole += stored_size(records[stored++]);
  }
  {
    const std::lock_guard lock(mutex_);
    segment->bytes += whole;
    segment->count += stored;
    segment->unread += stored;
    segment->last_sequence = sequence + stored - 1;
    segment->newest = time;
    position_.next_sequence += stored;
    position_.spooled += stored;
    position_.clean = false;
    unsynced_ += stored;
    ledger_.add(event::Count::kOffered, stored);
    ledger_.add(event::Count::kSpooled, stored);
    ledger_.set(event::Count::kWaiting, waiting_locked());
    kept = segment->bytes;
  }
  if (stored == records.size()) return stored;
  // Whatever stands behind the last whole record is taken back; where even that fails the segment
  // is closed, and its reader and recovery stop at the last whole record.
  if (::ftruncate(active_.value, static_cast<off_t>(kept)) != 0) active_.reset();
  if (!written.has_value()) {
    active_.reset();
    set_state(SpoolState::kFailed, written.error().message);
    return stored;
  }
  set_state(SpoolState::kDiskFull, fmt::format("the disk of {} is full", options_.folder));
  if (stored > 0 || options_.overflow == Overflow::kBlock) return stored;
  // The oldest segment makes room, and the caller's loop comes back for the rest.
  const std::lock_guard lock(mutex_);
  if (segments_.size() < 2) return 0;
  TRY_VOID(drop_front(event::Dropped::kSpoolSize));
  made_room_ = true;
  return 0;
}

// False when the disk is full.
Result<bool> Spool::begin_segment() {
  SegmentHeader header;
  {
    const std::lock_guard lock(mutex_);
    header = {instance_, position_.next_sequence, position_.spooled, 0};
    // From here on the spool is not closed in order; said before the first record.
    if (position_.clean) {
      position_.clean = false;
      TRY_VOID(save_position());
    }
  }
  const std::string path = fmt::format("{}/{:020}.segment", options_.folder, header.first_sequence);
  const std::string bytes = encode_header(header);
  active_.reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
  if (active_.value < 0 && errno != ENOSPC && errno != EDQUOT) {
    std::string problem = fmt::format("cannot make {}: {}", path, std::strerror(errno));
    set_state(SpoolState::kFailed, std::move(problem));
    return false;
  }
  const Result<std::size_t> written =
      active_.value < 0 ? Result<std::size_t>(0) : disk_.write(active_.value, bytes);
  if (!written.has_value() || *written < bytes.size()) {
    active_.reset();
    ::unlink(path.c_str());
    set_state(written.has_value() ? SpoolState::kDiskFull : SpoolState::kFailed,
              written.has_value() ? fmt::format("the disk of {} is full", options_.folder)
                                  : written.error().message);
    // The last segment is kept for its end alone when all of it is done with: that goes first.
    const std::lock_guard lock(mutex_);
    const bool finished = segments_.size() == 1 && waiting_locked() == 0;
    if (written.has_value() && !segments_.empty() &&
        (finished || options_.overflow == Overflow::kDropOldest)) {
      TRY_VOID(drop_front(event::Dropped::kSpoolSize));
      made_room_ = true;
    }
    return false;
  }
  sync_folder(options_.folder);
  const std::lock_guard lock(mutex_);
  Segment segment;
  segment.path = path;
  segment.header = header;
  segment.bytes = kSegmentHeaderBytes;
  segment.last_sequence = header.first_sequence - 1;
  segment.newest = clock_.now();
  segments_.push_back(std::move(segment));
  return true;
}

// Whether `bytes` more keep the spool within its size, after dropping where the policy allows it.
Result<bool> Spool::make_room(std::uint64_t bytes, event::Dropped why) {
  const std::lock_guard lock(mutex_);
  while (bytes_locked() + bytes > options_.bytes_max) {
    const bool only_active = segments_.size() == 1 && active_.value >= 0;
    if (options_.overflow == Overflow::kBlock || segments_.empty() || only_active) return false;
    TRY_VOID(drop_front(why));
  }
  return true;
}

Result<void> Spool::drop_old() {
  if (options_.age_max == 0) return {};
  const std::lock_guard lock(mutex_);
  const TimeNs oldest = clock_.now() - options_.age_max;
  while (!segments_.empty() && segments_.front().newest < oldest && segments_.front().count > 0) {
    if (segments_.size() == 1) active_.reset();
    TRY_VOID(drop_front(event::Dropped::kSpoolAge));
  }
  return {};
}

Result<void> Spool::drop_front(event::Dropped why) {
  const Segment front = std::move(segments_.front());
  segments_.pop_front();
  position_.dropped += front.unread;
  ledger_.add(why, front.unread);
  ledger_.set(event::Count::kWaiting, waiting_locked());
  if (in_flight_.empty()) {
    position_.finished_sequence = std::max(position_.finished_sequence, front.last_sequence);
    read_sequence_ = std::max(read_sequence_, front.last_sequence);
  }
  TRY_VOID(save_position());
  ::unlink(front.path.c_str());
  return {};
}

Result<void> Spool::tick() {
  TRY_VOID(drop_old());
  if (clock_.steady() - last_sync_ < options_.sync_interval) return {};
  return sync();
}

Result<void> Spool::sync() {
  last_sync_ = clock_.steady();
  std::uint64_t sequence = 0;
  {
    const std::lock_guard lock(mutex_);
    if (unsynced_ == 0) return {};
    sequence = position_.next_sequence - 1;
  }
  if (active_.value < 0) {  // closed after an error
    const std::lock_guard lock(mutex_);
    if (!segments_.empty()) {
      active_.reset(::open(segments_.back().path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    }
  }
  const Result<void> synced = active_.value < 0 ? Result<void>() : disk_.sync(active_.value);
  if (!synced.has_value()) {
    // The kernel may have given up what it could not write and says so only once: go on elsewhere.
    active_.reset();
    set_state(SpoolState::kFailed, synced.error().message);
    return synced;
  }
  const std::lock_guard lock(mutex_);
  unsynced_ = 0;
  durable_sequence_ = sequence;
  return file_->sync(disk_);
}

void Spool::set_state(SpoolState state, std::string problem) {
  const std::lock_guard lock(mutex_);
  state_ = state;
  problem_ = std::move(problem);
}

}  // namespace vedette::spool
