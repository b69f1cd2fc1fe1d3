// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/diagnostic.h"
#include "base/result.h"
#include "event/ledger.h"
#include "spool/disk.h"
#include "spool/position.h"
#include "spool/record.h"
#include "spool/segment.h"

// Records on the disk between those who make them and a receiver that may be away for hours.
//
// A folder of segments (spool/segment.h), each named after its first sequence, one position file
// (spool/position.h) and a lock, so that one process at a time has it. What append() reported as
// stored survives the death of the process; what it reported as durable survives a loss of power.
// Records are read in order, from behind the last that was acknowledged, and are forgotten when
// they are acknowledged or when a limit says so; each is counted in the ledger as one or the other.
//
// Threads: one writer calls append(), give_up(), tick() and sync(); one reader calls read(),
// acknowledge(), advance_to() and wait(); the rest may be called by anyone.
namespace vedette::spool {

enum class Overflow : std::uint8_t {
  kDropOldest,  // whole segments, counted as dropped
  kBlock,       // append() stores less than it was given
};
inline constexpr std::array<std::string_view, 2> kOverflowNames = {"drop_oldest", "block"};

enum class SyncPolicy : std::uint8_t { kEachBatch, kInterval };
inline constexpr std::array<std::string_view, 2> kSyncPolicyNames = {"each_batch", "interval"};

struct SpoolOptions {
  std::string folder;                                    // made when it is not there
  std::uint64_t segment_bytes = std::uint64_t{8} << 20;  // at most kSegmentBytesMax
  std::uint64_t bytes_max = std::uint64_t{1} << 30;      // of all segments
  TimeNs age_max = 0;                                    // 0: none
  Overflow overflow = Overflow::kDropOldest;
  SyncPolicy sync = SyncPolicy::kInterval;
  TimeNs sync_interval = kNsPerSecond / 5;
  std::size_t record_bytes_max = std::size_t{1} << 20;
  std::string instance;  // of a new spool, 36 bytes; made from random bytes when empty
  std::string boot;      // of the machine; read from the kernel when empty

  bool operator==(const SpoolOptions&) const = default;
};
inline constexpr std::uint64_t kSegmentBytesMax = std::uint64_t{256} << 20;
// Records that may be stored and not yet durable; then append() syncs whatever the policy. After a
// loss of power as many sequences are left out, so that none is given to two records.
inline constexpr std::uint64_t kUnsyncedMax = 65536;

enum class SpoolState : std::uint8_t {
  kReady,
  kLimit,     // bytes_max is reached and the policy is to block
  kDiskFull,  // the disk has no room
  kFailed,    // the disk refuses; each append() tries again
};
inline constexpr std::array<std::string_view, 4> kSpoolStateNames = {"ready", "limit", "disk_full",
                                                                     "failed"};

struct Appended {
  std::size_t stored = 0;           // the first so many of the given records
  std::uint64_t last_sequence = 0;  // of these
  bool durable = false;             // they survive a loss of power
};

// What recovery found and did.
struct Recovery {
  std::uint64_t segments = 0;
  std::uint64_t waiting = 0;
  std::uint64_t torn = 0;  // records cut off at the end of a segment
  std::uint64_t torn_bytes = 0;
  std::uint64_t lost = 0;  // records that should be there and are not
  bool damaged = false;    // lost records are counted as damaged, else as dropped
  std::vector<Diagnostic> notes;
};

// A run of records and the memory they are in.
struct RecordBatch {
  std::string bytes;
  std::vector<Record> records;  // bodies are views into `bytes`
};

class Spool {
 public:
  // `ledger`, `clock` and `disk` outlive the spool. Fails when another process has the folder, when
  // it cannot be made, read or written, and when a segment is of a version that is not known.
  static Result<std::unique_ptr<Spool>> open(const SpoolOptions& options, event::Ledger& ledger,
                                             const Clock& clock, Disk& disk);
  // Closes in order: syncs and marks the position as clean.
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  const std::string& instance() const { return instance_; }
  const Recovery& recovery() const { return recovery_; }

