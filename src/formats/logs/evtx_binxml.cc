// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/evtx_binxml.h"

#include <array>
#include <fmt/format.h>

#include "base/unicode.h"

namespace vedette::formats::logs::evtx {
namespace {

// MS-EVEN6 section 2.2.12, without the flag kMore that some tokens may carry.
enum Token : std::uint8_t {
  kEndOfStream = 0x00,
  kOpenStart = 0x01,
  kCloseStart = 0x02,
  kCloseEmpty = 0x03,
  kEndElement = 0x04,
  kValue = 0x05,
  kAttribute = 0x06,
  kCData = 0x07,
  kCharacter = 0x08,
  kEntity = 0x09,
  kInstructionTarget = 0x0A,
  kInstructionData = 0x0B,
  kTemplateInstance = 0x0C,
  kSubstitution = 0x0D,
  kOptionalSubstitution = 0x0E,
  kFragmentHeader = 0x0F,
};
constexpr std::uint8_t kMore = 0x40;

// Names in real templates are a few words; the bound keeps one long name from being copied for
// each of thousands of elements.
constexpr std::size_t kNameUnitsMax = 1024;

}  // namespace

bool definition_bounds(std::string_view chunk, std::size_t definition, std::size_t& begin,
                       std::size_t& end) {
  Cursor cursor(chunk, definition, chunk.size());
  cursor.take(kDefinitionHeaderSize - 4);
  const std::size_t size = cursor.u32();
  begin = cursor.at();
  cursor.take(size);
  end = cursor.at();
  return cursor.ok();
}

Result<void> TreeBuilder::build_record(std::size_t begin, std::size_t end) {
  resolve_ = true;
  streams_.push_back({begin, end, false, 0, 0, 0, 0});
  return run();
}

Result<void> TreeBuilder::build_definition(std::size_t definition,
                                           std::vector<DefinitionMark>& marks) {
  resolve_ = false;
  marks_ = &marks;
  Stream stream;
  stream.definition = true;
  if (!definition_bounds(chunk_, definition, stream.at, stream.end)) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("the template at offset {} of its chunk does not lie in the chunk",
                               definition));
  }
  streams_.push_back(stream);
  return run();
}

Result<void> TreeBuilder::run() {
  while (!streams_.empty()) {
    // Streams may refer to the same bytes again, so the work is bounded by itself.
    TRY_VOID(spend(1, 0));
    Stream& stream = streams_.back();
    Cursor cursor(chunk_, stream.at, stream.end);
    const std::uint8_t next = cursor.done() ? std::uint8_t{kEndOfStream} : cursor.u8();
    if (next == kEndOfStream) {
      element_ = stream.base;
      attribute_ = 0;
      depth_ = stream.depth;
      values_.resize(stream.first_value);
      streams_.pop_back();
      continue;
    }
    const std::size_t at = stream.at;
    const std::size_t level = streams_.size() - 1;
    TRY_VOID(token(stream, static_cast<std::uint8_t>(next & ~kMore), cursor));
    if (!cursor.ok()) {
      return failure(ErrorCode::kTruncated,
                     fmt::format("the binary XML ends within token {:#x} at offset {} of its chunk",
                                 next, at));
    }
    // token() may have opened a stream, and moved them all.
    streams_[level].at = cursor.at();
  }
  return {};
}

Result<void> TreeBuilder::spend(std::size_t values, std::size_t bytes) {
  values_spent_ += values;
  bytes_spent_ += bytes;
  if (values_spent_ <= limits_.values_max && bytes_spent_ <= limits_.record_bytes_max) return {};
  return failure(ErrorCode::kLimit,
                 fmt::format("the event unfolds to more than {} values or {} bytes",
                             limits_.values_max, limits_.record_bytes_max));
}

