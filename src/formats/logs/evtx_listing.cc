// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/evtx_listing.h"

#include <algorithm>
#include <cstring>

#include "base/hash.h"
#include "formats/logs/evtx_value.h"

namespace vedette::formats::logs::evtx {
namespace {

using event::Value;

constexpr std::uint64_t kElementKeys = 0;
constexpr std::uint64_t kDataKeys = 1;
constexpr std::uint16_t kNoDependency = 0xFFFF;
// A value that is no UTF-16 grows at most to that many bytes for one, see TreeBuilder::add_value().
constexpr std::size_t kGrowthMax = 3;
// Tokens of the stream in which an instance stands: its header, the instance, its end.
constexpr std::size_t kTokensAround = 4;

}  // namespace

void ListingCompiler::compile() {
  listing_.irregular = false;
  infos_.assign(xml_.size(), Info());
  infos_[0].path = make_path({}, prefix_);
  infos_[0].any_dependent = content_of(xml_[0].first_child).dependent != 0;
  open_.assign(1, {xml_[0].first_child, kNoEntry});
  while (!open_.empty() && !listing_.irregular) {
    const std::uint32_t index = open_.back().next_child;
    if (index == 0) {
      if (open_.back().entry != kNoEntry) {
        listing_.entries[open_.back().entry].behind =
            static_cast<std::uint32_t>(listing_.entries.size());
      }
      open_.pop_back();
      continue;
    }
    open_.back().next_child = xml_[index].next;
    open(index);
  }
  if (path_bytes_ > kListingPathsMax) listing_.irregular = true;
  if (listing_.irregular) listing_.entries.clear();
}

// One node of the content of an element that holds elements.
void ListingCompiler::open(std::uint32_t index) {
  const XmlNode& node = xml_[index];
  const Info& parent = infos_[node.parent];
  if (node.kind == XmlNode::Kind::kSubstitution) {
    add(Kind::kEmbedded, parent.path).substitution = node.substitution;
    return;
  }
  if (node.kind != XmlNode::Kind::kElement) return;
  infos_[index].depth = parent.depth + 1;
  listing_.depth = std::max(listing_.depth, parent.depth + 1);
  std::uint32_t entry = kNoEntry;
  if (node.dependency != kNoDependency) {
    entry = static_cast<std::uint32_t>(listing_.entries.size());
    // An element without any elements would be listed like one that never has them.
    const bool required = node.parent == 0 || parent.all_dependent;
    add(required ? Kind::kRequired : Kind::kElement, {}).substitution = node.dependency;
  }
  const auto first = listing_.entries.size();
  open_.push_back({0, entry});
  if (parent.data_keys != DataKeys::kOrdinary && node.name == "Data") {
    add_data(index, node);
  } else {
    add_element(index, node);
  }
  if (first < listing_.entries.size()) listing_.entries[first].first = true;
}

ListingEntry& ListingCompiler::add(Kind kind, std::string_view path) {
  ListingEntry& entry = listing_.entries.emplace_back();
  entry.kind = kind;
  entry.path = path;
  return entry;
}

ListingCompiler::Content ListingCompiler::content_of(std::uint32_t first) const {
  Content content;
  for (std::uint32_t at = first; at != 0; at = xml_[at].next) {
    const XmlNode& node = xml_[at];
    if (node.kind == XmlNode::Kind::kElement) {
      ++content.elements;
      if (node.dependency != kNoDependency) ++content.dependent;
    }
    if (node.kind == XmlNode::Kind::kText && node.value.size != 0) ++content.texts;
    if (node.kind == XmlNode::Kind::kSubstitution) {
      ++content.substitutions;
      content.substitution = node.substitution;
    }
  }
  return content;
}

std::uint32_t ListingCompiler::name_pieces(const XmlNode& element) const {
  for (std::uint32_t at = element.first_attribute; at != 0; at = xml_[at].next) {
    if (xml_[at].name == "Name") return xml_[at].first_child;
  }
  return 0;
}

std::string_view ListingCompiler::make_path(std::string_view parent, std::string_view key) {
  const std::size_t size = parent.empty() ? key.size() : parent.size() + 1 + key.size();
  path_bytes_ += size;
  if (path_bytes_ > kListingPathsMax) {
    listing_.irregular = true;
    return {};
  }
  std::string path(parent);
  if (!parent.empty()) path += '.';
  path += key;
  return texts_.copy(path);
}

// Empty text when there is none.
Value ListingCompiler::text_of(std::uint32_t first) {
  const Value value = join_pieces(xml_, first, scratch_);
  if (value.kind == event::Kind::kAbsent) return event::plain({});
  return event::plain(texts_.copy(event::text_of(value, scratch_)), value.kind);
}

// The name, numbered when it was met before in the same element.
std::string_view ListingCompiler::key_of(const XmlNode& element, std::string_view name,
                                         std::uint64_t kind) {
  const std::uint32_t count = seen_[hash_bytes(name, std::uint64_t{element.parent} * 2 + kind)]++;
  if (count == 0) return name;
  // The number depends on which elements are left out.
  if (infos_[element.parent].any_dependent) listing_.irregular = true;
  return scratch_.copy(std::string(name) + "_" + std::to_string(count));
}

void ListingCompiler::add_element(std::uint32_t index, const XmlNode& element) {
  Info& info = infos_[index];
  info.path = make_path(infos_[element.parent].path, key_of(element, element.name, kElementKeys));
  info.data_keys = data_keys(element);
  bool attributes = false;
  bool varying = false;
  add_attributes(element, info, attributes, varying);
  const Content content = content_of(element.first_child);
  if (content.elements == 0) {
    add_leaf(element, info, content, attributes, varying);
    return;
  }
  if (content.texts != 0 || content.substitutions > 1) listing_.irregular = true;
  info.any_dependent = content.dependent != 0;
  info.all_dependent = content.dependent == content.elements;
  open_.back().next_child = element.first_child;
}

void ListingCompiler::add_attributes(const XmlNode& element, const Info& info, bool& attributes,
                                     bool& varying) {
  std::string_view above;
  for (std::uint32_t at = element.first_attribute; at != 0; at = xml_[at].next) {
    const Content content = content_of(xml_[at].first_child);
    if (content.texts + content.substitutions == 0) continue;
    if (above.empty()) above = make_path(info.path, "#attributes");
    const std::string_view path = make_path(above, xml_[at].name);
    if (content.substitutions == 0) {
      attributes = true;
      add(Kind::kConstant, path).value = text_of(xml_[at].first_child);
    } else if (content.substitutions == 1 && content.texts == 0) {
      varying = true;
      add(Kind::kAttribute, path).substitution = content.substitution;
    } else {
      listing_.irregular = true;
    }
  }
}

void ListingCompiler::add_leaf(const XmlNode& element, const Info& info, const Content& content,
                               bool attributes, bool varying) {
  if (content.substitutions + (content.texts != 0 ? 1 : 0) > 1) listing_.irregular = true;
  if (attributes && content.substitutions + content.texts == 0) return;
  const std::string_view text_path =
      attributes || varying ? make_path(info.path, "#text") : std::string_view();
  ListingEntry& entry = add(content.substitutions != 0 ? Kind::kContent : Kind::kText, info.path);
  entry.text_path = text_path;
  entry.attributes = attributes;
  entry.substitution = content.substitution;
  entry.value = event::plain({}, event::Kind::kNull);
  if (content.texts != 0) entry.value = text_of(element.first_child);
}

void ListingCompiler::add_data(std::uint32_t index, const XmlNode& element) {
  Info& parent = infos_[element.parent];
  const Content content = content_of(element.first_child);
  std::string_view path;
  if (parent.data_keys == DataKeys::kPositional) {
    path = make_path(make_path(parent.path, "Data"), "#text");
  } else {
    const std::string_view name = text_of(name_pieces(element)).bytes();
    if (name.empty()) return;
    std::string_view key = name;
    const bool run = name == parent.last_data_name;
    if (!run) key = key_of(element, name, kDataKeys);
    parent.last_data_name = name;
    path = make_path(parent.path, key);
  }
  infos_[index].path = path;
  if (content.elements != 0 || content.substitutions + (content.texts != 0 ? 1 : 0) > 1) {
    listing_.irregular = true;
  } else if (content.substitutions != 0) {
    add(Kind::kData, path).substitution = content.substitution;
  } else {
    add(Kind::kConstant, path).value = text_of(element.first_child);
  }
}

ListingCompiler::DataKeys ListingCompiler::data_keys(const XmlNode& element) {
  if (!is_data_container(element.name)) return DataKeys::kOrdinary;
  std::size_t named = 0;
  std::size_t nameless = 0;
  for (std::uint32_t at = element.first_child; at != 0; at = xml_[at].next) {
    if (xml_[at].kind != XmlNode::Kind::kElement || xml_[at].name != "Data") continue;
    const Content name = content_of(name_pieces(xml_[at]));
    if (name.substitutions != 0) listing_.irregular = true;
    ++(name.texts != 0 ? named : nameless);
  }
  // When the named ones can be left out, the others' keys depend on it.
  if (named != 0 && nameless != 0 && content_of(element.first_child).dependent != 0) {
    listing_.irregular = true;
  }
  return named != 0 ? DataKeys::kNamed : DataKeys::kPositional;
}

bool Lister::list(std::string_view chunk, std::span<const ListedInstance> instances,
                  const Limits& limits, Arena& arena, std::vector<event::NamedValue>& out) {
  const std::size_t before = out.size();
  chunk_ = chunk;
  arena_ = &arena;
  out_ = &out;
  levels_.clear();
  values_.clear();
  opened_ = values_spent_ = bytes_spent_ = path_bytes_ = depth_ = 0;
  Step result = descend(instances);
  while (result != Step::kTree && !levels_.empty()) {
    Level& level = levels_.back();
    if (level.next == level.listing->entries.size()) {
      levels_.pop_back();
      continue;
    }
    const std::size_t index = level.next++;
    result = step(level, level.listing->entries[index]);
    if (result == Step::kDescend) result = descend(instances);
  }
  values_spent_ += out.size() - before;
  if (result != Step::kTree && opened_ == instances.size() && within(limits)) return true;
  out.resize(before);
  return false;
}

// What is embedded must be what the plans followed.
Lister::Step Lister::descend(std::span<const ListedInstance> instances) {
  if (opened_ == instances.size()) return Step::kTree;
  const ListedInstance& opened = instances[opened_];
  if (opened.listing->irregular || (opened_ != 0 && opened.begin != embedded_)) return Step::kTree;
  ++opened_;
  Level& level = levels_.emplace_back();
  level.listing = opened.listing;
  level.first_value = values_.size();
  level.value_count = opened.instance.value_count;
  const char* descriptor = chunk_.data() + opened.instance.descriptors;
  const char* const first = chunk_.data() + opened.instance.values;
  const char* at = first;
  for (std::size_t i = 0; i < level.value_count; ++i, descriptor += kDescriptorSize) {
    std::uint16_t size;
    std::memcpy(&size, descriptor, sizeof size);
    values_.push_back({static_cast<std::uint8_t>(descriptor[2]), {at, size}});
    at += size;
  }
  level.value_bytes = static_cast<std::size_t>(at - first);
  values_spent_ +=
      opened.listing->values + opened.listing->entries.size() + level.value_count + kTokensAround;
  bytes_spent_ += opened.listing->bytes;
  depth_ += opened.listing->depth;
  return Step::kDone;
}

// Whether TreeBuilder would have stayed within its limits too, by a guess that is never too low.
bool Lister::within(const Limits& limits) const {
  return values_spent_ <= limits.values_max && bytes_spent_ <= limits.record_bytes_max &&
         depth_ <= limits.depth_max && opened_ * 2 < limits.depth_max &&
         path_bytes_ <= XmlFieldWriter::kPathBytesMax;
}

RawValue Lister::value(const Level& level, const ListingEntry& entry) const {
  if (entry.substitution >= level.value_count) return {};
  return values_[level.first_value + entry.substitution];
}

// An element may depend on values that are null, not on those past the table.
bool Lister::is_null(const Level& level, const ListingEntry& entry) const {
  return entry.substitution < level.value_count && value(level, entry).is(ValueType::kNull);
}

Lister::Step Lister::step(Level& level, const ListingEntry& entry) {
  if (entry.first) level.attributed = false;
  switch (entry.kind) {
    case ListingEntry::Kind::kConstant:
      add(entry.path, entry.value);
      return Step::kDone;
    case ListingEntry::Kind::kText:
      if (entry.value.kind != event::Kind::kNull) {
        add(entry.attributes || level.attributed ? entry.text_path : entry.path, entry.value);
      } else if (!level.attributed) {
        add(entry.path, entry.value);
      }
      return Step::kDone;
    case ListingEntry::Kind::kRequired:
      return is_null(level, entry) ? Step::kTree : Step::kDone;
    case ListingEntry::Kind::kElement:
      if (is_null(level, entry)) leave_out(level, entry);
      return Step::kDone;
    default:
      return step_value(level, entry, value(level, entry));
  }
}

Lister::Step Lister::step_value(Level& level, const ListingEntry& entry, const RawValue& raw) {
  const bool content = entry.kind == ListingEntry::Kind::kContent;
  const bool attributes = entry.attributes || level.attributed;
  const std::string_view path = content && attributes ? entry.text_path : entry.path;
  if (raw.is(ValueType::kString) && entry.kind != ListingEntry::Kind::kEmbedded) {
    const std::string_view text = trim_utf16(raw.bytes);
    if (!text.empty()) {
      bytes_spent_ += raw.bytes.size();
      add(path, utf16_value(text));
      level.attributed |= entry.kind == ListingEntry::Kind::kAttribute;
      return Step::kDone;
    }
  } else if (!is_empty(raw)) {
    if (raw.is(ValueType::kBinXml)) {
      const bool elements = content || entry.kind == ListingEntry::Kind::kEmbedded;
      return elements ? embed(raw) : Step::kTree;
    }
    if (entry.kind == ListingEntry::Kind::kEmbedded) return Step::kTree;
    if (entry.kind == ListingEntry::Kind::kAttribute) {
      if (raw.is_array()) return Step::kTree;
      level.attributed = true;
    }
    add_value(raw, path);
    return Step::kDone;
  }
  if (entry.kind == ListingEntry::Kind::kData) add(path, event::plain({}));
  if (content && !attributes) add(path, entry.value);
  return Step::kDone;
}

// The tree holds what is left out, too.
void Lister::leave_out(Level& level, const ListingEntry& entry) {
  const std::size_t entries = entry.behind - level.next;
  values_spent_ += entries * level.value_bytes;
  bytes_spent_ += entries * level.value_bytes * kGrowthMax;
  level.next = entry.behind;
}

Lister::Step Lister::embed(const RawValue& raw) {
  embedded_ = static_cast<std::size_t>(raw.bytes.data() - chunk_.data());
  return Step::kDescend;
}

// A value that is not empty; an array is several.
void Lister::add_value(const RawValue& raw, std::string_view path) {
  bytes_spent_ += raw.bytes.size() * kGrowthMax;
  if (!raw.is_array()) {
    add(path, make_value(raw, *arena_));
    return;
  }
  std::string_view rest = raw.bytes;
  RawValue element;
  while (take_element(raw.type, rest, element)) {
    const Value one = make_value(element, *arena_);
    add(path, one.size == 0 ? event::plain({}) : one);
  }
}

}  // namespace vedette::formats::logs::evtx
