// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/windows_xml_tree.h"

#include "base/hash.h"

namespace vedette::formats::logs {
namespace {

using event::FieldTree;
using event::Kind;
using event::Value;

constexpr std::uint64_t kElementKeys = 0;
constexpr std::uint64_t kDataKeys = 1;

// Whether a list of pieces holds text; an array's element counts even when it is empty.
bool has_text(const XmlTree& tree, std::uint32_t first) {
  for (std::uint32_t at = first; at != 0; at = tree[at].next) {
    const XmlNode& node = tree[at];
    if (node.kind == XmlNode::Kind::kText && (node.of_array || node.value.size != 0)) return true;
  }
  return false;
}

bool has_elements(const XmlTree& tree, const XmlNode& element) {
  for (std::uint32_t at = element.first_child; at != 0; at = tree[at].next) {
    if (tree[at].kind == XmlNode::Kind::kElement) return true;
  }
  return false;
}

bool has_attributes(const XmlTree& tree, const XmlNode& element) {
  for (std::uint32_t at = element.first_attribute; at != 0; at = tree[at].next) {
    if (has_text(tree, tree[at].first_child)) return true;
  }
  return false;
}

// The pieces of the Name attribute; 0 when there is none.
std::uint32_t name_pieces(const XmlTree& tree, const XmlNode& element) {
  for (std::uint32_t at = element.first_attribute; at != 0; at = tree[at].next) {
    if (tree[at].name == "Name") return tree[at].first_child;
  }
  return 0;
}

}  // namespace

bool is_data_container(std::string_view name) { return name == "EventData" || name == "UserData"; }

std::uint32_t XmlTree::add(std::uint32_t parent, const XmlNode& node) {
  const std::uint32_t index = add_left_out(node);
  XmlNode& above = nodes_[parent];
  const bool attribute = node.kind == XmlNode::Kind::kAttribute;
  std::uint32_t& first = attribute ? above.first_attribute : above.first_child;
  std::uint32_t& last = attribute ? above.last_attribute : above.last_child;
  (last == 0 ? first : nodes_[last].next) = index;
  last = index;
  nodes_[index].parent = parent;
  return index;
}

std::uint32_t XmlTree::add_left_out(const XmlNode& node) {
  nodes_.push_back(node);
  return size() - 1;
}

Value join_pieces(const XmlTree& tree, std::uint32_t first, Arena& arena) {
  Value only;
  std::size_t count = 0;
  for (std::uint32_t at = first; at != 0; at = tree[at].next) {
    if (tree[at].kind != XmlNode::Kind::kText || tree[at].value.size == 0) continue;
    if (count++ == 0) only = tree[at].value;
  }
  if (count <= 1) return only;
  std::string joined;
  for (std::uint32_t at = first; at != 0; at = tree[at].next) {
    if (tree[at].kind != XmlNode::Kind::kText) continue;
    joined += event::text_of(tree[at].value, arena);
  }
  return event::plain(arena.copy(joined));
}

bool XmlFieldWriter::write(const XmlTree& tree) {
  xml_ = &tree;
  path_.clear();
  seen_.clear();
  frames_.clear();
  frames_.push_back({tree[0].first_child, 0, FieldTree::kRoot, 0, DataKeys::kOrdinary, {}});
  while (!frames_.empty()) {
    Frame& frame = frames_.back();
    if (frame.next_child == 0) {
      frames_.pop_back();
      continue;
    }
    const std::uint32_t index = frame.next_child;
    const XmlNode& node = tree[index];
    frame.next_child = node.next;
    path_.resize(frame.path_size);
    if (node.kind == XmlNode::Kind::kElement) write_child(frame, node, index);
  }
  return path_bytes_ <= kPathBytesMax;
}

FieldTree::Node XmlFieldWriter::child(Node node, std::string_view key) const {
  if (tree_ == nullptr || node == FieldTree::kNone) return FieldTree::kNone;
  return tree_->child(node, key);
}

void XmlFieldWriter::push_key(std::string_view key) {
  if (everything_ == nullptr && writer_ == nullptr) return;
  if (!path_.empty()) path_ += '.';
  path_ += key;
}

std::uint32_t XmlFieldWriter::repetition(std::uint32_t parent, std::string_view name,
                                         std::uint64_t kind) {
  return seen_[hash_bytes(name, std::uint64_t{parent} * 2 + kind)]++;
}

XmlFieldWriter::DataKeys XmlFieldWriter::data_keys(const XmlNode& element) {
  if (!is_data_container(element.name)) return DataKeys::kOrdinary;
  for (std::uint32_t at = element.first_child; at != 0; at = (*xml_)[at].next) {
    const XmlNode& node = (*xml_)[at];
    if (node.kind != XmlNode::Kind::kElement || node.name != "Data") continue;
    if (has_text(*xml_, name_pieces(*xml_, node))) return DataKeys::kNamed;
  }
  return DataKeys::kPositional;
}

void XmlFieldWriter::write_child(Frame& frame, const XmlNode& element, std::uint32_t index) {
  if (frame.data_keys != DataKeys::kOrdinary && element.name == "Data") {
    write_data(frame, element, index);
    return;
  }
  const std::uint32_t count = repetition(frame.element, element.name, kElementKeys);
  if (count == 0) {
    push_key(element.name);
    write_element(child(frame.node, element.name), element, index);
    return;
  }
  const std::string key = std::string(element.name) + "_" + std::to_string(count);
  push_key(key);
  write_element(child(frame.node, key), element, index);
}

void XmlFieldWriter::write_data(Frame& frame, const XmlNode& element, std::uint32_t index) {
  const bool deep = has_elements(*xml_, element);
  Node node = FieldTree::kNone;
  Put put = Put::kAppend;
  if (frame.data_keys == DataKeys::kPositional) {
    const Node data = child(frame.node, "Data");
    push_key("Data");
    push_key("#text");
    node = child(data, "#text");
    if (!deep) write_text(data, element, Put::kAppend, List::kSlotsOnly);
  } else {
    const Value value = join_pieces(*xml_, name_pieces(*xml_, element), arena_);
    if (value.kind == Kind::kAbsent) return;
    std::string key(event::text_of(value, arena_));
    // A run of one name is one field with several values, as an array in the template makes it.
    const std::string_view name = arena_.copy(key);
    put = name == frame.last_data_name ? Put::kAppend : Put::kSet;
    if (put == Put::kSet) {
      const std::uint32_t count = repetition(frame.element, name, kDataKeys);
      if (count != 0) key += "_" + std::to_string(count);
    }
    frame.last_data_name = name;
    push_key(key);
    node = child(frame.node, key);
  }
  if (deep) {
    descend(node, element, index);
    return;
  }
  write_text(node, element, put, List::kAll);
}

void XmlFieldWriter::write_element(Node node, const XmlNode& element, std::uint32_t index) {
  if (!wanted(node)) return;
  const bool attributes = has_attributes(*xml_, element);
  const bool elements = has_elements(*xml_, element);
  const bool text = has_text(*xml_, element.first_child);
  if (!attributes && !elements) {
    if (text) {
      write_text(node, element, Put::kSet, List::kAll);
    } else {
      put_value(node, event::plain({}, Kind::kNull), Put::kSet, List::kAll);
    }
    return;
  }
  fill_slots(node, event::plain({}, Kind::kStructure), Put::kSet);
  const std::size_t path_size = path_.size();
  if (attributes) write_attributes(node, element);
  path_.resize(path_size);
  if (text) {
    write_text(node, element, Put::kSet, List::kSlotsOnly);
    push_key("#text");
    write_text(child(node, "#text"), element, Put::kSet, List::kAll);
    path_.resize(path_size);
  }
  if (elements) descend(node, element, index);
}

void XmlFieldWriter::write_attributes(Node node, const XmlNode& element) {
  push_key("#attributes");
  const std::size_t path_size = path_.size();
  const Node attributes = child(node, "#attributes");
  for (std::uint32_t at = element.first_attribute; at != 0; at = (*xml_)[at].next) {
    const XmlNode& attribute = (*xml_)[at];
    const Value value = join_pieces(*xml_, attribute.first_child, arena_);
    if (value.kind == Kind::kAbsent) continue;
    push_key(attribute.name);
    put_value(child(attributes, attribute.name), value, Put::kSet, List::kAll);
    path_.resize(path_size);
  }
}

void XmlFieldWriter::write_text(Node node, const XmlNode& element, Put put, List list) {
  bool array = false;
  bool other = false;
  for (std::uint32_t at = element.first_child; at != 0; at = (*xml_)[at].next) {
    const XmlNode& piece = (*xml_)[at];
    if (piece.kind != XmlNode::Kind::kText) continue;
    array = array || piece.of_array;
    other = other || (!piece.of_array && piece.value.size != 0);
  }
  if (!array || other) {
    const Value value = join_pieces(*xml_, element.first_child, arena_);
    put_value(node, value.kind == Kind::kAbsent ? event::plain({}) : value, put, list);
    return;
  }
  for (std::uint32_t at = element.first_child; at != 0; at = (*xml_)[at].next) {
    const XmlNode& piece = (*xml_)[at];
    if (piece.kind != XmlNode::Kind::kText || !piece.of_array) continue;
    put_value(node, piece.value.size == 0 ? event::plain({}) : piece.value, put, list);
    put = Put::kAppend;
  }
}

void XmlFieldWriter::put_value(Node node, const Value& value, Put put, List list) {
  fill_slots(node, value, put);
  if (list == List::kSlotsOnly || (everything_ == nullptr && writer_ == nullptr)) return;
  path_bytes_ += path_.size();
  if (path_bytes_ > kPathBytesMax) return;
  const std::string_view path = arena_.copy(path_);
  if (everything_ != nullptr) everything_->push_back({path, value});
  if (writer_ == nullptr) return;
  if (put == Put::kSet) {
    writer_->put(path, value);
  } else {
    writer_->append(path, value);
  }
}

void XmlFieldWriter::fill_slots(Node node, const Value& value, Put put) {
  if (tree_ == nullptr || node == FieldTree::kNone) return;
  for (const FieldTree::Target& target : tree_->targets(node)) {
    Value ranked = value;
    ranked.rank = target.rank;
    if (put == Put::kSet) {
      event_->put(target.slot, ranked);
    } else {
      event_->append(target.slot, ranked);
    }
  }
}

void XmlFieldWriter::descend(Node node, const XmlNode& element, std::uint32_t index) {
  frames_.push_back({element.first_child, index, node, path_.size(), data_keys(element), {}});
}

}  // namespace vedette::formats::logs
