// SPDX-License-Identifier: Apache-2.0
#include "formats/models/pickle/machine.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/unicode.h"
#include "formats/models/pickle/array_wrapper.h"
#include "formats/models/pickle/fold.h"
#include "formats/models/pickle/text_operand.h"

namespace vedette::formats::models {

bool PickleMachine::push(ValueId id) {
  if (stack_.size() >= kStackMax) return false;
  stack_.push_back(id);
  return true;
}

bool PickleMachine::pop(ValueId& id) {
  if (stack_.size() <= floor()) return false;
  id = stack_.back();
  stack_.pop_back();
  return true;
}

bool PickleMachine::pop_to_mark(std::vector<ValueId>& parts) {
  if (marks_.empty()) return false;
  const auto from = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  parts.assign(from, stack_.end());
  stack_.erase(from, stack_.end());
  marks_.pop_back();
  return true;
}

void PickleMachine::tell(EffectKind kind, ValueId subject, ValueId argument) {
  ++effects_;
  observer_.on_effect(graph_, {kind, subject, argument, offset_});
}

// CPython's C reader keeps a table with a place for every number up to the largest one, and writers
// count from 0.
void PickleMachine::look_at_memo(std::uint64_t key) {
  constexpr std::uint64_t kFarMin = std::uint64_t{1} << 24;
  if (key < kFarMin || key <= reader_.bytes().size() || stack_.empty() || told_memo_) return;
  told_memo_ = true;
  tell(EffectKind::kFarMemo, kUnknownValue);
}

void PickleMachine::put(std::uint64_t key) {
  if (stack_.empty() || (memo_.size() >= kMemoMax && !memo_.contains(key))) return;
  memo_[key] = stack_.back();
}

bool PickleMachine::global(std::string_view module, std::string_view name) {
  const ValueId id = graph_.add_global(module, name, offset_);
  knows_wrapper_ = knows_wrapper_ || is_array_wrapper(module, name);
  if (id != kUnknownValue) tell(EffectKind::kGlobal, id);
  return push(id);
}

bool PickleMachine::call(ValueId callee, ValueId arguments, CallForm form, ValueId keywords) {
  if (const Value& type = graph_[callee]; is_array_wrapper(type.text, type.name))
    graph_.open_reserve(true);
  graph_.at(callee).was_called = true;
  std::vector<ValueId> parts = {callee, arguments};
  if (keywords != kUnknownValue) parts.push_back(keywords);
  const ValueId id = graph_.add_parts(ValueKind::kCall, std::move(parts), offset_);
  if (id == kUnknownValue) {
    // No room: a call that is told about, and forgotten.
    ValueGraph& graph = graph_;
    graph.at(kUnknownValue) = {};
    Value& scratch = graph.at(kUnknownValue);
    scratch.kind = ValueKind::kCall;
    scratch.form = form;
    scratch.parts = {callee, arguments};
    scratch.offset = offset_;
    tell(EffectKind::kCall, kUnknownValue);
    graph.at(kUnknownValue) = {};
    return push(kUnknownValue);
  }
  graph_.at(id).form = form;
  tell(EffectKind::kCall, id);
  const ValueId folded = form == CallForm::kReduce ? fold_call(graph_, id) : kUnknownValue;
  if (folded == kUnknownValue) return push(id);
  const Value& value = graph_[folded];
  // What partial() and its like come to is a call of its own; a global is as good as imported.
  if (value.kind == ValueKind::kCall && folded > id) {
    graph_.at(value.parts[0]).was_called = true;
    tell(EffectKind::kCall, folded);
  }
  if (value.kind == ValueKind::kGlobal) tell(EffectKind::kGlobal, folded);
  return push(folded);
}

bool PickleMachine::build() {
  ValueId state = 0;
  if (!pop(state) || stack_.size() <= floor()) return false;
  const ValueId target = stack_.back();
  tell(EffectKind::kBuild, target, state);
  skip_array(target, state);
  graph_.open_reserve(false);
  return true;
}

void PickleMachine::skip_array(ValueId wrapper, ValueId state) {
  const std::optional<RawArray> array = raw_array_of(graph_, wrapper, state);
  if (!array) {
    const bool may_be = is_array_wrapper(graph_, wrapper) ||
                        (knows_wrapper_ && graph_[wrapper].kind == ValueKind::kUnknown);
    if (may_be && !lost_at_) lost_at_ = reader_.at();
    return;
  }
  frame_end_ = 0;
  std::size_t at = reader_.at();
  const std::string_view bytes = reader_.bytes();
  if (array->is_objects) {
    // A pickle of its own stands here.
    if (frames_.size() >= kNestedMax) return;
    frames_.push_back({std::move(stack_), std::move(marks_), std::move(memo_)});
    stack_.clear();
    marks_.clear();
    memo_.clear();
    return;
  }
  passed_arrays_ = true;
  if (arrays_ == RawArrays::kAreOperations) return;
  if (array->has_padding && at < bytes.size())
    at += 1 + static_cast<std::size_t>(static_cast<unsigned char>(bytes[at]));
  if (at > bytes.size() || array->size > bytes.size() - at) return;
  reader_.go_to(at + static_cast<std::size_t>(array->size));
}

bool PickleMachine::finish_nested() {
  if (frames_.empty()) return false;
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  stack_ = std::move(frame.stack);
  marks_ = std::move(frame.marks);
  memo_ = std::move(frame.memo);
  return true;
}

bool PickleMachine::set_entries(ValueId target, const std::vector<ValueId>& entries) {
  if (target == kUnknownValue) return true;
  if (graph_[target].kind == ValueKind::kDictionary) {
    for (const ValueId part : entries) graph_.append(target, part);
    return true;
  }
  const ValueId dictionary = graph_.add_parts(ValueKind::kDictionary, entries, offset_);
  tell(EffectKind::kSetEntries, target, dictionary);
  return true;
}

bool PickleMachine::append(ValueId target, const std::vector<ValueId>& parts) {
  if (target == kUnknownValue) return true;
  const ValueKind kind = graph_[target].kind;
  if (kind == ValueKind::kList || kind == ValueKind::kSet) {
    for (const ValueId part : parts) graph_.append(target, part);
    return true;
  }
  const ValueId list = graph_.add_parts(ValueKind::kList, parts, offset_);
  tell(EffectKind::kAppend, target, list);
  return true;
}

// One function for each operation, or for those that are alike.
struct Handlers {
  using Handler = bool (*)(PickleMachine& machine, const Operation& operation);

