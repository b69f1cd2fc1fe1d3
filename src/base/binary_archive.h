// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

// Values as bytes that only this program reads again, such as what a cache keeps. One description
// of a type serves both ways:
//
//   template <typename Archive, typename Place>
//   void describe(Archive& archive, Place& place) {
//     archive.value(place.path);
//     archive.value(place.line);
//   }
namespace vedette {

// Numbers as they lie in memory; a text or a list is its count and what it holds.
class ArchiveWriter {
 public:
  template <typename Number>
    requires std::is_arithmetic_v<Number> || std::is_enum_v<Number>
  void value(const Number& number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  template <std::size_t kSize>
  void value(const std::array<char, kSize>& bytes) {
    bytes_.append(bytes.data(), kSize);
  }
  void value(const std::string& text) {
    value(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
  }
  template <typename Entry, typename Describe>
  void list(const std::vector<Entry>& entries, const Describe& describe) {
    value(static_cast<std::uint32_t>(entries.size()));
    for (const Entry& entry : entries) describe(*this, entry);
  }
  template <typename Number>
  void optional(const std::optional<Number>& number) {
    value(number.has_value());
    if (number) value(*number);
  }
  template <typename Entry, typename Describe>
  void optional(const std::optional<Entry>& entry, const Describe& describe) {
    value(entry.has_value());
    if (entry) describe(*this, *entry);
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class ArchiveReader {
 public:
  explicit ArchiveReader(std::string_view bytes) : bytes_(bytes) {}

  template <typename Number>
    requires std::is_arithmetic_v<Number> || std::is_enum_v<Number>
  void value(Number& number) {
    if (bytes_.size() < sizeof number) {
      failed_ = true;
      bytes_ = {};
      return;
    }
    std::memcpy(&number, bytes_.data(), sizeof number);
    bytes_.remove_prefix(sizeof number);
  }
  template <std::size_t kSize>
  void value(std::array<char, kSize>& bytes) {
    if (bytes_.size() < kSize) {
      failed_ = true;
      bytes_ = {};
      return;
    }
    std::memcpy(bytes.data(), bytes_.data(), kSize);
    bytes_.remove_prefix(kSize);
  }
  void value(bool& yes) {
    std::uint8_t number = 0;
    value(number);
    yes = number != 0;
  }
  void value(std::string& text) {
    text = bytes_.substr(0, count());
    bytes_.remove_prefix(text.size());
  }
  template <typename Entry, typename Describe>
  void list(std::vector<Entry>& entries, const Describe& describe) {
    const std::size_t size = count();
    for (std::size_t i = 0; i < size && !failed_; ++i) describe(*this, entries.emplace_back());
  }
  template <typename Number>
  void optional(std::optional<Number>& number) {
    bool there = false;
    value(there);
    if (there) value(number.emplace());
  }
  template <typename Entry, typename Describe>
  void optional(std::optional<Entry>& entry, const Describe& describe) {
    bool there = false;
    value(there);
    if (there) describe(*this, entry.emplace());
  }
  bool is_reading() const { return !failed_; }  // nothing was wrong so far
  bool is_good() const { return !failed_ && bytes_.empty(); }

 private:
  // Of things of a byte or more each, so never more than there are bytes.
  std::size_t count() {
    std::uint32_t size = 0;
    value(size);
    if (size > bytes_.size()) {
      failed_ = true;
      bytes_ = {};
      return 0;
    }
    return size;
  }
  std::string_view bytes_;
  bool failed_ = false;
};

constexpr auto kArchiveText = [](auto& archive, auto& text) { archive.value(text); };
constexpr auto kArchiveNumber = [](auto& archive, auto& number) { archive.value(number); };
constexpr auto kArchiveTexts = [](auto& archive, auto& texts) {
  archive.list(texts, kArchiveText);
};

}  // namespace vedette
