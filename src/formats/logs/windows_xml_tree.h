// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "event/field_tree.h"
#include "event/field_writer.h"
#include "event/value.h"

// A Windows event as a tree of XML elements, whether it came as text or as binary XML, and the
// fields that it has as JSON.
namespace vedette::formats::logs {

struct XmlNode {
  enum class Kind : std::uint8_t { kElement, kAttribute, kText, kSubstitution };
  Kind kind = Kind::kElement;
  bool of_array = false;              // kText: one of the values of an array
  std::string_view name;              // kElement, kAttribute
  event::Value value;                 // kText
  std::uint16_t substitution = 0;     // kSubstitution: index of the template's value
  std::uint16_t dependency = 0xFFFF;  // kElement of a template: left out when this value is null
  std::uint32_t parent = 0;
  // Lists by index, 0 ends them: children (or the pieces of an attribute's value), attributes.
  std::uint32_t first_child = 0;
  std::uint32_t last_child = 0;
  std::uint32_t first_attribute = 0;
  std::uint32_t last_attribute = 0;
  std::uint32_t next = 0;
};

// Nodes in the order in which they were met, so parents stand before their children. Node 0 holds
// the outermost elements. Texts belong to others. Reused: clear() keeps the memory.
class XmlTree {
 public:
  XmlTree() { clear(); }
  void clear() { nodes_.assign(1, XmlNode()); }
  // Appends a node to the children or, when it is an attribute, to the attributes of `parent`.
  std::uint32_t add(std::uint32_t parent, const XmlNode& node);
  // Appends a node that no list holds: it and all below it are left out.
  std::uint32_t add_left_out(const XmlNode& node);

  const XmlNode& operator[](std::uint32_t index) const { return nodes_[index]; }
  void set_value(std::uint32_t index, const event::Value& value) { nodes_[index].value = value; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(nodes_.size()); }

 private:
  std::vector<XmlNode> nodes_;
};

bool is_data_container(std::string_view name);  // EventData, UserData

// The value of a list of pieces (texts): the only one that is not empty as it is, else all of them
// joined as UTF-8 in `arena`. Kind kAbsent when there is no text at all.
event::Value join_pieces(const XmlTree& tree, std::uint32_t first, Arena& arena);

// Writes the fields of a tree: nested elements become dotted paths; attributes stand under
// "#attributes", the text of an element that is more than text under "#text" (and fills the slots
// of the element's own path too); <Data Name="X"> in EventData or UserData is X, nameless <Data>
// together are Data.#text; the second sibling of the same name becomes name_1; an empty element is
// null. An object fills the slots of its own path as Kind::kStructure.
class XmlFieldWriter {
 public:
  static constexpr std::size_t kPathBytesMax = std::size_t{16} << 20;

  // `everything` may be null. All outlive the writer. Keys are followed one by one, so that "*"
  // works.
  XmlFieldWriter(const event::FieldTree& tree, event::Event& event,
                 std::vector<event::NamedValue>* everything)
      : tree_(&tree), event_(&event), everything_(everything), arena_(event.arena()) {}
  // Fills no slots, only the list.
  XmlFieldWriter(Arena& arena, std::vector<event::NamedValue>& everything)
      : everything_(&everything), arena_(arena) {}
  // Whole dotted paths go to `writer`.
  explicit XmlFieldWriter(event::FieldWriter& writer) : writer_(&writer), arena_(writer.arena()) {}

  // False when the paths of all values together exceed kPathBytesMax; the rest is not listed then.
  bool write(const XmlTree& tree);

 private:
  using Node = event::FieldTree::Node;
  enum class Put : std::uint8_t { kSet, kAppend };
  enum class List : std::uint8_t { kAll, kSlotsOnly };
  // How the <Data> children of an element are keyed.
  enum class DataKeys : std::uint8_t { kOrdinary, kNamed, kPositional };
  struct Frame {
    std::uint32_t next_child = 0;
    std::uint32_t element = 0;
    Node node = 0;
    std::size_t path_size = 0;
    DataKeys data_keys = DataKeys::kOrdinary;
    std::string_view last_data_name;  // for runs of one name; views into the tree's texts
  };

  bool wanted(Node node) const {
    return node != event::FieldTree::kNone || everything_ != nullptr || writer_ != nullptr;
  }
  Node child(Node node, std::string_view key) const;
  void push_key(std::string_view key);
  std::uint32_t repetition(std::uint32_t parent, std::string_view name, std::uint64_t kind);
  DataKeys data_keys(const XmlNode& element);
  void write_child(Frame& frame, const XmlNode& element, std::uint32_t index);
  void write_data(Frame& frame, const XmlNode& element, std::uint32_t index);
  void write_element(Node node, const XmlNode& element, std::uint32_t index);
  void write_attributes(Node node, const XmlNode& element);
  void write_text(Node node, const XmlNode& element, Put put, List list);
  void put_value(Node node, const event::Value& value, Put put, List list);
  void fill_slots(Node node, const event::Value& value, Put put);
  void descend(Node node, const XmlNode& element, std::uint32_t index);

  const event::FieldTree* tree_ = nullptr;
  event::Event* event_ = nullptr;
  std::vector<event::NamedValue>* everything_ = nullptr;
  event::FieldWriter* writer_ = nullptr;
  Arena& arena_;
  const XmlTree* xml_ = nullptr;
  std::string path_;
  std::size_t path_bytes_ = 0;
  std::vector<Frame> frames_;
  // How often a key was met below a parent, by the hash of both.
  std::unordered_map<std::uint64_t, std::uint32_t> seen_;
};

}  // namespace vedette::formats::logs
