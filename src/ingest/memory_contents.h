// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "base/limits.h"
#include "ingest/packed_contents.h"
#include "ingest/read_buffer.h"

namespace vedette::ingest {

// What bytes in memory hold, as ContentReader tells it of a file: a text, or the members of an
// archive, or why there is nothing. One thread.
class MemoryContents {
 public:
  MemoryContents(std::uint64_t content_bytes_max, const Limits& limits);

  // Both views outlive the pieces.
  void open(std::string_view name, std::string_view bytes);
  // False when there are no more.
  bool next(ContentPiece& piece);

 private:
  enum class State : std::uint8_t { kClosed, kPlain, kPacked };
  bool enter_packed();

  const std::uint64_t content_bytes_max_;
  std::string_view name_;
  std::string_view bytes_;
  State state_ = State::kClosed;
  std::mutex large_;
  ReadBuffer buffer_;
  std::atomic<std::uint64_t> bytes_read_ = 0;
  PackedContents packed_;
};

}  // namespace vedette::ingest
