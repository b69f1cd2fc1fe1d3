// SPDX-License-Identifier: Apache-2.0
#include "formats/models/hdf5/hdf5.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>

#include "formats/models/hdf5/attribute.h"
#include "formats/models/hdf5/chunk_index.h"
#include "formats/models/hdf5/data_type.h"
#include "formats/models/hdf5/filter.h"
#include "formats/models/hdf5/fractal_heap.h"
#include "formats/models/hdf5/object_header.h"
#include "formats/models/hdf5/record_tree.h"

namespace vedette::formats::models {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kMark = "\x89HDF\r\n\x1a\n"sv;
constexpr std::size_t kNameMax = 65'536;
constexpr std::size_t kWantedMax = 1'000;  // data sets

// Up to its NUL.
std::string_view text_at(const Hdf5Bytes& file, std::uint64_t at) {
  const std::string_view bytes = file.view(at, kNameMax);
  return bytes.substr(0, std::min(bytes.find('\0'), bytes.size()));
}

class Hdf5Walk {
 public:
  Hdf5Walk(std::string_view bytes, Hdf5Observer& observer)
      : file_(bytes),
        observer_(observer),
        global_heap_(file_),
        shared_(file_),
        attributes_(file_, shared_, global_heap_) {}

  Hdf5Summary read() {
    const std::uint64_t root = read_superblock();
    walk(root);
    const std::size_t objects = objects_;
    // What a soft link by a wanted name leads to has a name of its own, and may be such a link.
    is_first_ = false;
    for (std::size_t known = 0; known < aliases_.size() && !file_.is_cut();) {
      known = aliases_.size();
      walk(root);
    }
    return {objects, file_.has_gaps()};
  }

 private:
  enum class Block : std::uint8_t { kObject, kTree, kValues };
  // The head of a data set: what its values are and where.
  struct DataSet {
    Hdf5Type type;
    Hdf5Space space;
    Hdf5Layout layout;
    Hdf5Filters filters;
  };
  struct Waiting {
    Block block = Block::kObject;
    std::uint64_t at = 0;
    std::uint64_t heap = 0;  // of names, for kTree
    std::size_t name = 0;    // index into names_, 0: not wanted
  };

  void walk(std::uint64_t root) {
    seen_.clear();
    seen_trees_.clear();
    names_.resize(1);
    push({.at = root});
    while (!waiting_.empty() && !file_.is_cut()) {
      const Waiting next = waiting_.back();
      waiting_.pop_back();
      if (next.block == Block::kObject) read_object(next);
      if (next.block == Block::kTree) read_tree(next);
      if (next.block == Block::kValues) read_values(next.at, names_[next.name]);
    }
  }

  // Each block once as what it is taken for, so that circles end; data sets once more by each name
  // that is wanted.
  void push(const Waiting& next) {
    if (next.at >= file_.size() || !file_.spend()) return;
    const bool is_new = next.block == Block::kTree ? seen_trees_.emplace(next.at, next.heap).second
                                                   : seen_.insert(next.at).second;
    if (is_new) {
      waiting_.push_back(next);
    } else if (next.name != 0) {
      waiting_.push_back({.block = Block::kValues, .at = next.at, .name = next.name});
    }
  }

  // Sets the sizes of numbers, too. Addresses count from the superblock.
  std::uint64_t read_superblock() {
    Hdf5Cursor cursor(file_, std::uint64_t{8});
    const std::uint64_t version = cursor.number(1);
    const bool is_new = version >= 2;
    if (!is_new) cursor.skip(4);
    const std::uint64_t offset_size = cursor.number(1);
    file_.set_sizes(size_of(offset_size), size_of(cursor.number(1)));
    if (is_new) {
      cursor.skip(1);
      cursor.address();
      const std::uint64_t extension = cursor.address();
      cursor.address();
      const std::uint64_t root = cursor.address();
      if (extension != file_.none()) shared_.read_table(extension);
      return root;
    }
    cursor.skip(version == 0 ? 9 : 13);
    for (int i = 0; i < 5; ++i) cursor.address();
    return cursor.address();
  }
  static std::size_t size_of(std::uint64_t size) {
    return size == 2 || size == 4 ? static_cast<std::size_t>(size) : 8;
  }

