// SPDX-License-Identifier: Apache-2.0
#include "formats/models/exchange/ubjson.h"

#include <algorithm>
#include <utility>

namespace vedette::formats::models {
namespace {

using Kind = UbjsonNode::Kind;

std::size_t size_of(char type) {
  switch (type) {
    case 'i':
    case 'U':
    case 'C':
      return 1;
    case 'I':
      return 2;
    case 'l':
    case 'd':
      return 4;
    case 'L':
    case 'D':
      return 8;
    default:
      return 0;
  }
}

std::int64_t whole(char type, std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  switch (type) {
    case 'i':
      return static_cast<std::int8_t>(value);
    case 'I':
      return static_cast<std::int16_t>(value);
    case 'l':
      return static_cast<std::int32_t>(value);
    case 'U':
    case 'L':
      return static_cast<std::int64_t>(value);
    default:
      return 0;
  }
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  UbjsonDocument read() {
    begin_value({}, take());
    while (good_ && !open_.empty()) step();
    out_.is_whole = good_ && !out_.is_cut;
    if (!good_ && out_.nodes.size() < 2) out_.nodes.clear();
    return std::move(out_);
  }

 private:
  // A list or table whose end was not reached. With a count it has no mark at its end, with a type
  // its values have none.
  struct Frame {
    std::uint32_t node = 0;
    std::uint32_t last = UbjsonNode::kNowhere;
    bool is_table = false;
    bool is_counted = false;
    char type = 0;
    std::uint64_t left = 0;
  };

  char peek() const { return at_ < bytes_.size() ? bytes_[at_] : '\0'; }
  char take() {
    while (peek() == 'N' && at_ < bytes_.size()) ++at_;  // of no meaning
    if (at_ >= bytes_.size()) {
      good_ = false;
      return '\0';
    }
    return bytes_[at_++];
  }
  std::string_view take(std::uint64_t size) {
    if (size > bytes_.size() - at_) {
      good_ = false;
      return {};
    }
    const std::string_view taken = bytes_.substr(at_, static_cast<std::size_t>(size));
    at_ += taken.size();
    return taken;
  }
  std::uint64_t take_length() {
    const char type = take();
    const std::size_t size = size_of(type);
    if (size == 0 || type == 'd' || type == 'D' || type == 'C') good_ = false;
    const std::int64_t value = good_ ? whole(type, take(size)) : 0;
    if (value < 0) good_ = false;
    return good_ ? static_cast<std::uint64_t>(value) : 0;
  }

  void step() {
    Frame& frame = open_.back();
    if (frame.is_counted ? frame.left == 0 : peek() == (frame.is_table ? '}' : ']')) {
      if (!frame.is_counted) ++at_;
      open_.pop_back();
      return;
    }
    if (frame.is_counted) --frame.left;
    const std::string_view key = frame.is_table ? take(take_length()) : std::string_view();
    if (good_) begin_value(key, frame.type != 0 ? frame.type : take());
  }

  std::uint32_t add(UbjsonNode node) {
    const auto index = static_cast<std::uint32_t>(out_.nodes.size());
    if (out_.nodes.size() >= UbjsonDocument::kNodesMax) {
      out_.is_cut = true;
      good_ = false;
      return index;
    }
    if (!open_.empty()) {
      Frame& frame = open_.back();
      node.parent = frame.node;
      if (frame.last == UbjsonNode::kNowhere) {
        out_.nodes[frame.node].first = index;
      } else {
        out_.nodes[frame.last].next = index;
      }
      frame.last = index;
    }
    out_.nodes.push_back(node);
    return index;
  }

  void begin_value(std::string_view key, char type) {
    if (!good_) return;
    UbjsonNode node;
    node.key = key;
    if (const std::size_t size = size_of(type); size != 0) {
      node.kind = type == 'C' ? Kind::kText : Kind::kNumber;
      node.type = type;
      node.bytes = take(size);
      node.count = 1;
    } else if (type == 'Z') {
      node.kind = Kind::kNone;
    } else if (type == 'T' || type == 'F') {
      node.kind = Kind::kBoolean;
    } else if (type == 'S' || type == 'H') {
      node.kind = Kind::kText;
      node.bytes = take(take_length());
    } else if (type == '[' || type == '{') {
      return begin_many(node, type == '{');
    } else {
      good_ = false;
    }
    if (good_) add(node);
  }

  // "$" and a type, "#" and a count; a type has a count behind it.
  void begin_many(UbjsonNode node, bool is_table) {
    Frame frame;
    frame.is_table = is_table;
    if (peek() == '$') {
      ++at_;
      frame.type = take();
      if (peek() != '#') good_ = false;
    }
    if (good_ && peek() == '#') {
      ++at_;
      frame.is_counted = true;
      frame.left = take_length();
    }
    if (!good_) return;
    node.kind = is_table ? Kind::kTable : Kind::kList;
    if (const std::size_t size = size_of(frame.type); size != 0 && !is_table) {
      node.kind = Kind::kNumbers;
      node.type = frame.type;
      node.count = frame.left;
      if (frame.left > bytes_.size() / size) {
        good_ = false;
        return;
      }
      node.bytes = take(frame.left * size);
      if (good_) add(node);
      return;
    }
    if (frame.type == 'Z' || frame.type == 'T' || frame.type == 'F') good_ = false;
    if (open_.size() >= UbjsonDocument::kDepthMax) good_ = false;
    if (!good_) return;
    frame.node = add(node);
    if (good_) open_.push_back(frame);
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  bool good_ = true;
  std::vector<Frame> open_;
  UbjsonDocument out_;
};

}  // namespace

const UbjsonNode* UbjsonDocument::find(const UbjsonNode& table, std::string_view key) const {
  if (table.kind != Kind::kTable) return nullptr;
  for (const UbjsonNode* member = at(table.first); member != nullptr; member = at(member->next)) {
    if (member->key == key) return member;
  }
  return nullptr;
}

std::int64_t ubjson_number(const UbjsonNode& numbers, std::uint64_t index) {
  const std::size_t size = size_of(numbers.type);
  if (size == 0 || index >= numbers.count) return 0;
  return whole(numbers.type, numbers.bytes.substr(static_cast<std::size_t>(index) * size, size));
}

UbjsonDocument read_ubjson(std::string_view bytes) { return Reader(bytes).read(); }

}  // namespace vedette::formats::models
