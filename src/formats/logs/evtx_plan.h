// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "base/limits.h"
#include "event/event.h"
#include "event/field_tree.h"
#include "formats/logs/evtx_binxml.h"
#include "formats/logs/evtx_listing.h"
#include "formats/logs/windows_xml_tree.h"

// A record of an event log is nearly always a template and a table of values. A Plan is what such a
// template means for a FieldTree: which value fills which slots, and what the template itself puts
// into slots. Filling an event is then one walk over the table of values.
namespace vedette::formats::logs::evtx {

// Where a template's elements are put: the element around them.
struct PlanPlace {
  event::FieldTree::Node node = event::FieldTree::kRoot;
  std::uint32_t element = 0;  // in the template's tree
  std::string_view path;      // once the listing is compiled
  bool data_container = false;
  std::vector<std::string> siblings;  // elements that already stand there
};

struct PlanStep {
  enum class Kind : std::uint8_t {
    kStatic,   // puts statics[first_target]
    kOne,      // a value that fills one slot
    kGeneral,  // all others
  };
  enum class WhenEmpty : std::uint8_t { kNothing, kNull, kEmptyText };
  static constexpr std::uint32_t kNoPlace = 0xFFFFFFFF;
  static constexpr std::uint16_t kNoSubstitution = 0xFFFF;  // no table has so many values

  Kind kind = Kind::kGeneral;
  std::uint16_t substitution = 0;
  WhenEmpty when_empty = WhenEmpty::kNothing;
  bool null_leaves_out = false;  // a null value takes its element away
  bool append = false;           // one of several values of a field
  bool content = false;          // of an element, so an array is several values
  bool among_elements = false;   // text here would be mixed with elements
  std::uint32_t first_target = 0;
  std::uint32_t target_count = 0;
  // Behind those: targets that count only when one of these values, attributes, is not empty; an
  // element with attributes is an object, also without text.
  std::uint32_t text_target_count = 0;
  std::uint32_t first_attribute = 0;
  std::uint32_t attribute_count = 0;
  event::FieldTree::Target target;  // the first one
  std::uint32_t place = kNoPlace;   // of embedded binary XML
};

struct Plan {
  struct Static {
    event::Slot slot = event::kNoSlot;
    event::Value value;
  };

  bool irregular = false;       // not expressible: walk the tree
  std::vector<PlanStep> steps;  // in the order of the template
  std::vector<PlanStep> busy;   // those that do something when no value is binary XML
  std::vector<event::FieldTree::Target> targets;
  std::vector<Static> statics;
  std::vector<std::uint16_t> attributes;  // of all steps
  std::vector<std::uint16_t> required;    // walk the tree when one of these values is null
  std::vector<PlanPlace> places;
  Listing listing;
  std::string_view static_text;  // of this template and the ones around it, line by line

  // Held in the vectors that grow with the template.
  std::size_t memory_bytes() const {
    return (steps.size() + busy.size()) * sizeof(PlanStep) + targets.size() * sizeof(targets[0]) +
           statics.size() * sizeof(Static) + listing.entries.size() * sizeof(ListingEntry);
  }
};

// What a template definition says, whatever chunk it stands in: the same plan serves all equal
// ones.
class DefinitionPrint {
 public:
  // `marks` as TreeBuilder gave them.
  DefinitionPrint(std::string_view chunk, std::size_t definition,
                  const std::vector<DefinitionMark>& marks);
  bool equals(std::string_view chunk, std::size_t definition) const;

 private:
  // Literal bytes, then 32 bits that are skipped or refer to a name.
  struct Part {
    std::uint32_t literal = 0;  // in bytes_
    std::uint32_t literal_size = 0;
    std::uint32_t name = 0;        // in bytes_: count, characters, NUL
    std::uint32_t name_size = 0;   // 0: skipped
    std::uint32_t name_index = 0;  // among the different names, kNamesMax beyond them
  };
  // Names that are compared once for all places that refer to them; the others each time.
  static constexpr std::uint32_t kNamesMax = 64;