  void read_object(const Waiting& object) {
    ++objects_;
    const std::vector<Hdf5Message> messages = read_object_header(file_, object.at);
    read_links(messages);
    bool is_wanted = false;
    if (is_first_) {
      tell(object.at, messages);
      is_wanted = observer_.wants_values(object.at);
    }
    if (object.name != 0)
      read_values(messages, names_[object.name]);
    else if (is_wanted)
      read_values(messages, "");
  }

  void read_links(const std::vector<Hdf5Message>& messages) {
    for (const Hdf5Message& message : messages) {
      if (message.type == Hdf5MessageType::kLink) read_link(message.body);
      if (message.type == Hdf5MessageType::kLinkInfo) read_dense_links(message.body);
      if (message.type != Hdf5MessageType::kSymbolTable) continue;
      Hdf5Cursor cursor(file_, message.body);
      const std::uint64_t tree = cursor.address();
      push({.block = Block::kTree, .at = tree, .heap = names_of(cursor.address())});
    }
  }

  // What an object has itself.
  void tell(std::uint64_t object, const std::vector<Hdf5Message>& messages) {
    attributes_.read_all(messages, [&](std::string_view name, std::string_view value) {
      observer_.on_attribute(object, name, value);
    });
    for (const Hdf5Message& message : messages) {
      if (message.type == Hdf5MessageType::kExternalFiles) read_external_files(message.body);
      if (message.type != Hdf5MessageType::kLayout) continue;
      const Hdf5Layout layout = read_layout(file_, message.body);
      if (layout.kind == Hdf5Layout::Kind::kVirtual) read_virtual_data(layout);
    }
    check_size(data_set(messages));
  }

  // A reader allots what the shape says, whether it is there or not. What is packed, or left out as
  // it is nothing but a filling, may be much larger than the file.
  void check_size(const DataSet& set) {
    constexpr std::uint64_t kLarge = std::uint64_t{16} << 30;
    constexpr std::uint64_t kRatioMax = 1'100;  // more than deflate can
    const std::uint64_t limit = std::max(kLarge, kRatioMax * file_.size());
    if (set.type.size != 0 && set.space.count() > limit / set.type.size)
      observer_.on_fault("a data set is far larger than the file (CVE-2026-0897)");
  }

  // IV.A.2.g.
  void read_link(std::string_view body) {
    Hdf5Cursor cursor(file_, body);
    if (cursor.number(1) != 1) return;
    const std::uint64_t flags = cursor.number(1);
    const std::uint64_t type = (flags & 8) != 0 ? cursor.number(1) : 0;
    cursor.skip(((flags & 4) != 0 ? 8U : 0U) + ((flags & 16) != 0 ? 1U : 0U));
    const std::uint64_t name_size = cursor.number(std::size_t{1} << (flags & 3));
    const std::string_view name = cursor.take(name_size);
    if (type == 0) return add_object(name, cursor.address());
    const std::string_view value = cursor.take(cursor.number(2));
    constexpr std::uint64_t kSoft = 1;
    constexpr std::uint64_t kExternal = 64;
    if (type == kSoft) add_soft_link(name, value);
    if (type == kExternal && value.size() > 1) {
      const std::string_view place = value.substr(1);
      refer(Hdf5Reference::Kind::kExternalLink,
            place.substr(0, std::min(place.find('\0'), place.size())));
    }
  }

  void refer(Hdf5Reference::Kind kind, std::string_view file) {
    if (is_first_) observer_.on_reference({kind, file});
  }

  void add_object(std::string_view name, std::uint64_t at) {
    bool is_wanted = aliases_.contains(name) || observer_.wants_link(name);
    if (is_wanted && names_.size() > kWantedMax) {
      file_.pass_over();
      is_wanted = false;
    }
    if (is_wanted) names_.emplace_back(name);
    push({.at = at, .name = is_wanted ? names_.size() - 1 : 0});
  }

  void add_soft_link(std::string_view name, std::string_view path) {
    if (!aliases_.contains(name) && !observer_.wants_link(name)) return;
    if (aliases_.size() > kWantedMax) return file_.pass_over();
    aliases_.emplace(path.substr(path.rfind('/') + 1));
  }

