// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace vedette::formats::archive {

// Bytes read once from front to back: a file, a pipe, what a compressed stream unpacks to, a member
// of an archive. One thread.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  // Puts at most `capacity` (> 0) bytes at `out` and returns how many, perhaps fewer than there
  // are; 0 at the end only. A stream that breaks gives all bytes before the damage first and the
  // Error with the next call; it is not read after that.
  virtual Result<std::size_t> read(char* out, std::size_t capacity) = 0;
  // The same without a copy, where the stream has its bytes in memory: at most `size_max` (> 0) of
  // them, which stay until the next call of anything. Empty where it has not, at the end, and
  // before an Error: read() tells which.
  virtual std::string_view lend(std::size_t size_max) {
    static_cast<void>(size_max);
    return {};
  }

  // `size` bytes at `position`, counted from the beginning, wherever reading is; they stay as long
  // as the stream. Nothing where it does not keep all of its bytes in memory, or has not as many.
  virtual std::optional<std::string_view> kept(std::uint64_t position, std::uint64_t size) {
    static_cast<void>(position);
    static_cast<void>(size);
    return std::nullopt;
  }

  // Goes to `position`, counted from the beginning; false where that cannot be done.
  virtual bool seek(std::uint64_t position) {
    static_cast<void>(position);
    return false;
  }
  // Of all of it, where that is known.
  virtual std::optional<std::uint64_t> size() const { return std::nullopt; }

  // False when the next read() may have to wait for bytes to arrive.
  virtual bool is_ready() { return true; }
  // True when it is known without another read() that no bytes follow.
  virtual bool is_at_end() const { return false; }
};

// A piece of bytes in memory, as ByteStream::kept().
inline std::optional<std::string_view> piece_of(std::string_view bytes, std::uint64_t position,
                                                std::uint64_t size) {
  if (position > bytes.size() || size > bytes.size() - position) return std::nullopt;
  return bytes.substr(position, size);
}

// The first bytes of a stream, which were already taken from it, put back in front of it.
class PrefixedStream final : public ByteStream {
 public:
  PrefixedStream(std::string prefix, std::unique_ptr<ByteStream> rest)
      : prefix_(std::move(prefix)), rest_(std::move(rest)) {}

  Result<std::size_t> read(char* out, std::size_t capacity) override {
    if (at_ == prefix_.size()) return rest_->read(out, capacity);
    const std::size_t count = std::min(capacity, prefix_.size() - at_);
    std::memcpy(out, prefix_.data() + at_, count);
    at_ += count;
    return count;
  }
  std::string_view lend(std::size_t size_max) override {
    if (at_ == prefix_.size()) return rest_->lend(size_max);
    const std::string_view lent = std::string_view(prefix_).substr(at_, size_max);
    at_ += lent.size();
    return lent;
  }
  std::optional<std::string_view> kept(std::uint64_t position, std::uint64_t size) override {
    return rest_->kept(position, size);
  }
  bool is_ready() override { return at_ < prefix_.size() || rest_->is_ready(); }
  bool is_at_end() const override { return at_ == prefix_.size() && rest_->is_at_end(); }

 private:
  std::string prefix_;
  std::size_t at_ = 0;
  std::unique_ptr<ByteStream> rest_;
};

// Bytes in memory of somebody else, who outlives this.
class ViewStream final : public ByteStream {
 public:
  explicit ViewStream(std::string_view bytes) : bytes_(bytes) {}

  Result<std::size_t> read(char* out, std::size_t capacity) override {
    const std::size_t count = bytes_.copy(out, capacity, at_);
    at_ += count;
    return count;
  }
  std::string_view lend(std::size_t size_max) override {
    const std::string_view lent = bytes_.substr(at_, size_max);
    at_ += lent.size();
    return lent;
  }
  std::optional<std::string_view> kept(std::uint64_t position, std::uint64_t size) override {
    return piece_of(bytes_, position, size);
  }
  bool seek(std::uint64_t position) override {
    at_ = static_cast<std::size_t>(std::min<std::uint64_t>(position, bytes_.size()));
    return true;
  }
  std::optional<std::uint64_t> size() const override { return bytes_.size(); }
  bool is_at_end() const override { return at_ == bytes_.size(); }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

// Bytes in memory of its own.
class MemoryStream final : public ByteStream {
 public:
  explicit MemoryStream(std::string bytes) : bytes_(std::move(bytes)), view_(bytes_) {}
  MemoryStream(const MemoryStream&) = delete;
  MemoryStream& operator=(const MemoryStream&) = delete;

  Result<std::size_t> read(char* out, std::size_t capacity) override {
    return view_.read(out, capacity);
  }
  std::string_view lend(std::size_t size_max) override { return view_.lend(size_max); }
  std::optional<std::string_view> kept(std::uint64_t position, std::uint64_t size) override {
    return view_.kept(position, size);
  }
  bool seek(std::uint64_t position) override { return view_.seek(position); }
  std::optional<std::uint64_t> size() const override { return view_.size(); }
  bool is_at_end() const override { return view_.is_at_end(); }

 private:
  const std::string bytes_;
  ViewStream view_;
};

}  // namespace vedette::formats::archive