  bool usable_ = true;
  std::string bytes_;
  std::vector<Part> parts_;
};

// Where the values of a template instance lie. Reused, so a steady state allocates nothing.
class InstanceValues {
 public:
  // False when they do not all lie before `end`, or when more than the end of the binary XML
  // follows them. `chunk` and `instance` are used as long as values are asked for.
  bool read(std::string_view chunk, const TemplateInstance& instance, std::size_t end) {
    chunk_ = chunk.data();
    descriptors_ = chunk_ + instance.descriptors;
    count_ = instance.value_count;
    if (offsets_.size() < count_) offsets_.resize(count_);
    std::size_t at = instance.values;
    bool any_xml = false;
    for (std::size_t i = 0; i < count_; ++i) {
      offsets_[i] = static_cast<std::uint32_t>(at);
      at += size_of(i);
      any_xml |= type_of(i) == static_cast<std::uint8_t>(ValueType::kBinXml);
    }
    any_xml_ = any_xml;
    return at == end || (at < end && chunk_[at] == 0);
  }

  bool any_xml() const { return any_xml_; }  // binary, embedded
  // Those past the table are null.
  RawValue operator[](std::size_t index) const {
    if (index >= count_) return {};
    return {type_of(index), {chunk_ + offsets_[index], size_of(index)}};
  }
  bool is_null(std::size_t index) const { return index < count_ && type_of(index) == 0; }

 private:
  std::uint8_t type_of(std::size_t index) const {
    return static_cast<std::uint8_t>(descriptors_[index * kDescriptorSize + 2]);
  }
  std::size_t size_of(std::size_t index) const {
    std::uint16_t size;
    std::memcpy(&size, descriptors_ + index * kDescriptorSize, sizeof size);
    return size;
  }

  const char* chunk_ = nullptr;        // the caller's, see read()
  const char* descriptors_ = nullptr;  // in it
  std::size_t count_ = 0;
  bool any_xml_ = false;
  std::vector<std::uint32_t> offsets_;
};

enum class PlanResult : std::uint8_t { kDone, kWalk };

// Embedded binary XML that a plan met.
struct EmbeddedXml {
  RawValue value;  // of no type: none was met
  const PlanPlace* place = nullptr;
};

// Fills `event` from the values of a template instance.
PlanResult run_plan(const Plan& plan, const InstanceValues& values, event::Event& event,
                    EmbeddedXml& embedded);

// The plans of the templates of one chunk after another. A template that stood in an earlier chunk
// is compared, which is much quicker than compiling it. Not thread-safe.
class PlanCache {
 public:
  // Both outlive the cache. Plans live until the next start_chunk().
  PlanCache(const event::FieldTree& tree, const Limits& limits);

  void start_chunk(std::string_view chunk);
  // The plan of the template at an offset of the chunk, for elements in `place` of `parent` (both
  // null for the outermost template). Null when the template cannot be read or there are too many.
  const Plan* find(std::uint32_t definition, const Plan* parent, const PlanPlace* place);

 private:
  static constexpr std::size_t kTableSize = 512;
  static constexpr std::size_t kCompiledPerChunkMax = kTableSize / 2;
  static constexpr std::size_t kPlansMax = 1024;
  static constexpr std::size_t kBytesMax = std::size_t{16} << 20;
  static constexpr std::size_t kCandidatesMax = 8;

  struct Entry {
    std::uint32_t chunk = 0;  // number of the chunk for which the entry holds
    std::uint32_t definition = 0;
    const PlanPlace* place = nullptr;
    const Plan* plan = nullptr;
  };
  // A plan of some chunk, and what it was made from.
  struct Known {
    const PlanPlace* place;
    DefinitionPrint print;
    std::unique_ptr<Plan> plan;
  };

  std::size_t bytes_held() const { return plan_bytes_ + texts_.capacity_bytes(); }
  const Plan* find_known(std::uint32_t definition, const Plan* parent, const PlanPlace* place);
  std::unique_ptr<Plan> compile(std::uint32_t definition, const Plan* parent,
                                const PlanPlace* place);

  const event::FieldTree& tree_;
  Limits limits_;
  std::string_view chunk_;
  std::uint32_t chunk_number_ = 0;
  std::array<Entry, kTableSize> table_;
  std::size_t compiled_ = 0;                                     // in this chunk
  std::unordered_map<std::uint64_t, std::vector<Known>> known_;  // by GUID and place
  std::size_t plan_count_ = 0;
  std::size_t plan_bytes_ = 0;
  Arena texts_;
  Arena scratch_;
  XmlTree xml_;
  std::vector<DefinitionMark> marks_;
};

}  // namespace vedette::formats::logs::evtx