Result<void> TreeBuilder::token(Stream& stream, std::uint8_t token, Cursor& cursor) {
  switch (token) {
    case kOpenStart:
      return start_element(stream, (chunk_[stream.at] & kMore) != 0, cursor);
    case kCloseStart:
      attribute_ = 0;
      return {};
    case kCloseEmpty:
    case kEndElement:
      return end_element(stream);
    case kValue:
      return add_literal(cursor);
    case kAttribute: {
      XmlNode node;
      node.kind = XmlNode::Kind::kAttribute;
      node.name = name(cursor);
      attribute_ = tree_.add(element_, node);
      return {};
    }
    case kCData:
      return add_literal_text(cursor);
    case kCharacter:
      add_character(cursor.u16());
      return {};
    case kEntity:
      add_entity(name(cursor));
      return {};
    case kInstructionTarget:
      static_cast<void>(name(cursor));
      return {};
    case kInstructionData:
      cursor.take(std::size_t{cursor.u16()} * 2);
      return {};
    case kTemplateInstance:
      return add_instance(stream, cursor);
    case kSubstitution:
    case kOptionalSubstitution:
      return add_substitution(stream, cursor);
    case kFragmentHeader:
      cursor.take(3);
      return {};
    default:
      return failure(ErrorCode::kInvalid,
                     fmt::format("{:#x} at offset {} of its chunk is no token of binary XML", token,
                                 stream.at));
  }
}

Result<void> TreeBuilder::start_element(const Stream& stream, bool with_attributes,
                                        Cursor& cursor) {
  if (depth_ >= limits_.depth_max) {
    return failure(ErrorCode::kLimit,
                   fmt::format("elements are nested deeper than {}", limits_.depth_max));
  }
  XmlNode node;
  if (stream.definition) node.dependency = cursor.u16();
  mark(DefinitionMark::Kind::kSize, cursor);  // the element's
  cursor.take(4);
  node.name = name(cursor);
  if (with_attributes) {
    mark(DefinitionMark::Kind::kSize, cursor);  // the attributes'
    cursor.take(4);
  }
  const bool left_out = resolve_ && node.dependency < stream.value_count &&
                        values_[stream.first_value + node.dependency].is(ValueType::kNull);
  if (left_out) {
    node.parent = element_;
    element_ = tree_.add_left_out(node);
  } else {
    element_ = tree_.add(element_, node);
  }
  attribute_ = 0;
  ++depth_;
  return {};
}

Result<void> TreeBuilder::end_element(const Stream& stream) {
  if (element_ == stream.base) {
    return failure(
        ErrorCode::kInvalid,
        fmt::format("the end of an element at offset {} of its chunk has no start", stream.at));
  }
  element_ = tree_[element_].parent;
  attribute_ = 0;
  --depth_;
  return {};
}

Result<void> TreeBuilder::open_stream(const Stream& stream) {
  if (streams_.size() >= limits_.depth_max) {
    return failure(ErrorCode::kLimit,
                   fmt::format("templates are nested deeper than {}", limits_.depth_max));
  }
  streams_.push_back(stream);
  return {};
}

Result<void> TreeBuilder::add_instance(Stream& stream, Cursor& cursor) {
  mark(DefinitionMark::Kind::kInstance, cursor);
  TemplateInstance instance;
  Stream inner;
  if (!read_instance(chunk_, cursor.at(), stream.end, instance) ||
      !definition_bounds(chunk_, instance.definition, inner.at, inner.end)) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("the template instance at offset {} of its chunk or its definition "
                               "at offset {} does not lie in the chunk",
                               stream.at, instance.definition));
  }
  inner.definition = true;
  inner.first_value = values_.size();
  inner.value_count = instance.value_count;
  inner.base = element_;
  inner.depth = depth_;
  TRY_VOID(spend(inner.value_count, 0));
  Cursor descriptors(chunk_, instance.descriptors, instance.values);
  Cursor values(chunk_, instance.values, stream.end);
  for (std::size_t i = 0; i < inner.value_count; ++i) {
    const std::size_t size = descriptors.u16();
    const std::uint8_t type = descriptors.u8();
    descriptors.u8();
    values_.push_back({type, values.take(size)});
  }
  // Values that are cut off stay empty, the others count.
  cursor.take((values.ok() ? values.at() : stream.end) - cursor.at());
  return open_stream(inner);
}

Result<void> TreeBuilder::add_substitution(const Stream& stream, Cursor& cursor) {
  const std::uint16_t index = cursor.u16();
  cursor.u8();  // the type it should have; the descriptor says what it has
  if (!resolve_) {
    XmlNode node;
    node.kind = XmlNode::Kind::kSubstitution;
    node.substitution = index;
    tree_.add(attribute_ != 0 ? attribute_ : element_, node);
    return {};
  }
  if (index >= stream.value_count) return {};
  return add_raw_value(stream, values_[stream.first_value + index]);
}

