// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// Names and numbers in this folder are those of the HDF5 File Format Specification, version 3.0.
namespace vedette::formats::models {

// The bytes of an HDF5 file from its superblock on, how wide its numbers are, and how much work may
// still be done on them. Whatever a file says, all readers of this folder together take no more
// than kEntriesMax steps and unpack no more than kUnpackedBytesMax.
class Hdf5Bytes {
 public:
  static constexpr std::size_t kEntriesMax = 2'000'000;
  static constexpr std::size_t kUnpackedBytesMax = std::size_t{256} << 20;

  // `bytes` outlive this.
  explicit Hdf5Bytes(std::string_view bytes) : bytes_(bytes) {}
  void set_sizes(std::size_t offset_size, std::size_t length_size) {
    offset_size_ = offset_size;
    length_size_ = length_size;
  }

  std::size_t size() const { return bytes_.size(); }
  std::size_t offset_size() const { return offset_size_; }
  std::size_t length_size() const { return length_size_; }
  // What stands for "there is none" among addresses.
  std::uint64_t none() const { return ~std::uint64_t{0} >> (64 - 8 * offset_size_); }

  // As much of it as is there.
  std::string_view view(std::uint64_t at, std::uint64_t size) const {
    if (at > bytes_.size()) return {};
    return bytes_.substr(static_cast<std::size_t>(at),
                         static_cast<std::size_t>(size < bytes_.size() ? size : bytes_.size()));
  }
  std::string_view from(std::uint64_t at) const { return view(at, bytes_.size()); }

  // One step; false where there were too many.
  bool spend(std::size_t steps = 1) {
    spent_ += steps < kEntriesMax ? steps : kEntriesMax;
    is_cut_ = is_cut_ || spent_ > kEntriesMax;
    return !is_cut_;
  }
  bool spend_unpacked(std::size_t count) {
    unpacked_ += count < kUnpackedBytesMax ? count : kUnpackedBytesMax + 1;
    is_cut_ = is_cut_ || unpacked_ > kUnpackedBytesMax;
    return !is_cut_;
  }
  // No more steps or bytes are allowed.
  bool is_cut() const { return is_cut_; }
  // Something that a loader may read is too large here, or packed in an unknown way.
  void pass_over() { has_gaps_ = true; }
  bool has_gaps() const { return has_gaps_ || is_cut_; }

 private:
  std::string_view bytes_;
  std::size_t offset_size_ = 8;
  std::size_t length_size_ = 8;
  std::size_t spent_ = 0;
  std::size_t unpacked_ = 0;
  bool is_cut_ = false;
  bool has_gaps_ = false;
};

// Reads one value after the other. Beyond the end everything is 0 or empty, and good() false.
class Hdf5Cursor {
 public:
  // Both outlive this.
  Hdf5Cursor(const Hdf5Bytes& file, std::string_view bytes) : file_(file), bytes_(bytes) {}
  Hdf5Cursor(const Hdf5Bytes& file, std::uint64_t at) : Hdf5Cursor(file, file.from(at)) {}

  std::uint64_t number(std::size_t size) {
    const std::string_view bytes = take(size);
    if (bytes.size() != size || size > 8) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
  }
  std::uint64_t address() { return number(file_.offset_size()); }
  std::uint64_t length() { return number(file_.length_size()); }
  std::string_view take(std::uint64_t size) {
    good_ = good_ && size <= bytes_.size();
    if (!good_) return {};
    const std::string_view taken = bytes_.substr(0, static_cast<std::size_t>(size));
    bytes_.remove_prefix(static_cast<std::size_t>(size));
    return taken;
  }
  void skip(std::uint64_t size) { take(size); }
  // Whether these characters come next; goes behind them.
  bool takes(std::string_view mark) { return take(mark.size()) == mark && good_; }

  std::string_view rest() const { return bytes_; }
  bool good() const { return good_; }

 private:
  const Hdf5Bytes& file_;
  std::string_view bytes_;
  bool good_ = true;
};

}  // namespace vedette::formats::models
