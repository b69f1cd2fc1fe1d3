// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "formats/archive/archive.h"

namespace vedette::formats::archive {

// The part that decompressors share: stored bytes in blocks, bytes before an Error first, the count
// against bombs.
class Decompressor : public ByteStream {
 public:
  Result<std::size_t> read(char* out, std::size_t capacity) final;

 protected:
  Decompressor(std::unique_ptr<ByteStream> stored, Expansion& expansion)
      : stored_(std::move(stored)),
        expansion_(expansion),
        input_(std::make_unique_for_overwrite<char[]>(kInputBytes)) {}

  struct Step {
    std::size_t made = 0;  // also counts when `error` is set
    std::optional<Error> error;
    bool ended = false;
  };
  // Unpacks from rest(), tells take() what it used, and asks more() when that is empty.
  virtual Step step(char* out, std::size_t capacity) = 0;

  std::string_view rest() const { return {input_.get() + begin_, end_ - begin_}; }
  void take(std::size_t count) {
    begin_ += count;
    taken_ += count;
  }
  // Reads the next block when rest() is empty; false at the end of the stored bytes or on an error,
  // which is then kept for the caller.
  bool more();
  // The error that more() met, or that the stored bytes end too early.
  Error why_ended(std::string_view format);

 private:
  static constexpr std::size_t kInputBytes = std::size_t{64} << 10;

  std::unique_ptr<ByteStream> stored_;
  Expansion& expansion_;  // outlives this
  std::unique_ptr<char[]> input_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t taken_ = 0;
  std::uint64_t made_ = 0;
  std::optional<Error> input_error_;
  std::optional<Error> error_;
  bool ended_ = false;
};

}  // namespace vedette::formats::archive
