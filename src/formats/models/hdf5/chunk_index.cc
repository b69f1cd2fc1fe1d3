// SPDX-License-Identifier: Apache-2.0
#include "formats/models/hdf5/chunk_index.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <unordered_set>

#include "formats/models/hdf5/record_tree.h"

namespace vedette::formats::models {
namespace {

constexpr std::size_t kRankMax = 33;  // H5S_MAX_RANK and the element's size

class ChunkReader {
 public:
  ChunkReader(Hdf5Bytes& file, const Hdf5Layout& layout, const std::vector<std::uint64_t>& sizes)
      : file_(file), layout_(layout) {
    chunk_bytes_ = 1;
    for (const std::uint64_t size : layout.chunk_sizes)
      chunk_bytes_ = size != 0 && chunk_bytes_ > kBytesMax / size ? kBytesMax : chunk_bytes_ * size;
    for (std::size_t i = 0; i < sizes.size() && i + 1 < layout.chunk_sizes.size(); ++i) {
      const std::uint64_t size = std::max<std::uint64_t>(layout.chunk_sizes[i], 1);
      grid_.push_back(sizes[i] / size + (sizes[i] % size != 0 ? 1 : 0));
    }
  }

  std::vector<Hdf5Chunk> read() {
    switch (layout_.index_kind) {
      case 0:
        old_tree();
        break;
      case 1:
        single();
        break;
      case 2:
        implicit();
        break;
      case 3:
        fixed_array();
        break;
      case 4:
        extensible_array();
        break;
      case 5:
        new_tree();
        break;
      default:
        break;
    }
    std::ranges::stable_sort(chunks_, {}, &Hdf5Chunk::number);
    return std::move(chunks_);
  }

 private:
  static constexpr std::uint64_t kBytesMax = std::uint64_t{1} << 40;

  // Of offsets that count chunks.
  std::uint64_t number_of(const std::vector<std::uint64_t>& scaled) const {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < grid_.size() && i < scaled.size(); ++i)
      number = number * grid_[i] + scaled[i];  // what overflows is no place in the file anyway
    return number;
  }

  void add(const Hdf5Chunk& chunk) {
    if (chunk.at < file_.size() && file_.spend()) chunks_.push_back(chunk);
  }

  void single() {
    add({.at = layout_.at,
         .size = layout_.single_is_packed ? layout_.single_size : chunk_bytes_,
         .skipped = layout_.single_skipped});
  }

  void implicit() {
    std::uint64_t count = 1;
    for (const std::uint64_t size : grid_)
      count = count > kBytesMax / (size + 1) ? 0 : count * size;
    for (std::uint64_t i = 0; i < count && file_.spend(); ++i) {
      const std::uint64_t at = layout_.at + i * chunk_bytes_;
      if (at >= file_.size()) return;
      add({.number = i, .at = at, .size = chunk_bytes_});
    }
  }

  // III.A.1, node type 1.
  void old_tree() {
    const std::size_t rank = layout_.chunk_sizes.size();
    std::vector<std::uint64_t> waiting = {layout_.at};
    std::unordered_set<std::uint64_t> seen;
    while (!waiting.empty() && file_.spend()) {
      const std::uint64_t at = waiting.back();
      waiting.pop_back();
      Hdf5Cursor cursor(file_, at);
      if (!seen.insert(at).second || !cursor.takes("TREE") || cursor.number(1) != 1) continue;
      const bool is_leaf = cursor.number(1) == 0;
      const std::uint64_t count = cursor.number(2);
      cursor.address();
      cursor.address();
      for (std::uint64_t i = 0; i < count && file_.spend(); ++i) {
        Hdf5Chunk chunk;
        chunk.size = cursor.number(4);
        chunk.skipped = static_cast<std::uint32_t>(cursor.number(4));
        std::vector<std::uint64_t> scaled;
        for (std::size_t d = 0; d < rank; ++d)
          scaled.push_back(cursor.number(8) / std::max<std::uint64_t>(layout_.chunk_sizes[d], 1));
        chunk.at = cursor.address();
        if (!cursor.good()) break;
        chunk.number = number_of(scaled);
        if (is_leaf)
          add(chunk);
        else
          waiting.push_back(chunk.at);
      }
    }
  }

  void new_tree() {
    const Hdf5Records tree = read_record_tree(file_, layout_.at);
    const bool is_packed = tree.type == 11;
    if (tree.type != 10 && !is_packed) return;
    const std::size_t rank = layout_.chunk_sizes.size() - 1;
    for (const std::string_view record : tree.records) {
      Hdf5Cursor cursor(file_, record);
      Hdf5Chunk chunk{.at = cursor.address(), .size = chunk_bytes_};
      const std::size_t frame = file_.offset_size() + 4 + 8 * rank;
      if (is_packed) {
        if (record.size() <= frame || record.size() - frame > 8) return;
        chunk.size = cursor.number(record.size() - frame);
        chunk.skipped = static_cast<std::uint32_t>(cursor.number(4));
      }
      std::vector<std::uint64_t> scaled;
      for (std::size_t d = 0; d < rank; ++d) scaled.push_back(cursor.number(8));
      chunk.number = number_of(scaled);
      if (cursor.good()) add(chunk);
    }
  }