Result<void> TreeBuilder::add_raw_value(const Stream& stream, const RawValue& raw) {
  if (is_empty(raw)) return {};
  if (raw.is(ValueType::kBinXml)) {
    if (attribute_ != 0) return {};  // elements have no place in an attribute
    Stream inner;
    inner.at = static_cast<std::size_t>(raw.bytes.data() - chunk_.data());
    inner.end = inner.at + raw.bytes.size();
    inner.first_value = stream.first_value + stream.value_count;
    inner.base = element_;
    inner.depth = depth_;
    return open_stream(inner);
  }
  if (!raw.is_array()) return add_value(raw);
  std::string_view rest = raw.bytes;
  RawValue element;
  while (take_element(raw.type, rest, element)) {
    TRY_VOID(add_value(element, true));
  }
  return {};
}

Result<void> TreeBuilder::add_literal(Cursor& cursor) {
  const std::size_t at = cursor.at();
  RawValue raw;
  raw.type = cursor.u8();
  if (raw.is(ValueType::kString)) return add_literal_text(cursor);
  if (raw.is(ValueType::kAnsiString) || raw.is(ValueType::kBinary)) {
    raw.bytes = cursor.take(cursor.u16());
  } else if (!raw.is(ValueType::kNull)) {
    const std::size_t size = fixed_size(raw.type);
    if (size == 0) {
      return failure(ErrorCode::kUnsupported,
                     fmt::format("value type {:#x} at offset {} of its chunk cannot be a literal",
                                 raw.type, at));
    }
    raw.bytes = cursor.take(size);
  }
  return is_empty(raw) ? Result<void>() : add_value(raw);
}

// Blanks count in a template's own text, which may stand beside values.
Result<void> TreeBuilder::add_literal_text(Cursor& cursor) {
  const std::string_view text = until_nul(cursor.take(std::size_t{cursor.u16()} * 2));
  TRY_VOID(spend(1, text.size()));
  if (!text.empty()) add_text(utf16_value(text));
  return {};
}

Result<void> TreeBuilder::add_value(const RawValue& raw, bool of_array) {
  // UTF-16 stays where it is; the longest text that other types grow to is that of a SID.
  const bool in_place = raw.is(ValueType::kString) || raw.is(ValueType::kXml);
  TRY_VOID(spend(1, raw.bytes.size() * (in_place ? 1 : 3)));
  add_text(make_value(raw, arena_), of_array);
  return {};
}

void TreeBuilder::add_text(const event::Value& value, bool of_array) {
  XmlNode node;
  node.kind = XmlNode::Kind::kText;
  node.value = value;
  node.of_array = of_array;
  tree_.add(attribute_ != 0 ? attribute_ : element_, node);
}

void TreeBuilder::add_character(std::uint32_t point) {
  char* out = arena_.allocate(4);
  const std::size_t size = encode_utf8(point, out);
  add_text(event::plain({out, size}));
}

void TreeBuilder::add_entity(std::string_view entity) {
  struct Row {
    std::string_view name;
    std::string_view text;
  };
  constexpr std::array<Row, 5> kEntities = {
      {{"quot", "\""}, {"apos", "'"}, {"amp", "&"}, {"lt", "<"}, {"gt", ">"}}};
  for (const Row& row : kEntities) {
    if (row.name == entity) return add_text(event::plain(row.text));
  }
  add_text(event::plain(arena_.copy(fmt::format("&{};", entity))));
}

// A name is an offset to: next name, hash, count, UTF-16 text, NUL. It may stand right here.
std::string_view TreeBuilder::name(Cursor& cursor) {
  mark(DefinitionMark::Kind::kName, cursor);
  const std::size_t offset = cursor.u32();
  Cursor entry(chunk_, offset, chunk_.size());
  entry.take(6);
  const std::size_t count = entry.u16();
  const std::string_view text = entry.take(count * 2);
  if (!entry.ok() || count > kNameUnitsMax || !spend(0, count * 3)) {
    cursor.take(chunk_.size());  // marks the cursor as failed
    return {};
  }
  if (offset == cursor.at()) cursor.take(8 + count * 2 + 2);
  char* out = arena_.allocate(count * 3);
  const std::size_t size = utf16le_to_utf8(text, out);
  arena_.shrink(out, size);
  return {out, size};
}

}  // namespace vedette::formats::logs::evtx