  // Writer. Stores records in order, as many as there is room for. Fewer than given is no error:
  // state() says why, and the caller offers the others again or gives them up. A record larger than
  // record_bytes_max is refused with kLimit before anything is stored.
  Result<Appended> append(std::span<const NewRecord> records);
  // Counts records that the caller could not store and will not offer again.
  void give_up(std::uint64_t count);
  // To be called at least every sync_interval: syncs and enforces the age limit as is due.
  Result<void> tick();
  // When it fails, the disk may have lost what was appended since the last sync, and does not say
  // what: state() is kFailed until the next append().
  Result<void> sync();

  // Reader. Replaces `batch` with the next records, at most so many and, but for the first, so many
  // bytes; none when there are none. Damaged parts are counted and passed over.
  Result<void> read(RecordBatch& batch, std::size_t count_max, std::size_t bytes_max);
  // Everything read up to `sequence` is done with; `refused` of these were refused by the receiver.
  // Segments that are done with are deleted.
  Result<void> acknowledge(std::uint64_t sequence, std::uint64_t refused = 0);
  // The receiver says that it has everything up to `sequence`, before anything was read. Returns
  // how many records that spares.
  Result<std::uint64_t> advance_to(std::uint64_t sequence);
  // Waits until there is something to read, somebody calls wake(), or the time is over.
  void wait(TimeNs time_max);
  void wake();

  SpoolState state() const;
  std::string problem() const;  // of a state other than kReady, for a person
  Position position() const;
  std::uint64_t waiting() const;
  std::uint64_t bytes() const;
  std::uint64_t durable_sequence() const;

 private:
  struct Segment {
    std::string path;
    SegmentHeader header;
    std::uint64_t bytes = 0;  // whole records only
    std::uint64_t count = 0;
    std::uint64_t unread = 0;
    std::uint64_t last_sequence = 0;
    TimeNs newest = 0;
  };
  struct Descriptor {
    ~Descriptor() { reset(); }
    void reset(int other = -1);
    int value = -1;
  };

  Spool(const SpoolOptions& options, event::Ledger& ledger, const Clock& clock, Disk& disk)
      : options_(options), ledger_(ledger), clock_(clock), disk_(disk) {}

  Result<void> lock_folder();
  Result<void> recover();
  Result<void> recover_segment(const std::string& path, bool last);
  void settle_counts();

  Result<std::size_t> store(std::span<const NewRecord> records);
  Result<std::size_t> write_run(std::span<const NewRecord> records);
  Result<bool> begin_segment();
  Result<bool> make_room(std::uint64_t bytes, event::Dropped why);
  Result<void> drop_old();
  void set_state(SpoolState state, std::string problem);

  struct View;
  Result<bool> choose_segment(View& view);
  Result<void> read_segment(const View& view, RecordBatch& batch, std::size_t count_max,
                            std::size_t bytes_max);

  // With mutex_ held.
  Result<void> drop_front(event::Dropped why);
  Result<void> save_position();
  Result<void> delete_finished();
  std::uint64_t waiting_locked() const;
  std::uint64_t bytes_locked() const;
  void pass_damage(Segment& segment);

  // Constant after open().
  SpoolOptions options_;
  event::Ledger& ledger_;
  const Clock& clock_;
  Disk& disk_;
  std::string instance_;
  Recovery recovery_;
  Descriptor lock_;

  // The writer's.
  Descriptor active_;  // the last of segments_, when one is being written
  std::string encoded_;
  TimeNs last_sync_ = 0;
  bool made_room_ = false;  // a segment was dropped because the disk is full: worth another try

  // The reader's.
  Descriptor reading_;
  std::string reading_path_;
  std::uint64_t read_at_ = 0;  // offset in that file

  // Protected by mutex_.
  mutable std::mutex mutex_;
  std::condition_variable wakeup_;
  bool woken_ = false;
  std::deque<Segment> segments_;
  std::optional<PositionFile> file_;
  Position position_;
  std::uint64_t read_sequence_ = 0;      // the last that the reader passed
  std::deque<std::uint64_t> in_flight_;  // read, not acknowledged
  SpoolState state_ = SpoolState::kReady;
  std::string problem_;
  std::uint64_t durable_sequence_ = 0;
  std::uint64_t unsynced_ = 0;
};

}  // namespace vedette::spool
