// SPDX-License-Identifier: Apache-2.0
#include "formats/models/hdf5/fractal_heap.h"

#include <algorithm>
#include <bit>

#include "formats/models/hdf5/record_tree.h"

namespace vedette::formats::models {
namespace {

constexpr std::size_t kObjectMax = std::size_t{64} << 20;
constexpr int kLevelsMax = 16;  // of indirect blocks

}  // namespace

std::optional<Hdf5FractalHeap> Hdf5FractalHeap::open(Hdf5Bytes& file, std::uint64_t at) {
  Hdf5FractalHeap heap(file);
  if (!heap.read_head(at)) return std::nullopt;
  return heap;
}

bool Hdf5FractalHeap::read_head(std::uint64_t at) {
  Hdf5Cursor cursor(file_, at);
  if (!cursor.takes("FRHP")) return false;
  cursor.skip(1);
  id_size_ = cursor.number(2);
  const std::uint64_t filters_size = cursor.number(2);
  cursor.skip(1);
  const std::uint64_t object_size_max = cursor.number(4);
  cursor.length();
  huge_tree_ = cursor.address();
  cursor.length();
  cursor.address();
  for (int i = 0; i < 8; ++i) cursor.length();
  width_ = cursor.number(2);
  block_size_min_ = cursor.length();
  direct_size_max_ = cursor.length();
  const std::uint64_t heap_bits = cursor.number(2);
  cursor.skip(2);
  root_.at = cursor.address();
  rows_ = cursor.number(2);
  root_.size = block_size_min_;
  if (filters_size > 0) {
    root_.packed_size = cursor.length();
    root_.skipped = static_cast<std::uint32_t>(cursor.number(4));
    filters_ = Hdf5Filters::read(file_, cursor.take(filters_size));
  }
  offset_size_ = (heap_bits + 7) / 8;
  size_size_ = hdf5_number_size(std::min(direct_size_max_, object_size_max));
  const auto is_size = [](std::uint64_t size) {
    return std::has_single_bit(size) && size <= std::uint64_t{1} << 40;
  };
  return cursor.good() && is_size(block_size_min_) && is_size(direct_size_max_) && width_ > 0 &&
         heap_bits <= 64 && rows_ <= 64;
}

// The first two rows of a doubling table have blocks of the least size.
std::uint64_t Hdf5FractalHeap::row_size(std::uint64_t row) const {
  return row == 0 ? block_size_min_ : block_size_min_ << std::min<std::uint64_t>(row - 1, 22);
}

std::string_view Hdf5FractalHeap::object(std::string_view id) {
  Hdf5Cursor cursor(file_, id);
  const std::uint64_t first = cursor.number(1);
  if (!cursor.good() || !file_.spend()) return {};
  const std::uint64_t kind = first >> 4 & 3;
  if (kind == 0) {
    const std::uint64_t offset = cursor.number(static_cast<std::size_t>(offset_size_));
    const std::uint64_t size = cursor.number(static_cast<std::size_t>(size_size_));
    return cursor.good() ? managed(offset, size) : std::string_view();
  }
  if (kind == 1) return huge(id.substr(1));
  // In the identifier itself.
  std::uint64_t size = (first & 0xF) + 1;
  if (id_size_ > 18) size = ((first & 0xF) << 8) + cursor.number(1) + 1;
  return cursor.take(std::min<std::uint64_t>(size, cursor.rest().size()));
}

std::string_view Hdf5FractalHeap::managed(std::uint64_t offset, std::uint64_t size) {
  const std::optional<Block> block = find_block(offset);
  if (!block) return {};
  const std::uint64_t inside = offset - block->begin;
  if (inside > block->size || size > block->size - inside) return {};
  if (filters_.empty()) return file_.view(block->at + inside, size);
  if (unpacked_.empty() || unpacked_at_ != block->at)
    unpack(block->at, file_.view(block->at, block->packed_size), block->skipped, block->size);
  if (inside > unpacked_.size()) return {};
  return std::string_view(unpacked_).substr(static_cast<std::size_t>(inside),
                                            static_cast<std::size_t>(size));
}

// Goes down from the root. The blocks of an indirect one stand in rows of `width_`, each row twice
// as large as the one before.
std::optional<Hdf5FractalHeap::Block> Hdf5FractalHeap::find_block(std::uint64_t offset) {
  Block block = root_;
  std::uint64_t rows = rows_;
  for (int level = 0; level < kLevelsMax && file_.spend(); ++level) {
    if (rows == 0) return block;
    std::uint64_t row = 0;
    std::uint64_t begin = block.begin;
    while (row < rows && offset - begin >= width_ * row_size(row))
      begin += width_ * row_size(row++);
    if (row == rows) return std::nullopt;
    const std::uint64_t column = (offset - begin) / row_size(row);
    begin += column * row_size(row);
    Hdf5Cursor cursor(file_, block.at);
    if (!cursor.takes("FHIB")) return std::nullopt;
    cursor.skip(1 + file_.offset_size() + offset_size_);
    std::uint64_t direct_rows = 0;
    while (direct_rows < rows && row_size(direct_rows) <= direct_size_max_) ++direct_rows;
    const std::uint64_t entry =
        file_.offset_size() + (filters_.empty() ? 0 : file_.length_size() + 4);
    const std::uint64_t index = row * width_ + column;
    const bool is_direct = row < direct_rows;
    cursor.skip(is_direct ? index * entry
                          : direct_rows * width_ * entry +
                                (index - direct_rows * width_) * file_.offset_size());
    Block child{.at = cursor.address(), .begin = begin, .size = row_size(row)};
    rows = 0;
    if (is_direct && !filters_.empty()) {
      child.packed_size = cursor.length();
      child.skipped = static_cast<std::uint32_t>(cursor.number(4));
    } else if (!is_direct) {
      const auto bits = [](std::uint64_t size) {
        return static_cast<std::uint64_t>(std::bit_width(size));
      };
      const std::uint64_t first_row = bits(block_size_min_ * width_);
      rows = bits(child.size) < first_row ? 0 : bits(child.size) - first_row + 1;
      if (rows == 0) return std::nullopt;
    }
    if (!cursor.good() || child.at >= file_.size()) return std::nullopt;
    block = child;
  }
  return std::nullopt;
}

// Too large for blocks. Where an identifier has room for its place, that is in it; else it is a
// number by which a B-tree knows it.
std::string_view Hdf5FractalHeap::huge(std::string_view id) {
  const bool is_packed = !filters_.empty();
  const std::uint64_t direct_size =
      file_.offset_size() + file_.length_size() + (is_packed ? 4 + file_.length_size() : 0);
  Hdf5Cursor cursor(file_, id);
  if (id_size_ > direct_size) {
    Huge object{.at = cursor.address(), .size = cursor.length()};
    if (is_packed) {
      object.skipped = static_cast<std::uint32_t>(cursor.number(4));
      object.unpacked_size = cursor.length();
    }
    return cursor.good() ? read_object(object) : std::string_view();
  }
  if (!huge_is_read_) read_huge();
  const std::size_t number_size = std::min<std::size_t>(id.size(), file_.length_size());
  const auto found = huge_.find(cursor.number(number_size));
  return found == huge_.end() ? std::string_view() : read_object(found->second);
}

void Hdf5FractalHeap::read_huge() {
  huge_is_read_ = true;
  const Hdf5Records tree = read_record_tree(file_, huge_tree_);
  const bool is_packed = tree.type == 2;
  if (tree.type != 1 && !is_packed) return;
  for (const std::string_view record : tree.records) {
    Hdf5Cursor cursor(file_, record);
    Huge object{.at = cursor.address(), .size = cursor.length()};
    if (is_packed) {
      object.skipped = static_cast<std::uint32_t>(cursor.number(4));
      object.unpacked_size = cursor.length();
    }
    const std::uint64_t number = cursor.length();
    if (cursor.good()) huge_.emplace(number, object);
  }
}

std::string_view Hdf5FractalHeap::read_object(const Huge& object) {
  const std::string_view stored = file_.view(object.at, object.size);
  if (filters_.empty()) return stored;
  unpack(object.at, stored, object.skipped, object.unpacked_size);
  return unpacked_;
}

void Hdf5FractalHeap::unpack(std::uint64_t at, std::string_view packed, std::uint32_t skipped,
                             std::size_t size) {
  auto bytes = filters_.unpack(file_, packed, skipped, std::min(kObjectMax, size));
  if (!bytes) file_.pass_over();
  unpacked_ = bytes ? std::move(*bytes) : std::string();
  unpacked_at_ = at;
}

}  // namespace vedette::formats::models
