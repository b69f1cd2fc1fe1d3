// SPDX-License-Identifier: Apache-2.0
#include "formats/models/hdf5/record_tree.h"

#include <algorithm>
#include <array>
#include <bit>

namespace vedette::formats::models {
namespace {

constexpr std::uint64_t kDepthMax = 16;
constexpr std::uint64_t kNodeFrame = 10;  // mark, version, type, checksum

// Of all nodes of one depth: how many bytes a child's counts take in the nodes above.
struct Level {
  std::size_t total_size = 0;
};

class RecordReader {
 public:
  explicit RecordReader(Hdf5Bytes& file) : file_(file) {}

  Hdf5Records read(std::uint64_t at) {
    Hdf5Cursor cursor(file_, at);
    if (!cursor.takes("BTHD") || cursor.number(1) != 0) return {};
    out_.type = cursor.number(1);
    const std::uint64_t node_size = cursor.number(4);
    record_size_ = static_cast<std::size_t>(cursor.number(2));
    const std::uint64_t depth = cursor.number(2);
    cursor.skip(2);
    const std::uint64_t root = cursor.address();
    const std::uint64_t count = cursor.number(2);
    if (!cursor.good() || record_size_ == 0 || node_size < kNodeFrame || depth > kDepthMax)
      return {};
    measure(node_size, static_cast<std::size_t>(depth));
    waiting_.push_back({root, count, static_cast<std::size_t>(depth)});
    while (!waiting_.empty() && file_.spend()) {
      const Node node = waiting_.back();
      waiting_.pop_back();
      read_node(node);
    }
    return std::move(out_);
  }

 private:
  struct Node {
    std::uint64_t at = 0;
    std::uint64_t count = 0;
    std::size_t depth = 0;
  };

  // "Number of records" and "total number of records" of a child are as wide as the most that fit.
  void measure(std::uint64_t node_size, std::size_t depth) {
    const std::uint64_t in_leaf = (node_size - kNodeFrame) / record_size_;
    count_size_ = hdf5_number_size(in_leaf);
    std::uint64_t total = in_leaf;
    for (std::size_t level = 1; level <= depth; ++level) {
      const std::uint64_t pointer =
          file_.offset_size() + count_size_ + (level > 1 ? levels_[level - 1].total_size : 0);
      const std::uint64_t in_node =
          node_size < kNodeFrame + pointer
              ? 0
              : (node_size - kNodeFrame - pointer) / (record_size_ + pointer);
      // A tree that would be larger than any file is none; its sizes need not be right.
      constexpr std::uint64_t kTotalMax = std::uint64_t{1} << 56;
      total = total > kTotalMax / (in_node + 1) ? kTotalMax : (in_node + 1) * total + in_node;
      levels_[level].total_size = hdf5_number_size(total);
    }
  }

  void read_node(const Node& node) {
    Hdf5Cursor cursor(file_, node.at);
    if (!cursor.takes(node.depth == 0 ? "BTLF" : "BTIN")) return;
    cursor.skip(2);
    for (std::uint64_t i = 0; i < node.count && file_.spend(); ++i) {
      const std::string_view record = cursor.take(record_size_);
      if (!cursor.good()) return;
      out_.records.push_back(record);
    }
    if (node.depth == 0) return;
    for (std::uint64_t i = 0; i <= node.count && file_.spend(); ++i) {
      const std::uint64_t at = cursor.address();
      const std::uint64_t count = cursor.number(count_size_);
      if (node.depth > 1) cursor.skip(levels_[node.depth - 1].total_size);
      if (!cursor.good()) return;
      waiting_.push_back({at, count, node.depth - 1});
    }
  }

  Hdf5Bytes& file_;
  std::size_t record_size_ = 0;
  std::size_t count_size_ = 1;
  std::array<Level, kDepthMax + 1> levels_{};
  std::vector<Node> waiting_;
  Hdf5Records out_;
};

}  // namespace

std::size_t hdf5_number_size(std::uint64_t limit) {
  return static_cast<std::size_t>(std::bit_width(std::max<std::uint64_t>(limit, 1)) - 1) / 8 + 1;
}

Hdf5Records read_record_tree(Hdf5Bytes& file, std::uint64_t at) {
  return RecordReader(file).read(at);
}

}  // namespace vedette::formats::models