  // IV.A.2.c: a heap of links, and a tree by their names.
  void read_dense_links(std::string_view body) {
    Hdf5Cursor cursor(file_, body);
    cursor.skip(1);
    if ((cursor.number(1) & 1) != 0) cursor.skip(8);
    const std::uint64_t heap_at = cursor.address();
    const std::uint64_t tree_at = cursor.address();
    if (!cursor.good() || heap_at == file_.none()) return;
    auto heap = Hdf5FractalHeap::open(file_, heap_at);
    if (!heap) return;
    constexpr std::size_t kHashSize = 4;
    for (const std::string_view record : read_record_tree(file_, tree_at).records) {
      if (record.size() > kHashSize) read_link(heap->object(record.substr(kHashSize)));
    }
  }

  // A local heap (III.D): where its data begins.
  std::uint64_t names_of(std::uint64_t heap) const {
    Hdf5Cursor cursor(file_, heap);
    if (!cursor.takes("HEAP")) return file_.none();
    cursor.skip(4);
    cursor.length();
    cursor.length();
    return cursor.address();
  }

  // Nodes of groups, and the lists of symbols under them (III.A.1, III.B, III.C).
  void read_tree(const Waiting& node) {
    Hdf5Cursor cursor(file_, node.at);
    const std::string_view mark = cursor.take(4);
    if (mark == "SNOD") {
      cursor.skip(2);
      const std::uint64_t count = cursor.number(2);
      for (std::uint64_t i = 0; i < count && file_.spend() && cursor.good(); ++i)
        read_symbol(cursor, node.heap);
      return;
    }
    if (mark != "TREE" || cursor.number(1) != 0) return;
    cursor.skip(1);
    const std::uint64_t count = cursor.number(2);
    cursor.address();
    cursor.address();
    for (std::uint64_t i = 0; i < count && file_.spend() && cursor.good(); ++i) {
      cursor.length();
      push({.block = Block::kTree, .at = cursor.address(), .heap = node.heap});
    }
  }

  void read_symbol(Hdf5Cursor& cursor, std::uint64_t heap) {
    const std::uint64_t name = cursor.address();
    const std::uint64_t object = cursor.address();
    const std::uint64_t kind = cursor.number(4);
    cursor.skip(4);
    Hdf5Cursor scratch(file_, cursor.take(16));
    if (!cursor.good()) return;
    constexpr std::uint64_t kSoft = 2;
    const std::string_view text = heap < file_.size() && name < file_.size()
                                      ? text_at(file_, heap + name)
                                      : std::string_view();
    if (kind != kSoft) return add_object(text, object);
    if (heap < file_.size()) add_soft_link(text, text_at(file_, heap + scratch.number(4)));
  }

  // IV.A.2.h.
  void read_external_files(std::string_view body) {
    Hdf5Cursor cursor(file_, body);
    cursor.skip(6);
    const std::uint64_t count = cursor.number(2);
    const std::uint64_t names = names_of(cursor.address());
    for (std::uint64_t i = 0; i < count && file_.spend(); ++i) {
      const std::uint64_t name = cursor.length();
      cursor.length();
      cursor.length();
      if (!cursor.good()) return;
      if (name < file_.size() && names < file_.size()) {
        refer(Hdf5Reference::Kind::kExternalData, text_at(file_, names + name));
      }
    }
  }

  // Of its list of parts the first is read. "." is the file itself.
  void read_virtual_data(const Hdf5Layout& layout) {
    Hdf5Cursor cursor(file_, global_heap_.object(layout.at, layout.size));
    cursor.skip(1);
    const std::uint64_t parts = cursor.length();
    if (!cursor.good()) return;
    const std::string_view name = cursor.rest().substr(0, cursor.rest().find('\0'));
    if (parts > 1 || (parts == 1 && name != ".")) refer(Hdf5Reference::Kind::kVirtualData, name);
  }

  void read_values(std::uint64_t at, const std::string& name) {
    read_values(read_object_header(file_, at), name);
  }

  DataSet data_set(const std::vector<Hdf5Message>& messages) {
    DataSet out;
    for (const Hdf5Message& message : messages) {
      // Layouts are never shared.
      if (message.type == Hdf5MessageType::kLayout) out.layout = read_layout(file_, message.body);
      const std::string_view body =
          message.is_shared ? shared_.resolve(message.type, message.body) : message.body;
      if (message.type == Hdf5MessageType::kDatatype) out.type = read_data_type(file_, body);
      if (message.type == Hdf5MessageType::kDataspace) out.space = read_dataspace(file_, body);
      if (message.type == Hdf5MessageType::kFilters) out.filters = Hdf5Filters::read(file_, body);
    }
    return out;
  }

