// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"

// What a pickle would build, as a graph: nothing is imported and nothing is called. A value that
// Python would compute stays as the call that would compute it.
namespace vedette::formats::models {

enum class ValueKind : std::uint8_t {
  kUnknown,  // of what was not kept, or of a broken stream
  kNone,
  kBoolean,
  kInteger,
  kFloat,
  kString,
  kBytes,
  kTuple,
  kList,
  kDictionary,  // parts: key, value, key, value …
  kSet,
  kGlobal,      // text: module, name: what of it, with dots; an empty name is the module itself
  kCall,        // parts: what is called, its arguments, perhaps its keyword arguments
  kPersistent,  // parts: the id that the loader resolves
  kExtension,   // number: the code of copyreg's registry
};

enum class CallForm : std::uint8_t {
  kReduce,     // f(*arguments)
  kNewObject,  // cls.__new__(cls, *arguments)
  kInstance,   // cls(*arguments), of the old protocols
};

using ValueId = std::uint32_t;
constexpr ValueId kUnknownValue = 0;

struct Value {
  ValueKind kind = ValueKind::kUnknown;
  CallForm form = CallForm::kReduce;
  bool was_called = false;          // of a kGlobal: something was made with it
  std::string_view text;            // in the pickle's bytes or the graph's arena
  std::string_view name;            // of a kGlobal
  std::int64_t number = 0;          // of integers that fit, booleans, extensions; bits of floats
  std::uint64_t offset = 0;         // of the operation that made it
  std::vector<ValueId> parts = {};  // at most ValueGraph::kPartsKept
};

struct Operation;

// Bounded: beyond kLiteralsMax values new numbers, texts and bytes are read anew from the pickle
// whenever they are asked for, beyond kValuesMax what is composed is all one unknown value: padding
// must not hide what is imported. Globals are kept once each, and so are constants and small
// numbers.
class ValueGraph {
 public:
  static constexpr std::size_t kLiteralsMax = 200'000;
  static constexpr std::size_t kValuesMax = 400'000;
  static constexpr std::size_t kReserve = 400'000;
  static constexpr std::size_t kPartsMax = 1'500'000;             // of all values together
  static constexpr std::size_t kPartsKept = 100'000;              // of one value
  static constexpr std::size_t kPartsSure = 16;                   // are kept of each value that is
  static constexpr std::size_t kTextMax = std::size_t{64} << 20;  // in the arena
  static constexpr std::size_t kLateTextsMax = 2'000'000;

  ValueGraph();

  // Of what is read anew, the reference lives for kLateKept further ones.
  const Value& operator[](ValueId id) const {
    return (id & kLate) == 0 ? values_[id] : late_value(id);
  }
  Value& at(ValueId id) { return (id & kLate) == 0 ? values_[id] : late_value(id); }

  // The pickle whose literals are asked for; outlives this.
  void set_source(std::string_view bytes) { source_ = bytes; }

  ValueId add(ValueKind kind, std::string_view text, std::uint64_t offset);
  ValueId add_number(ValueKind kind, std::int64_t number, std::uint64_t offset);
  // `operation` is of the source, and read_literal() knows it.
  ValueId add_literal(const Operation& operation);
  ValueId add_parts(ValueKind kind, std::vector<ValueId> parts, std::uint64_t offset);
  // `module` and `name` are copied.
  ValueId add_global(std::string_view module, std::string_view name, std::uint64_t offset);
  void append(ValueId container, ValueId part);

  // Empty when there is no room any more.
  std::string_view keep(std::string_view text);

  std::size_t size() const { return values_.size(); }
  bool is_full() const { return values_.size() >= values_max_; }
  // While it is open, kReserve values more are kept: for what must be known to read on.
  void open_reserve(bool open) { values_max_ = open ? kValuesMax + kReserve : kValuesMax; }
  // Texts and bytes of kLateTextShortest and more that are read anew.
  static constexpr std::size_t kLateTextShortest = 8;
  const std::vector<ValueId>& late_texts() const { return late_texts_; }
  // Whether there were more globals than are told apart.
  bool has_lost_globals() const { return has_lost_globals_; }

 private:
  static constexpr ValueId kLate = 1U << 31U;  // the rest is the operation's place
  static constexpr std::size_t kLateKept = 64;
  static constexpr std::int64_t kSmallMax = 256;
  struct LateValue {
    Value value;
    std::string text;
  };

  Value& late_value(ValueId id) const;
  ValueId add_late(const Operation& operation);

  std::vector<Value> values_;
  std::size_t values_max_ = kValuesMax;
  std::size_t parts_ = 0;
  std::size_t text_bytes_ = 0;
  Arena arena_;
  std::unordered_map<std::string, ValueId> globals_;
  bool has_lost_globals_ = false;
  std::array<ValueId, kSmallMax> small_numbers_{};
  std::array<ValueId, 3> constants_{};  // None, False, True
  std::string_view source_;
  std::vector<ValueId> late_texts_;
  mutable std::array<LateValue, kLateKept> late_;
  mutable std::size_t next_late_ = 0;
};

// Python-like text of a value: `os.system("id")`. Long texts and deep values are cut.
struct RenderLimits {
  std::size_t depth = 8;
  std::size_t parts = 16;
  std::size_t text = 400;    // bytes of one string
  std::size_t total = 4000;  // bytes of all
};
std::string render(const ValueGraph& graph, ValueId id, const RenderLimits& limits = {});

}  // namespace vedette::formats::models
