// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "event/value.h"
#include "formats/kernel/record_reader.h"
#include "formats/kernel/system_calls.h"
#include "formats/kernel/system_state.h"

// The fields of kernel events, under the names and with the meaning that Falco gives them (libs,
// filter checks of evt, proc, thread, fd, fs.path, user, group, container and k8s). Each is a row
// of a table, with the function that makes its values.
namespace vedette::formats::kernel {

// What a field is made from. `process` and `call` may be null.
struct FieldContext {
  const RecordReader& record;
  const SystemState& state;
  const Process* process = nullptr;
  const Container* container = nullptr;
  const SystemCall* call = nullptr;
  std::uint64_t number = 0;   // of the event in its stream, from 1
  Arena& arena;               // for text made on the way
  std::string_view argument;  // between the brackets, or behind "evt.arg."
  std::int32_t index = -1;    // the same as a number
  // Of `call`, where `argument` names it and somebody has looked it up already; else null.
  const CallArgument* call_argument = nullptr;
};

// Takes a field's values, none or several. Text is kept as a view.
class FieldValues {
 public:
  explicit FieldValues(Arena& arena) : arena_(arena) {}

  void clear() { values_.clear(); }
  std::span<const event::Value> values() const { return values_; }

  void text(std::string_view text) { values_.push_back(event::plain(text)); }
  // The same, unless it is empty: what is not known has no value.
  void known(std::string_view text) {
    if (!text.empty()) this->text(text);
  }
  template <std::integral Number>
  void number(Number number) {
    constexpr std::size_t kDigitsMax = 24;
    char* const text = arena_.allocate(kDigitsMax);
    const char* const end = std::to_chars(text, text + kDigitsMax, number).ptr;
    const auto size = static_cast<std::size_t>(end - text);
    arena_.shrink(text, size);
    values_.push_back(event::plain({text, size}, event::Kind::kNumber));
  }
  // Text that is a number.
  void number_text(std::string_view text) {
    values_.push_back(event::plain(text, event::Kind::kNumber));
  }
  void boolean(bool truth) {
    values_.push_back(event::plain(truth ? "true" : "false", event::Kind::kBoolean));
  }

 private:
  Arena& arena_;
  std::vector<event::Value> values_;
};

struct FieldRow {
  enum class Argument : std::uint8_t {
    kNone,
    kIndex,  // NAME[3]; without it every value
    kKey,    // NAME[text], NAME.text where the name ends in a dot
  };
  // Without which in the record there is no value, so that nobody need ask.
  enum class Needs : std::uint8_t { kNothing, kSocket };  // kSocket: or an address

  std::string_view name;
  Argument argument = Argument::kNone;
  // Made from the state of process and container alone, so that it is good for many events.
  bool of_state = false;
  void (*get)(const FieldContext& context, FieldValues& out);
  Needs needs = Needs::kNothing;
};

// Whether the row is "evt.arg." or "evt.rawarg.", whose key names an argument of the call.
bool names_call_argument(const FieldRow& row);

std::span<const FieldRow> event_fields();
std::span<const FieldRow> process_fields();
std::span<const FieldRow> ancestor_fields();
std::span<const FieldRow> descriptor_fields();
std::span<const FieldRow> container_fields();
std::span<const FieldRow> dns_fields();

// `path` without "." and "..", beginning at `folder` when it is relative. Symbolic links are not
// looked at.
std::string_view absolute_path(std::string_view folder, std::string_view path, Arena& arena);
// The first and the second path of a call, made absolute from what was given.
std::string_view first_path(const FieldContext& context);
std::string_view second_path(const FieldContext& context);

std::string_view concatenate(std::initializer_list<std::string_view> parts, Arena& arena);

// The elements of a list from `skip` on, with blanks between.
std::string_view join_list(std::string_view list, std::size_t skip, Arena& arena);

// What `argument` of the call at hand is, as text; data() == nullptr: it has none.
std::string_view argument_text(const CallArgument& argument, const FieldContext& context);

// The two ends of a socket as "client:port->server:port"; empty when there are none.
std::string_view tuple_text(const FieldContext& context);

}  // namespace vedette::formats::kernel
