// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace vedette::output {

// Where the bytes of a report go: a descriptor, a file that appears whole or not at all, or memory.
// A sink appends to buffer() and then calls settle(); nothing reaches the target before kFlushBytes
// are together, except on a terminal, which gets every alert at once. Not thread-safe.
class Writer {
 public:
  static constexpr std::size_t kFlushBytes = std::size_t{64} << 10;

  // Writes to an open descriptor, which stays the caller's.
  static Writer to_descriptor(int descriptor);
  // Writes beside `path` and renames at finish(): without finish() `path` stays as it was.
  static Result<Writer> to_file(const std::string& path);
  // Keeps everything in `target`, which outlives the writer.
  static Writer to_string(std::string& target);

  Writer(Writer&&) = default;
  Writer& operator=(Writer&&) = delete;

  // From now on nothing waits for more: for alerts of a live stream.
  void write_at_once() { flush_bytes_ = 1; }

  std::string& buffer() { return buffer_; }
  Result<void> settle() {
    if (buffer_.size() < flush_bytes_) return {};
    return flush();
  }
  Result<void> write(std::string_view bytes) {
    buffer_ += bytes;
    return settle();
  }
  Result<void> flush();
  // Flushes, and puts the file under its name. Nothing may be written afterwards.
  Result<void> finish();

  // Handed in so far, whether flushed or not.
  std::uint64_t bytes_written() const { return flushed_ + buffer_.size(); }

 private:
  Writer() = default;

  std::string buffer_;
  std::size_t flush_bytes_ = kFlushBytes;
  std::uint64_t flushed_ = 0;
  int descriptor_ = -1;
  std::optional<AtomicFile> file_;
  std::string* target_ = nullptr;
};

}  // namespace vedette::output
