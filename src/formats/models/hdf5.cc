// SPDX-License-Identifier: Apache-2.0
#include "formats/models/hdf5.h"

#include <algorithm>
#include <cstddef>
#include <unordered_set>
#include <utility>

namespace vedette::formats::models {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kMark = "\x89HDF\r\n\x1a\n"sv;

// Names and numbers are those of the HDF5 File Format Specification, version 3.0.
class Hdf5Reader {
 public:
  explicit Hdf5Reader(std::string_view file) : file_(file) {}

  Hdf5Structure read() {
    push(Block::kObject, root());
    while (!waiting_.empty() && !structure_.is_cut) {
      const auto [block, at] = waiting_.back();
      waiting_.pop_back();
      if (block == Block::kObject) object(at);
      if (block == Block::kTree) tree(at);
      if (block == Block::kHeap) heap_head(at);
      if (block == Block::kHeapBlock) heap_block(at);
    }
    return std::move(structure_);
  }

 private:
  enum class Block : std::uint8_t { kObject, kTree, kHeap, kHeapBlock };
  enum Message : std::uint16_t {
    kLinkInfo = 0x02,
    kLink = 0x06,
    kExternalFiles = 0x07,
    kLayout = 0x08,
    kContinuation = 0x10,
    kSymbolTable = 0x11,
  };
  struct Chunk {
    std::uint64_t begin = 0;
    std::uint64_t size = 0;
  };
  struct Header {
    bool is_new = false;      // of version 2
    bool is_ordered = false;  // its messages have their order of creation
  };

  std::string_view view(std::uint64_t at, std::uint64_t size) const {
    if (at > file_.size()) return {};
    return file_.substr(static_cast<std::size_t>(at), static_cast<std::size_t>(size));
  }

  // 0 where it is outside.
  std::uint64_t number(std::uint64_t at, std::size_t size) const {
    const std::string_view bytes = view(at, size);
    if (bytes.size() != size) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
  }
  std::uint64_t address(std::uint64_t at) const { return number(at, offset_size_); }

  // Up to its NUL.
  std::string_view text(std::uint64_t at) const {
    constexpr std::size_t kNameMax = 65'536;
    const std::string_view bytes = view(at, kNameMax);
    return bytes.substr(0, std::min(bytes.find('\0'), bytes.size()));
  }

  bool spend() {
    structure_.is_cut = structure_.is_cut || ++spent_ > Hdf5Structure::kEntriesMax;
    return !structure_.is_cut;
  }

  // Each block once, so that circles end.
  void push(Block block, std::uint64_t at) {
    if (at >= file_.size() || !seen_.insert(at).second || !spend()) return;
    waiting_.emplace_back(block, at);
  }

  void add(Hdf5Reference::Kind kind, std::string_view name) {
    if (structure_.references.size() < Hdf5Structure::kReferencesMax)
      structure_.references.push_back({kind, name});
  }

  // Sets the sizes of numbers, too. Addresses count from the superblock.
  std::uint64_t root() {
    const std::uint64_t version = number(8, 1);
    const bool is_new = version >= 2;
    offset_size_ = size_of(number(is_new ? 9 : 13, 1));
    length_size_ = size_of(number(is_new ? 10 : 14, 1));
    if (is_new) return address(12 + 3 * offset_size_);
    const std::uint64_t places = version == 0 ? 24 : 28;
    return address(places + 5 * offset_size_);
  }
  static std::size_t size_of(std::uint64_t size) {
    return size == 2 || size == 4 ? static_cast<std::size_t>(size) : 8;
  }

