// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/limits.h"
#include "base/result.h"
#include "formats/logs/evtx_value.h"
#include "formats/logs/windows_xml_tree.h"

// Binary XML of Windows event logs (MS-EVEN6 section 2.2.12; offsets as the EVTX file format has
// them: 32 bits, from the start of the chunk).
namespace vedette::formats::logs::evtx {

// Reads little-endian numbers from a chunk. Reading past `end` yields zeros and clears ok().
class Cursor {
 public:
  Cursor(std::string_view chunk, std::size_t at, std::size_t end)
      : chunk_(chunk), at_(at), end_(end < chunk.size() ? end : chunk.size()), ok_(at <= end_) {}

  std::uint8_t u8() { return number<std::uint8_t>(); }
  std::uint16_t u16() { return number<std::uint16_t>(); }
  std::uint32_t u32() { return number<std::uint32_t>(); }
  std::uint64_t u64() { return number<std::uint64_t>(); }
  std::string_view take(std::size_t size) {
    if (!ok_ || size > end_ - at_) {
      ok_ = false;
      return {};
    }
    at_ += size;
    return chunk_.substr(at_ - size, size);
  }
  bool ok() const { return ok_; }
  bool done() const { return !ok_ || at_ >= end_; }
  std::size_t at() const { return at_; }

 private:
  template <typename T>
  T number() {
    const std::string_view bytes = take(sizeof(T));
    T value = 0;
    if (ok_) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }

  std::string_view chunk_;
  std::size_t at_;
  std::size_t end_;
  bool ok_;
};

// The head of a template definition: next offset, GUID, size of what follows.
constexpr std::size_t kDefinitionHeaderSize = 24;
constexpr std::size_t kDescriptorSize = 4;

// Where a template instance (the bytes behind its token) keeps what: offsets in the chunk.
struct TemplateInstance {
  std::uint32_t definition = 0;
  std::uint32_t value_count = 0;
  std::size_t descriptors = 0;  // value_count of them
  std::size_t values = 0;       // one behind the other
};

// `at` is behind the instance's token. False when it does not fit before `end`; the sizes in the
// descriptors are not looked at.
inline bool read_instance(std::string_view chunk, std::size_t at, std::size_t end,
                          TemplateInstance& instance) {
  Cursor cursor(chunk, at, end);
  cursor.take(5);  // an unknown byte, the template's identifier
  instance.definition = cursor.u32();
  if (cursor.ok() && cursor.at() == instance.definition) {
    cursor.take(kDefinitionHeaderSize - 4);
    cursor.take(cursor.u32());
  }
  instance.value_count = cursor.u32();
  instance.descriptors = cursor.at();
  if (!cursor.ok() || instance.value_count > chunk.size() / kDescriptorSize) return false;
  cursor.take(instance.value_count * kDescriptorSize);
  instance.values = cursor.at();
  return cursor.ok();
}

// The bytes of a template definition's binary XML; false when it does not lie in the chunk.
bool definition_bounds(std::string_view chunk, std::size_t definition, std::size_t& begin,
                       std::size_t& end);

// Bytes of a template definition that depend on the chunk it stands in.
struct DefinitionMark {
  enum class Kind : std::uint8_t { kSize, kName, kInstance };
  Kind kind = Kind::kSize;  // an element's or attribute list's size; a name; another template
  std::size_t at = 0;       // 32 bits in the chunk
};

// Builds trees from binary XML. Element and attribute names and text written by it live in `arena`.
class TreeBuilder {
 public:
  TreeBuilder(std::string_view chunk, const Limits& limits, Arena& arena, XmlTree& tree)
      : chunk_(chunk), limits_(limits), arena_(arena), tree_(tree) {}

  // A record's binary XML, templates filled in.
  Result<void> build_record(std::size_t begin, std::size_t end);
  // A template definition as it is, with nodes of kind kSubstitution, and its marks in order.
  Result<void> build_definition(std::size_t definition, std::vector<DefinitionMark>& marks);

  // What was built so far, as the limits count it.
  std::size_t values_spent() const { return values_spent_; }
  std::size_t bytes_spent() const { return bytes_spent_; }

 private:
  struct Stream {
    std::size_t at = 0;
    std::size_t end = 0;
    bool definition = false;  // element starts carry dependencies
    std::size_t first_value = 0;
    std::size_t value_count = 0;
    std::uint32_t base = 0;  // the element in which it stands
    std::size_t depth = 0;   // of that element
  };

  Result<void> run();
  Result<void> spend(std::size_t values, std::size_t bytes);
  Result<void> token(Stream& stream, std::uint8_t token, Cursor& cursor);
  Result<void> start_element(const Stream& stream, bool with_attributes, Cursor& cursor);
  Result<void> end_element(const Stream& stream);
  Result<void> add_instance(Stream& stream, Cursor& cursor);
  Result<void> add_substitution(const Stream& stream, Cursor& cursor);
  Result<void> add_raw_value(const Stream& stream, const RawValue& raw);
  Result<void> add_literal(Cursor& cursor);
  Result<void> add_literal_text(Cursor& cursor);
  Result<void> add_value(const RawValue& raw, bool of_array = false);
  void add_text(const event::Value& value, bool of_array = false);
  void add_entity(std::string_view name);
  void add_character(std::uint32_t point);
  Result<void> open_stream(const Stream& stream);
  std::string_view name(Cursor& cursor);

  std::string_view chunk_;
  const Limits& limits_;
  Arena& arena_;
  XmlTree& tree_;
  std::vector<Stream> streams_;
  std::vector<RawValue> values_;  // of all open template instances
  std::uint32_t element_ = 0;     // the innermost open one
  std::uint32_t attribute_ = 0;   // the one that values belong to, 0: the element's content
  std::size_t depth_ = 0;
  void mark(DefinitionMark::Kind kind, const Cursor& cursor) {
    if (marks_ != nullptr) marks_->push_back({kind, cursor.at()});
  }

  bool resolve_ = true;
  std::vector<DefinitionMark>* marks_ = nullptr;  // only while a definition is built
  std::size_t values_spent_ = 0;
  std::size_t bytes_spent_ = 0;
};

}  // namespace vedette::formats::logs::evtx
