// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "formats/models/pickle/graph.h"
#include "formats/models/pickle/operation.h"

// Runs a pickle symbolically. What Python would do on the way (resolve, call, change) is told as
// effects, in their order; what was told stands even when the pickle breaks off later, as it does
// in Python.
namespace vedette::formats::models {

enum class EffectKind : std::uint8_t {
  kGlobal,      // subject: what is imported
  kCall,        // subject: the kCall
  kBuild,       // subject is given the state `argument`
  kSetEntries,  // subject[key] = value, with other than a dictionary; argument: a kDictionary
  kAppend,      // subject.extend(argument), with other than a list or set
  kPersistent,  // subject: the id
  kExtension,   // subject: the code
  kStraddle,    // an operation goes on behind its frame's end: not all of Python's readers agree
  kFarMemo,     // a value is kept under a number that no writer comes to: C's reader makes room
};

struct Effect {
  EffectKind kind = EffectKind::kGlobal;
  ValueId subject = kUnknownValue;
  ValueId argument = kUnknownValue;
  std::uint64_t offset = 0;  // of the operation
};

class EffectObserver {
 public:
  virtual ~EffectObserver() = default;
  virtual void on_effect(const ValueGraph& graph, const Effect& effect) = 0;
};

enum class PickleEnd : std::uint8_t {
  kStop,    // as it should
  kCutOff,  // the bytes end before
  kBroken,  // no such operation, or one that Python refuses
  kLimit,   // of steps
};

struct PickleRun {
  PickleEnd end = PickleEnd::kBroken;
  std::size_t begin = 0;
  std::size_t end_offset = 0;  // behind STOP, or of what broke it
  std::uint64_t operations = 0;
  std::uint64_t effects = 0;
  bool passed_arrays = false;  // of joblib
  // Behind the first of joblib's arrays whose size is not known, or that may be one: from there on
  // it is not known where operations begin.
  std::optional<std::size_t> lost_at;
  ValueId result = kUnknownValue;
};

class PickleMachine {
 public:
  static constexpr std::uint64_t kOperationsMax = 200'000'000;
  static constexpr std::size_t kStackMax = 16'000'000;
  static constexpr std::size_t kMemoMax = 4'000'000;
  static constexpr std::size_t kNestedMax = 64;  // joblib's arrays of objects

  // Joblib writes arrays raw into the stream, and its reader passes over them. Python's own takes
  // them for operations.
  enum class RawArrays : std::uint8_t { kPassedOver, kAreOperations };

  // `graph` and `observer` outlive this.
  PickleMachine(ValueGraph& graph, EffectObserver& observer,
                RawArrays arrays = RawArrays::kPassedOver)
      : graph_(graph), observer_(observer), arrays_(arrays) {}

  // One pickle, from `begin` up to its STOP.
  PickleRun run(std::string_view bytes, std::size_t begin);

 private:
  friend struct Handlers;
  // What a pickle inside of joblib's interrupts.
  struct Frame {
    std::vector<ValueId> stack;
    std::vector<std::size_t> marks;
    std::unordered_map<std::uint64_t, ValueId> memo;
  };

  bool step(const Operation& operation);
  bool pop(ValueId& id);
  bool pop_to_mark(std::vector<ValueId>& parts);
  bool push(ValueId id);
  std::uint64_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  void tell(EffectKind kind, ValueId subject, ValueId argument = kUnknownValue);
  bool global(std::string_view module, std::string_view name);
  bool call(ValueId callee, ValueId arguments, CallForm form, ValueId keywords = kUnknownValue);
  bool build();
  bool set_entries(ValueId target, const std::vector<ValueId>& entries);
  bool append(ValueId target, const std::vector<ValueId>& parts);
  void put(std::uint64_t key);
  void look_at_memo(std::uint64_t key);
  // Raw bytes of an array that joblib writes into the stream, behind the wrapper that tells of it.
  void skip_array(ValueId wrapper, ValueId state);
  bool finish_nested();
  void look_at_frame(const Operation& operation);

  ValueGraph& graph_;
  EffectObserver& observer_;
  OperationReader reader_{{}};
  std::uint64_t offset_ = 0;  // of the operation at hand
  std::uint64_t effects_ = 0;
  std::vector<ValueId> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint64_t, ValueId> memo_;
  std::vector<Frame> frames_;
  RawArrays arrays_;
  bool passed_arrays_ = false;
  bool knows_wrapper_ = false;  // joblib's class is imported
  std::optional<std::size_t> lost_at_;
  bool told_memo_ = false;
  std::uint64_t frame_end_ = 0;  // of protocol 4; 0 outside of one
  bool stopped_ = false;
};

}  // namespace vedette::formats::models