  void read_values(const std::vector<Hdf5Message>& messages, std::string_view name) {
    using Kind = Hdf5Layout::Kind;
    const DataSet set = data_set(messages);
    const std::uint64_t count = set.space.count();
    if (set.type.kind == Hdf5Type::Kind::kOther || set.type.size == 0 || count == 0) return;
    std::string values;
    if (set.layout.kind == Kind::kCompact)
      values = texts(set.type, count, set.layout.data, kHdf5ValueMax);
    if (set.layout.kind == Kind::kContiguous)
      values = texts(set.type, count, file_.view(set.layout.at, set.layout.size), kHdf5ValueMax);
    const bool is_read =
        set.layout.kind == Kind::kChunked
            ? read_chunked(set, values)
            : set.layout.kind == Kind::kCompact || set.layout.kind == Kind::kContiguous;
    if (!is_read) observer_.on_unread(name);
    if (!values.empty() && file_.spend_unpacked(values.size())) observer_.on_values(name, values);
  }

  // False where not all of it could be unpacked.
  bool read_chunked(const DataSet& set, std::string& values) {
    bool is_whole = true;
    std::uint64_t in_chunk = 1;
    const std::vector<std::uint64_t>& sizes = set.layout.chunk_sizes;
    for (std::size_t i = 0; i + 1 < sizes.size(); ++i)
      in_chunk = sizes[i] == 0 || in_chunk > kHdf5ValueMax / sizes[i] ? kHdf5ValueMax
                                                                      : in_chunk * sizes[i];
    for (const Hdf5Chunk& chunk : read_chunks(file_, set.layout, set.space.sizes)) {
      if (values.size() >= kHdf5ValueMax || file_.is_cut()) return false;
      std::string_view bytes = file_.view(chunk.at, chunk.size);
      std::optional<std::string> unpacked;
      if (!set.filters.empty()) {
        unpacked = set.filters.unpack(file_, bytes, chunk.skipped, kHdf5ValueMax);
        is_whole = is_whole && unpacked.has_value();
        bytes = unpacked ? std::string_view(*unpacked) : std::string_view();
      }
      // A chunk at the end may be longer than what is left of a row of values.
      const std::uint64_t before = chunk.number * in_chunk;
      const std::uint64_t all = set.space.count();
      const std::uint64_t count = set.space.sizes.size() != 1 ? in_chunk
                                  : before < all              ? std::min(in_chunk, all - before)
                                                              : 0;
      values += texts(set.type, count, bytes, kHdf5ValueMax - values.size());
    }
    return is_whole;
  }

  std::string texts(const Hdf5Type& type, std::uint64_t count, std::string_view data,
                    std::size_t size_max) {
    return read_texts(file_, global_heap_, type, count, data, size_max);
  }

  Hdf5Bytes file_;
  Hdf5Observer& observer_;
  Hdf5GlobalHeap global_heap_;
  Hdf5SharedMessages shared_;
  Hdf5AttributeReader attributes_;
  std::size_t objects_ = 0;
  bool is_first_ = true;  // walk; what is told once is told in it
  std::unordered_set<std::uint64_t> seen_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen_trees_;  // with their heaps of names
  std::vector<Waiting> waiting_;
  std::vector<std::string> names_ = {""};       // of what is wanted
  std::set<std::string, std::less<>> aliases_;  // what soft links by such a name lead to
};

}  // namespace

std::optional<std::size_t> hdf5_begin(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size(); at = at == 0 ? 512 : at * 2) {
    if (bytes.substr(at, kMark.size()) == kMark) return at;
  }
  return std::nullopt;
}

Hdf5Summary read_hdf5(std::string_view bytes, Hdf5Observer& observer) {
  const std::optional<std::size_t> begin = hdf5_begin(bytes);
  if (!begin) return {};
  return Hdf5Walk(bytes.substr(*begin), observer).read();
}

}  // namespace vedette::formats::models