  // What both kinds of arrays have of a chunk: its place, and where it is packed its size.
  struct Elements {
    bool is_packed = false;
    std::size_t size = 0;  // of one
    std::uint64_t page_bits = 0;
    std::uint64_t next = 0;  // number of the chunk
  };
  void element(Hdf5Cursor& cursor, Elements& elements) {
    Hdf5Chunk chunk{.number = elements.next++, .at = cursor.address(), .size = chunk_bytes_};
    if (elements.is_packed) {
      chunk.size = cursor.number(elements.size - file_.offset_size() - 4);
      chunk.skipped = static_cast<std::uint32_t>(cursor.number(4));
    }
    if (cursor.good()) add(chunk);
  }
  bool fits(const Elements& elements) const {
    const std::size_t frame = file_.offset_size() + 4;
    return elements.page_bits < 32 &&
           (elements.is_packed ? elements.size > frame && elements.size - frame <= 8
                               : elements.size == file_.offset_size());
  }
  // `count` elements, in pages with a checksum behind each where there are many.
  void data_block(Hdf5Cursor& cursor, Elements& elements, std::uint64_t count, bool is_paged) {
    const std::uint64_t page = std::uint64_t{1} << elements.page_bits;
    if (is_paged) cursor.skip(4);
    for (std::uint64_t i = 0; i < count && cursor.good() && file_.spend(); ++i) {
      if (is_paged && i != 0 && i % page == 0) cursor.skip(4);
      element(cursor, elements);
    }
  }

  // How the heads of both kinds begin.
  static std::optional<Elements> begin_head(Hdf5Cursor& head, std::string_view mark) {
    if (!head.takes(mark)) return std::nullopt;
    Elements elements;
    head.skip(1);
    elements.is_packed = head.number(1) == 1;
    elements.size = static_cast<std::size_t>(head.number(1));
    return elements;
  }

  // III.F.
  void fixed_array() {
    Hdf5Cursor head(file_, layout_.at);
    std::optional<Elements> elements = begin_head(head, "FAHD");
    if (!elements) return;
    elements->page_bits = head.number(1);
    const std::uint64_t count = head.length();
    Hdf5Cursor cursor(file_, head.address());
    if (!head.good() || !fits(*elements) || !cursor.takes("FADB")) return;
    cursor.skip(2 + file_.offset_size());
    const std::uint64_t page = std::uint64_t{1} << elements->page_bits;
    const bool is_paged = count > page;
    if (is_paged) cursor.skip((count / page + (count % page != 0 ? 1 : 0) + 7) / 8);
    data_block(cursor, *elements, count, is_paged);
  }

  // III.H. An index block, which names blocks of elements, then blocks that name such; the further
  // on, the larger.
  struct Extensible {
    std::uint64_t count_bits = 0;
    std::uint64_t in_index = 0;
    std::uint64_t block_min = 0;
    std::uint64_t pointers_min = 0;
  };
  void extensible_array() {
    Hdf5Cursor head(file_, layout_.at);
    std::optional<Elements> elements = begin_head(head, "EAHD");
    if (!elements) return;
    Extensible array;
    array.count_bits = head.number(1);
    array.in_index = head.number(1);
    array.block_min = head.number(1);
    array.pointers_min = head.number(1);
    elements->page_bits = head.number(1);
    for (int i = 0; i < 6; ++i) head.length();
    Hdf5Cursor cursor(file_, head.address());
    if (!head.good() || !fits(*elements) || !std::has_single_bit(array.block_min) ||
        !std::has_single_bit(array.pointers_min) || array.count_bits > 64 || !cursor.takes("EAIB"))
      return;
    cursor.skip(2 + file_.offset_size());
    for (std::uint64_t i = 0; i < array.in_index && cursor.good(); ++i) element(cursor, *elements);
    super_blocks(cursor, array, *elements);
  }

  void super_blocks(Hdf5Cursor& index, const Extensible& array, Elements& elements) {
    const auto log2 = [](std::uint64_t n) {
      return static_cast<std::uint64_t>(std::bit_width(n)) - 1;
    };
    const std::uint64_t in_index = 2 * log2(array.pointers_min);
    const std::uint64_t min_bits = log2(array.block_min);
    const std::uint64_t all = array.count_bits < min_bits ? 0 : 1 + array.count_bits - min_bits;
    for (std::uint64_t u = 0; u < all && index.good() && file_.spend(); ++u) {
      const std::uint64_t blocks = std::uint64_t{1} << (u / 2);
      const std::uint64_t count = array.block_min << std::min<std::uint64_t>((u + 1) / 2, 32);
      if (u < in_index) {
        blocks_of(index, blocks, count, array, elements);
        continue;
      }
      Hdf5Cursor cursor(file_, index.address());
      if (!cursor.takes("EASB")) {
        elements.next += blocks * count;
        continue;
      }
      cursor.skip(2 + file_.offset_size() + (array.count_bits + 7) / 8);
      const std::uint64_t page = std::uint64_t{1} << elements.page_bits;
      if (count > page) cursor.skip(blocks * ((count / page + 7) / 8));
      blocks_of(cursor, blocks, count, array, elements);
    }
  }