  void object(std::uint64_t at) {
    ++structure_.objects;
    Header header;
    std::vector<Chunk> chunks;
    if (view(at, 4) == "OHDR") {
      const std::uint64_t flags = number(at + 5, 1);
      header = {.is_new = true, .is_ordered = (flags & 4) != 0};
      std::uint64_t place =
          at + 6 + ((flags & 0x20) != 0 ? 16U : 0U) + ((flags & 0x10) != 0 ? 4U : 0U);
      const std::size_t size = std::size_t{1} << (flags & 3);
      chunks.push_back({place + size, number(place, size)});
    } else if (number(at, 1) == 1) {
      chunks.push_back({at + 16, number(at + 8, 4)});
    }
    // Continuations are appended by messages.
    for (std::size_t i = 0; i < chunks.size() && spend(); ++i) messages(header, chunks[i], chunks);
  }

  void messages(const Header& header, Chunk chunk, std::vector<Chunk>& chunks) {
    if (chunk.begin >= file_.size()) return;
    const std::uint64_t end = chunk.begin + std::min(chunk.size, file_.size() - chunk.begin);
    const std::uint64_t head = !header.is_new ? 8U : header.is_ordered ? 6U : 4U;
    for (std::uint64_t at = chunk.begin; end - at >= head && spend();) {
      const auto type = static_cast<std::uint16_t>(number(at, header.is_new ? 1 : 2));
      const std::uint64_t size = number(at + (header.is_new ? 1U : 2U), 2);
      at += head;
      if (type == kContinuation) {
        Chunk next{address(at), number(at + offset_size_, length_size_)};
        const bool is_fresh = next.begin < file_.size() && seen_.insert(next.begin).second;
        if (header.is_new) {
          if (view(next.begin, 4) != "OCHK" || next.size < 8) next.size = 8;
          next = {next.begin + 4, next.size - 8};  // its mark and checksum
        }
        if (is_fresh) chunks.push_back(next);
      } else {
        message(type, at);
      }
      at += std::min(size, end - at);
    }
  }

  void message(std::uint16_t type, std::uint64_t at) {
    switch (type) {
      case kLink:
        link(at);
        return;
      case kLinkInfo:
        push(Block::kHeap, address(at + 2 + ((number(at + 1, 1) & 1) != 0 ? 8U : 0U)));
        return;
      case kSymbolTable:
        push(Block::kTree, address(at));
        return;
      case kExternalFiles:
        external_files(at);
        return;
      case kLayout:
        if (number(at, 1) >= 4 && number(at + 1, 1) == 3) virtual_data(at + 2);
        return;
      default:
        return;
    }
  }

  // The place behind it; 0 where it is no link.
  std::uint64_t link(std::uint64_t at) {
    if (number(at, 1) != 1) return 0;
    const std::uint64_t flags = number(at + 1, 1);
    at += 2;
    const std::uint64_t type = (flags & 8) != 0 ? number(at++, 1) : 0;
    if ((flags & 4) != 0) at += 8;
    if ((flags & 16) != 0) ++at;
    const std::size_t size = std::size_t{1} << (flags & 3);
    const std::uint64_t name = number(at, size);
    if (name == 0 || name > file_.size()) return 0;
    at += size + name;
    if (type == 0) {
      push(Block::kObject, address(at));
      return at + offset_size_;
    }
    constexpr std::uint64_t kExternal = 64;
    if (type == kExternal) add(Hdf5Reference::Kind::kExternalLink, text(at + 3));
    return at + 2 + number(at, 2);
  }

  void external_files(std::uint64_t at) {
    const std::uint64_t count = number(at + 6, 2);
    const std::uint64_t heap = address(at + 8);
    if (view(heap, 4) != "HEAP") return;
    const std::uint64_t names = address(heap + 8 + 2 * length_size_);
    at += 8 + offset_size_;
    for (std::uint64_t i = 0; i < count && at < file_.size() && spend(); ++i) {
      const std::uint64_t name = number(at, length_size_);
      if (name < file_.size() && names < file_.size())
        add(Hdf5Reference::Kind::kExternalData, text(names + name));
      at += 3 * length_size_;
    }
  }

