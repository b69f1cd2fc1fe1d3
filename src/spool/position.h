// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "spool/disk.h"

namespace vedette::spool {

// How far a spool has come, and its counts over its whole life.
struct Position {
  std::string instance;                 // of the spool, kInstanceBytes long
  std::string boot;                     // of the machine when this was written, kInstanceBytes long
  std::uint64_t generation = 0;         // the newest of two is the one that counts
  std::uint64_t finished_sequence = 0;  // this record and all before it are done with
  std::uint64_t next_sequence = 1;
  std::uint64_t spooled = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t dropped = 0;
  std::uint64_t damaged = 0;
  bool clean = false;  // closed in order, nothing was written since
};

// A position file is two slots of 512 bytes, written in turn and each with a checksum, so that one
// is whole at any moment, whatever stops the machine in the middle of a write: a disk writes a
// sector of 512 bytes or does not. A slot:
//     0  magic "VDTSPPOS"     8  u32 version, 1     12  u32 1 when clean
//    16  instance, 36 bytes   52  boot id, 36 bytes
//    88  u64 generation, finished_sequence, next_sequence, spooled, acknowledged, dropped, damaged
//   144  u64 checksum of the bytes before it
constexpr std::size_t kPositionSlotBytes = 512;

std::string encode_slot(const Position& position);
// The newest whole slot; nothing when there is none.
std::optional<Position> parse_position(std::string_view bytes);

// The open file. Writing is one system call, which costs about a microsecond and needs no room on
// the disk; it survives the end of the process at once, and a loss of power after sync().
class PositionFile {
 public:
  // Makes a file with both slots filled where there is none or none that is whole; `found` tells.
  static Result<PositionFile> open(const std::string& path, const Position& initial);
  PositionFile(PositionFile&& other) noexcept;
  PositionFile& operator=(PositionFile&&) = delete;
  ~PositionFile();

  const Position& position() const { return position_; }
  bool found() const { return found_; }
  // Writes `position` into the older slot; its generation is set here.
  Result<void> save(const Position& position);
  Result<void> sync(Disk& disk) { return disk.sync(descriptor_); }

 private:
  PositionFile(int descriptor, Position position, bool found)
      : descriptor_(descriptor), position_(std::move(position)), found_(found) {}

  int descriptor_ = -1;
  Position position_;
  bool found_ = false;
};

}  // namespace vedette::spool