  void blocks_of(Hdf5Cursor& addresses, std::uint64_t blocks, std::uint64_t count,
                 const Extensible& array, Elements& elements) {
    for (std::uint64_t i = 0; i < blocks && addresses.good() && file_.spend(); ++i) {
      const std::uint64_t behind = elements.next + count;
      Hdf5Cursor cursor(file_, addresses.address());
      if (cursor.takes("EADB")) {
        cursor.skip(2 + file_.offset_size() + (array.count_bits + 7) / 8);
        data_block(cursor, elements, count, count > std::uint64_t{1} << elements.page_bits);
      }
      elements.next = behind;
    }
  }

  Hdf5Bytes& file_;
  const Hdf5Layout& layout_;
  std::uint64_t chunk_bytes_ = 0;
  std::vector<std::uint64_t> grid_;  // how many chunks there are along each dimension
  std::vector<Hdf5Chunk> chunks_;
};

// Versions 1 and 2.
Hdf5Layout read_old_layout(Hdf5Cursor& cursor) {
  using Kind = Hdf5Layout::Kind;
  Hdf5Layout layout;
  const std::uint64_t rank = cursor.number(1);
  const std::uint64_t kind = cursor.number(1);
  cursor.skip(5);
  if (kind > 2 || rank > kRankMax) return {};
  if (kind != 0) layout.at = cursor.address();
  for (std::uint64_t i = 0; i < rank; ++i) layout.chunk_sizes.push_back(cursor.number(4));
  if (kind == 0) {
    layout.kind = Kind::kCompact;
    const std::uint64_t size = cursor.number(4);
    layout.data = cursor.take(size);
  } else if (kind == 1) {
    layout.kind = Kind::kContiguous;
    layout.size = ~std::uint64_t{0};  // as much as the type and the space say
  } else {
    layout.kind = Kind::kChunked;
  }
  return layout;
}

// Of version 4, behind its class.
void read_new_chunks(Hdf5Cursor& cursor, Hdf5Layout& layout) {
  const std::uint64_t flags = cursor.number(1);
  const std::uint64_t rank = cursor.number(1);
  const auto size = static_cast<std::size_t>(cursor.number(1));
  for (std::uint64_t i = 0; i < rank && rank <= kRankMax; ++i)
    layout.chunk_sizes.push_back(cursor.number(size));
  layout.index_kind = cursor.number(1);
  if (layout.index_kind == 1 && (flags & 2) != 0) {
    layout.single_is_packed = true;
    layout.single_size = cursor.length();
    layout.single_skipped = static_cast<std::uint32_t>(cursor.number(4));
  }
  constexpr std::uint64_t kParameters[] = {0, 0, 0, 1, 5, 6};
  if (layout.index_kind >= 1 && layout.index_kind <= 5)
    cursor.skip(kParameters[layout.index_kind]);
  else
    layout.kind = Hdf5Layout::Kind::kUnknown;
}

}  // namespace

Hdf5Layout read_layout(const Hdf5Bytes& file, std::string_view body) {
  using Kind = Hdf5Layout::Kind;
  Hdf5Cursor cursor(file, body);
  const std::uint64_t version = cursor.number(1);
  if (version <= 2) return read_old_layout(cursor);
  Hdf5Layout layout;
  const std::uint64_t kind = cursor.number(1);
  if (kind == 0) {
    layout.kind = Kind::kCompact;
    const std::uint64_t size = cursor.number(2);
    layout.data = cursor.take(std::min<std::uint64_t>(size, cursor.rest().size()));
  } else if (kind == 1) {
    layout.kind = Kind::kContiguous;
    layout.at = cursor.address();
    layout.size = cursor.length();
  } else if (kind == 2) {
    layout.kind = Kind::kChunked;
    if (version >= 4) {
      read_new_chunks(cursor, layout);
      layout.at = cursor.address();
    } else {
      const std::uint64_t rank = cursor.number(1);
      layout.at = cursor.address();
      for (std::uint64_t i = 0; i < rank && rank <= kRankMax; ++i)
        layout.chunk_sizes.push_back(cursor.number(4));
    }
  } else if (kind == 3) {
    layout.kind = Kind::kVirtual;
    layout.at = cursor.address();
    layout.size = cursor.number(4);
  }
  return cursor.good() ? layout : Hdf5Layout();
}

std::vector<Hdf5Chunk> read_chunks(Hdf5Bytes& file, const Hdf5Layout& layout,
                                   const std::vector<std::uint64_t>& sizes) {
  if (layout.kind != Hdf5Layout::Kind::kChunked || layout.chunk_sizes.empty()) return {};
  return ChunkReader(file, layout, sizes).read();
}

}  // namespace vedette::formats::models