  // Of its list of parts the first is read. "." is the file itself.
  void virtual_data(std::uint64_t at) {
    const std::uint64_t heap = address(at);
    const std::uint64_t index = number(at + offset_size_, 4);
    if (view(heap, 4) != "GCOL") return;
    const std::uint64_t size = number(heap + 8, length_size_);
    const std::uint64_t end = heap + std::min(size, file_.size() - heap);
    for (std::uint64_t object = heap + 8 + length_size_; object < end && spend();) {
      const std::uint64_t body = object + 8 + length_size_;
      if (number(object, 2) == index) {
        const std::uint64_t parts = number(body + 1, length_size_);
        const std::string_view name = text(body + 1 + length_size_);
        if (parts > 1 || (parts == 1 && name != ".")) add(Hdf5Reference::Kind::kVirtualData, name);
        return;
      }
      const std::uint64_t bytes = number(object + 8, length_size_);
      if (bytes >= file_.size()) return;
      object = body + (bytes + 7) / 8 * 8;
    }
  }

  // Nodes of groups, and the lists of symbols under them.
  void tree(std::uint64_t at) {
    if (view(at, 4) == "SNOD") {
      const std::uint64_t count = number(at + 6, 2);
      const std::uint64_t size = 2 * offset_size_ + 24;
      for (std::uint64_t i = 0; i < count && spend(); ++i)
        push(Block::kObject, address(at + 8 + i * size + offset_size_));
      return;
    }
    if (view(at, 4) != "TREE" || number(at + 4, 1) != 0) return;
    const std::uint64_t count = number(at + 6, 2);
    const std::uint64_t keys = at + 8 + 2 * offset_size_;
    for (std::uint64_t i = 0; i < count && spend(); ++i) {
      push(Block::kTree, address(keys + i * (length_size_ + offset_size_) + length_size_));
    }
  }

  // A heap of links, which groups of many have.
  void heap_head(std::uint64_t at) {
    if (view(at, 4) != "FRHP") return;
    has_checksums_ = (number(at + 9, 1) & 2) != 0;
    const std::uint64_t table = at + 14 + 10 * length_size_ + 2 * offset_size_;
    const std::uint64_t sizes = table + 2 + 2 * length_size_;
    heap_offset_size_ = (number(sizes, 2) + 7) / 8;
    push(Block::kHeapBlock, address(sizes + 4));
  }

  void heap_block(std::uint64_t at) {
    std::uint64_t place = at + 5 + offset_size_ + heap_offset_size_;
    if (view(at, 4) == "FHDB") {
      if (has_checksums_) place += 4;
      while (place != 0 && spend()) place = link(place);
    } else if (view(at, 4) == "FHIB") {
      // How many there are follows from sizes; what is no address of a block ends them as well.
      const std::uint64_t none = number_of_none();
      for (std::uint64_t child = address(place); child != 0 && spend(); child = address(place)) {
        const std::string_view mark = view(child, 4);
        if (child != none && mark != "FHDB" && mark != "FHIB") break;
        push(Block::kHeapBlock, child);
        place += offset_size_;
      }
    }
  }
  std::uint64_t number_of_none() const { return ~std::uint64_t{0} >> (64 - 8 * offset_size_); }

  std::string_view file_;
  std::size_t offset_size_ = 8;
  std::size_t length_size_ = 8;
  std::uint64_t heap_offset_size_ = 4;
  bool has_checksums_ = false;
  std::size_t spent_ = 0;
  std::unordered_set<std::uint64_t> seen_;
  std::vector<std::pair<Block, std::uint64_t>> waiting_;
  Hdf5Structure structure_;
};

}  // namespace

std::optional<std::size_t> hdf5_begin(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size(); at = at == 0 ? 512 : at * 2) {
    if (bytes.substr(at, kMark.size()) == kMark) return at;
  }
  return std::nullopt;
}

Hdf5Structure read_hdf5(std::string_view bytes) {
  const std::optional<std::size_t> begin = hdf5_begin(bytes);
  if (!begin) return {};
  return Hdf5Reader(bytes.substr(*begin)).read();
}

}  // namespace vedette::formats::models
