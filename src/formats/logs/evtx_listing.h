// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "base/limits.h"
#include "event/value.h"
#include "formats/logs/evtx_binxml.h"
#include "formats/logs/windows_xml_tree.h"

// The list of everything that an event holds, without a tree for each record: what a template's
// elements are called is worked out once, a record adds its values.
namespace vedette::formats::logs::evtx {

struct ListingEntry {
  enum class Kind : std::uint8_t {
    kRequired,   // only the tree can tell when the value is null
    kElement,    // left out, up to `behind`, when the value is null
    kConstant,   // `value`
    kAttribute,  // the value, unless it is empty
    kContent,    // of an element without elements: the value; null without value and attributes
    kText,       // the same with the template's own text
    kData,       // the value, or empty text
    kEmbedded,   // binary XML among elements
  };
  Kind kind = Kind::kElement;
  bool first = false;       // of an element: no attribute was listed yet
  bool attributes = false;  // the template itself gives the element some
  std::uint16_t substitution = 0;
  std::uint32_t behind = 0;
  std::string_view path;
  std::string_view text_path;  // where the text stands when the element has attributes
  event::Value value;
};

// Lists what XmlFieldWriter would list, in its order. Immutable once compiled.
struct Listing {
  bool irregular = true;  // build the tree
  std::vector<ListingEntry> entries;
  // What TreeBuilder spends on the template itself, and how deep its elements are nested.
  std::size_t values = 0;
  std::size_t bytes = 0;
  std::size_t depth = 0;
};

// Bytes of all paths of one template, the real ones have a few thousand.
constexpr std::size_t kListingPathsMax = std::size_t{1} << 16;

class ListingCompiler {
 public:
  // `prefix`: the path of the element around the template, "" for none. Paths and texts are copied
  // into `texts`. All outlive the compiler; `texts` the listing too.
  ListingCompiler(const XmlTree& xml, std::string_view prefix, Arena& texts, Arena& scratch,
                  Listing& listing)
      : xml_(xml), prefix_(prefix), texts_(texts), scratch_(scratch), listing_(listing) {}

  void compile();
  // The path of an element of the template, once it is compiled; of a regular listing.
  std::string_view path(std::uint32_t element) const { return infos_[element].path; }

 private:
  using Kind = ListingEntry::Kind;
  enum class DataKeys : std::uint8_t { kOrdinary, kNamed, kPositional };
  struct Info {
    std::string_view path;
    DataKeys data_keys = DataKeys::kOrdinary;
    std::string_view last_data_name;
    std::size_t depth = 0;
    bool any_dependent = false;  // elements in it, that may be left out
    bool all_dependent = false;
  };
  // What stands in an element or an attribute's value.
  struct Content {
    std::size_t elements = 0;
    std::size_t dependent = 0;  // elements that may be left out
    std::size_t texts = 0;
    std::size_t substitutions = 0;
    std::uint16_t substitution = 0;  // the last one
  };
  struct Open {
    std::uint32_t next_child = 0;
    std::uint32_t entry = kNoEntry;  // its kElement
  };
  static constexpr std::uint32_t kNoEntry = 0xFFFFFFFF;

  Content content_of(std::uint32_t first) const;
  std::uint32_t name_pieces(const XmlNode& element) const;
  std::string_view make_path(std::string_view parent, std::string_view key);
  event::Value text_of(std::uint32_t first);
  std::string_view key_of(const XmlNode& element, std::string_view name, std::uint64_t kind);
  void open(std::uint32_t index);
  void add_element(std::uint32_t index, const XmlNode& element);
  void add_data(std::uint32_t index, const XmlNode& element);
  void add_leaf(const XmlNode& element, const Info& info, const Content& content, bool attributes,
                bool varying);
  void add_attributes(const XmlNode& element, const Info& info, bool& attributes, bool& varying);
  DataKeys data_keys(const XmlNode& element);
  ListingEntry& add(Kind kind, std::string_view path);

  const XmlTree& xml_;
  std::string_view prefix_;
  Arena& texts_;
  Arena& scratch_;
  Listing& listing_;
  std::vector<Info> infos_;
  std::vector<Open> open_;
  std::unordered_map<std::uint64_t, std::uint32_t> seen_;
  std::size_t path_bytes_ = 0;
};

// A template instance of a record, as it was decoded.
struct ListedInstance {
  const Listing* listing = nullptr;
  TemplateInstance instance;
  std::size_t begin = 0;  // of the binary XML in which it stands
};

// Lists records whose instances, from the outermost inwards, a plan has decoded: all their values
// lie in the chunk. Reused, so that a steady state allocates nothing.
class Lister {
 public:
  // False, with nothing appended, when only the tree can tell.
  bool list(std::string_view chunk, std::span<const ListedInstance> instances, const Limits& limits,
            Arena& arena, std::vector<event::NamedValue>& out);

 private:
  struct Level {
    const Listing* listing = nullptr;
    std::size_t first_value = 0;
    std::size_t value_count = 0;
    std::size_t value_bytes = 0;
    std::size_t next = 0;     // entry
    bool attributed = false;  // the element at hand has a listed attribute that is no constant
  };
  enum class Step : std::uint8_t { kDone, kDescend, kTree };

  Step descend(std::span<const ListedInstance> instances);
  RawValue value(const Level& level, const ListingEntry& entry) const;
  bool is_null(const Level& level, const ListingEntry& entry) const;
  Step step(Level& level, const ListingEntry& entry);
  void leave_out(Level& level, const ListingEntry& entry);
  Step embed(const RawValue& raw);
  Step step_value(Level& level, const ListingEntry& entry, const RawValue& raw);
  void add_value(const RawValue& raw, std::string_view path);
  void add(std::string_view path, const event::Value& value) {
    path_bytes_ += path.size();
    out_->push_back({path, value});
  }
  bool within(const Limits& limits) const;

  std::string_view chunk_;
  Arena* arena_ = nullptr;                         // during list()
  std::vector<event::NamedValue>* out_ = nullptr;  // during list()
  std::vector<Level> levels_;
  std::vector<RawValue> values_;  // of all instances
  std::size_t opened_ = 0;        // instances
  std::size_t embedded_ = 0;      // where the binary XML begins that step() met last
  std::size_t values_spent_ = 0;  // as TreeBuilder counts, or more
  std::size_t bytes_spent_ = 0;
  std::size_t path_bytes_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace vedette::formats::logs::evtx