  static bool ignore(PickleMachine& /*machine*/, const Operation& /*operation*/) { return true; }
  static bool mark(PickleMachine& m, const Operation& /*operation*/) {
    if (m.marks_.size() >= PickleMachine::kStackMax) return false;
    m.marks_.push_back(m.stack_.size());
    return true;
  }
  static bool stop(PickleMachine& m, const Operation& /*operation*/) {
    if (m.finish_nested()) return true;
    m.stopped_ = true;
    return true;
  }
  static bool pop(PickleMachine& m, const Operation& /*operation*/) {
    if (!m.marks_.empty() && m.stack_.size() == m.marks_.back()) {
      m.marks_.pop_back();
      return true;
    }
    ValueId id = 0;
    return m.pop(id);
  }
  static bool pop_mark(PickleMachine& m, const Operation& /*operation*/) {
    std::vector<ValueId> parts;
    return m.pop_to_mark(parts);
  }
  static bool dup(PickleMachine& m, const Operation& /*operation*/) {
    return m.stack_.size() > m.floor() && m.push(m.stack_.back());
  }
  template <ValueKind kKind, int kNumber>
  static bool constant(PickleMachine& m, const Operation& /*operation*/) {
    return m.push(m.graph_.add_number(kKind, kNumber, m.offset_));
  }
  static bool literal(PickleMachine& m, const Operation& operation) {
    return m.push(m.graph_.add_literal(operation));
  }
  template <ValueKind kKind>
  static bool empty(PickleMachine& m, const Operation& /*operation*/) {
    return m.push(m.graph_.add(kKind, {}, m.offset_));
  }
  template <ValueKind kKind>
  static bool from_mark(PickleMachine& m, const Operation& /*operation*/) {
    std::vector<ValueId> parts;
    if (!m.pop_to_mark(parts)) return false;
    return m.push(m.graph_.add_parts(kKind, std::move(parts), m.offset_));
  }
  template <std::size_t kCount>
  static bool tuple(PickleMachine& m, const Operation& /*operation*/) {
    std::vector<ValueId> parts(kCount);
    for (std::size_t i = kCount; i-- > 0;) {
      if (!m.pop(parts[i])) return false;
    }
    return m.push(m.graph_.add_parts(ValueKind::kTuple, std::move(parts), m.offset_));
  }
  static bool append(PickleMachine& m, const Operation& /*operation*/) {
    ValueId part = 0;
    if (!m.pop(part) || m.stack_.size() <= m.floor()) return false;
    return m.append(m.stack_.back(), {part});
  }
  static bool appends(PickleMachine& m, const Operation& /*operation*/) {
    std::vector<ValueId> parts;
    if (!m.pop_to_mark(parts) || m.stack_.size() <= m.floor()) return false;
    return m.append(m.stack_.back(), parts);
  }
  static bool set_entry(PickleMachine& m, const Operation& /*operation*/) {
    ValueId key = 0;
    ValueId value = 0;
    if (!m.pop(value) || !m.pop(key) || m.stack_.size() <= m.floor()) return false;
    return m.set_entries(m.stack_.back(), {key, value});
  }
  static bool set_entries(PickleMachine& m, const Operation& /*operation*/) {
    std::vector<ValueId> parts;
    if (!m.pop_to_mark(parts) || m.stack_.size() <= m.floor()) return false;
    return m.set_entries(m.stack_.back(), parts);
  }
  static bool put(PickleMachine& m, const Operation& operation) {
    m.look_at_memo(operation.number);
    m.put(operation.number);
    return true;
  }
  static bool put_text(PickleMachine& m, const Operation& operation) {
    // Text that is no pickle has the letter as well.
    const std::string_view text = operation.text;
    if (text.find_first_not_of("0123456789") == std::string_view::npos)
      m.look_at_memo(text_number(text));
    m.put(text_number(operation.text));
    return true;
  }
  static bool memoize(PickleMachine& m, const Operation& /*operation*/) {
    m.put(m.memo_.size());
    return true;
  }
  static bool get_key(PickleMachine& m, std::uint64_t key) {
    const auto found = m.memo_.find(key);
    return found != m.memo_.end() && m.push(found->second);
  }
  static bool get(PickleMachine& m, const Operation& operation) {
    return get_key(m, operation.number);
  }
  static bool get_text(PickleMachine& m, const Operation& operation) {
    return get_key(m, text_number(operation.text));
  }
  static bool global(PickleMachine& m, const Operation& operation) {
    return m.global(operation.text, operation.second);
  }
  static bool stack_global(PickleMachine& m, const Operation& /*operation*/) {
    ValueId name = 0;
    ValueId module = 0;
    if (!m.pop(name) || !m.pop(module)) return false;
    const auto text_of = [&m](ValueId id) -> std::string_view {
      const Value& value = m.graph_[id];
      return value.kind == ValueKind::kString ? value.text : std::string_view("?");
    };
    return m.global(text_of(module), text_of(name));
  }
  static bool extension(PickleMachine& m, const Operation& operation) {
    const ValueId id = m.graph_.add_number(ValueKind::kExtension,
                                           static_cast<std::int64_t>(operation.number), m.offset_);
    m.tell(EffectKind::kExtension, id);
    return m.push(id);
  }
  static bool reduce(PickleMachine& m, const Operation& /*operation*/) {
    ValueId callee = 0;
    ValueId arguments = 0;
    return m.pop(arguments) && m.pop(callee) && m.call(callee, arguments, CallForm::kReduce);
  }
  static bool new_object(PickleMachine& m, const Operation& /*operation*/) {
    ValueId callee = 0;
    ValueId arguments = 0;
    return m.pop(arguments) && m.pop(callee) && m.call(callee, arguments, CallForm::kNewObject);
  }
  static bool new_object_keywords(PickleMachine& m, const Operation& /*operation*/) {
    ValueId callee = 0;
    ValueId arguments = 0;
    ValueId keywords = 0;
    return m.pop(keywords) && m.pop(arguments) && m.pop(callee) &&
           m.call(callee, arguments, CallForm::kNewObject, keywords);
  }
  static bool object(PickleMachine& m, const Operation& /*operation*/) {
    std::vector<ValueId> parts;
    if (!m.pop_to_mark(parts) || parts.empty()) return false;
    const ValueId callee = parts.front();
    parts.erase(parts.begin());
    const ValueId arguments = m.graph_.add_parts(ValueKind::kTuple, std::move(parts), m.offset_);
    return m.call(callee, arguments, CallForm::kInstance);
  }
  static bool instance(PickleMachine& m, const Operation& operation) {
    std::vector<ValueId> parts;
    if (!m.pop_to_mark(parts)) return false;
    const ValueId arguments = m.graph_.add_parts(ValueKind::kTuple, std::move(parts), m.offset_);
    ValueId callee = 0;
    return m.global(operation.text, operation.second) && m.pop(callee) &&
           m.call(callee, arguments, CallForm::kInstance);
  }
  static bool build(PickleMachine& m, const Operation& /*operation*/) { return m.build(); }
  static bool persistent(PickleMachine& m, const Operation& operation) {
    ValueId id = 0;
    if (operation.code == 'P') {
      id = m.graph_.add(ValueKind::kString, operation.text, m.offset_);
    } else if (!m.pop(id)) {
      return false;
    }
    m.tell(EffectKind::kPersistent, id);
    // torch.load's of ("module", class, file, source) is the class, with a look at its source.
    const Value& given = m.graph_[id];
    if (given.kind == ValueKind::kTuple && given.parts.size() >= 2 &&
        m.graph_[given.parts[0]].kind == ValueKind::kString &&
        m.graph_[given.parts[0]].text == "module") {
      return m.push(given.parts[1]);
    }
    return m.push(m.graph_.add_parts(ValueKind::kPersistent, {id}, m.offset_));
  }
};

namespace {

struct HandlerRow {
  std::uint8_t code;
  Handlers::Handler handler;
};

using H = Handlers;
using K = ValueKind;
constexpr auto kHandlers = std::to_array<HandlerRow>({
    {'(', H::mark},
    {'.', H::stop},
    {'0', H::pop},
    {'1', H::pop_mark},
    {'2', H::dup},
    {'F', H::literal},
    {'G', H::literal},
    {'I', H::literal},
    {'J', H::literal},
    {'K', H::literal},
    {'M', H::literal},
    {'L', H::literal},
    {0x8A, H::literal},
    {0x8B, H::literal},
    {'N', H::constant<K::kNone, 0>},
    {0x88, H::constant<K::kBoolean, 1>},
    {0x89, H::constant<K::kBoolean, 0>},
    {'S', H::literal},
    {'T', H::literal},
    {'U', H::literal},
    {'V', H::literal},
    {'X', H::literal},
    {0x8C, H::literal},
    {0x8D, H::literal},
    {'B', H::literal},
    {'C', H::literal},
    {0x8E, H::literal},
    {0x96, H::literal},
    {0x97, H::literal},
    {0x98, H::ignore},
    {')', H::empty<K::kTuple>},
    {']', H::empty<K::kList>},
    {'}', H::empty<K::kDictionary>},
    {0x8F, H::empty<K::kSet>},
    {'t', H::from_mark<K::kTuple>},
    {'l', H::from_mark<K::kList>},
    {'d', H::from_mark<K::kDictionary>},
    {0x91, H::from_mark<K::kSet>},
    {0x85, H::tuple<1>},
    {0x86, H::tuple<2>},
    {0x87, H::tuple<3>},
    {'a', H::append},
    {'e', H::appends},
    {0x90, H::appends},
    {'s', H::set_entry},
    {'u', H::set_entries},
    {'p', H::put_text},
    {'q', H::put},
    {'r', H::put},
    {0x94, H::memoize},
    {'g', H::get_text},
    {'h', H::get},
    {'j', H::get},
    {'c', H::global},
    {0x93, H::stack_global},
    {0x82, H::extension},
    {0x83, H::extension},
    {0x84, H::extension},
    {'R', H::reduce},
    {0x81, H::new_object},
    {0x92, H::new_object_keywords},
    {'o', H::object},
    {'i', H::instance},
    {'b', H::build},
    {'P', H::persistent},
    {'Q', H::persistent},
    {0x80, H::ignore},
    {0x95, H::ignore},
});

constexpr std::array<Handlers::Handler, 256> kByCode = [] {
  std::array<Handlers::Handler, 256> handlers{};
  for (const HandlerRow& row : kHandlers) handlers[row.code] = row.handler;
  return handlers;
}();

}  // namespace

// CPython's C reader and its Python reader go on at different bytes behind an operand that is
// longer than the rest of its frame (python/cpython issue 154848); no writer makes such.
void PickleMachine::look_at_frame(const Operation& operation) {
  constexpr std::uint8_t kFrame = 0x95;
  const std::uint64_t behind = reader_.at();
  if (operation.offset >= frame_end_) frame_end_ = 0;
  const bool is_frame = operation.code == kFrame;
  if (frame_end_ != 0 && (behind > frame_end_ || (is_frame && behind < frame_end_))) {
    tell(EffectKind::kStraddle, kUnknownValue);
    frame_end_ = 0;
  }
  // One that ends behind the file is cut off.
  if (is_frame && operation.number <= reader_.bytes().size() - behind)
    frame_end_ = behind + operation.number;
}

bool PickleMachine::step(const Operation& operation) {
  offset_ = operation.offset;
  look_at_frame(operation);
  const Handlers::Handler handler = kByCode[operation.code];
  return handler != nullptr && handler(*this, operation);
}

PickleRun PickleMachine::run(std::string_view bytes, std::size_t begin) {
  PickleRun run;
  run.begin = begin;
  graph_.set_source(bytes);
  reader_ = OperationReader(bytes, begin);
  stack_.clear();
  marks_.clear();
  memo_.clear();
  frames_.clear();
  passed_arrays_ = false;
  knows_wrapper_ = false;
  lost_at_.reset();
  frame_end_ = 0;
  stopped_ = false;
  effects_ = 0;
  Operation operation;
  while (!stopped_) {
    if (run.operations >= kOperationsMax) {
      run.end = PickleEnd::kLimit;
      break;
    }
    const std::size_t at = reader_.at();
    if (!reader_.next(operation)) {
      const bool is_operation =
          at >= bytes.size() ||
          operand_kind(static_cast<std::uint8_t>(bytes[at])) != OperandKind::kNoSuchOperation;
      run.end = is_operation ? PickleEnd::kCutOff : PickleEnd::kBroken;
      break;
    }
    ++run.operations;
    if (!step(operation)) {
      run.end = stack_.size() < kStackMax ? PickleEnd::kBroken : PickleEnd::kLimit;
      break;
    }
  }
  if (stopped_) {
    run.end = PickleEnd::kStop;
    if (!stack_.empty()) run.result = stack_.back();
  }
  run.end_offset = reader_.at();
  run.effects = effects_;
  run.passed_arrays = passed_arrays_;
  run.lost_at = lost_at_;
  return run;
}

}  // namespace vedette::formats::models
