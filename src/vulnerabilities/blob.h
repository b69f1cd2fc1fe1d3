// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"

// Records as bytes: numbers as LEB128, texts with their sizes, lists with their counts.
namespace vedette::vulnerabilities {

class BlobWriter {
 public:
  explicit BlobWriter(std::string& out) : out_(out) {}

  void number(std::uint64_t value) {
    while (value >= 0x80) {
      out_ += static_cast<char>(value | 0x80);
      value >>= 7;
    }
    out_ += static_cast<char>(value);
  }
  void real(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    for (unsigned shift = 0; shift < 64; shift += 8) out_ += static_cast<char>(bits >> shift);
  }
  void text(std::string_view value) {
    number(value.size());
    out_ += value;
  }
  template <typename List, typename Function>
  void list(const List& values, Function write) {
    number(values.size());
    for (const auto& value : values) write(value);
  }
  void texts(const std::vector<std::string>& values) {
    list(values, [this](const std::string& value) { text(value); });
  }

 private:
  std::string& out_;  // outlives this
};

// Reads what a writer wrote. Of damaged bytes it reads something, says so by ok() and comes to an
// end: a list is never longer than the bytes that are left.
class BlobReader {
 public:
  explicit BlobReader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) return fail();
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    return fail();
  }
  std::uint32_t number32() {
    const std::uint64_t value = number();
    return static_cast<std::uint32_t>(value <= UINT32_MAX ? value : fail());
  }
  double real() {
    if (rest_.size() < 8) return static_cast<double>(fail());
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < 8; ++i)
      bits |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
    rest_.remove_prefix(8);
    return std::bit_cast<double>(bits);
  }
  std::string text() {
    const std::uint64_t size = number();
    if (size > rest_.size()) {
      fail();
      return {};
    }
    std::string value(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return value;
  }
  template <typename Function>
  void list(Function read) {
    const std::uint64_t count = number();
    if (count > rest_.size()) fail();
    for (std::uint64_t i = 0; i < count && ok_; ++i) read();
  }
  std::vector<std::string> texts() {
    std::vector<std::string> values;
    list([&] { values.push_back(text()); });
    return values;
  }

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::uint64_t fail() {
    ok_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;  // the caller's
  bool ok_ = true;
};

}  // namespace vedette::vulnerabilities
