// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/evtx_plan.h"

#include <cstring>

#include "formats/logs/evtx_plan_compiler.h"

namespace vedette::formats::logs::evtx {
namespace {

using event::Event;
using event::FieldTree;
using event::Kind;
using event::Value;

// What a template of a real log needs, many times over.
constexpr std::size_t kTemplateValuesMax = 32768;
constexpr std::size_t kTemplateBytesMax = std::size_t{1} << 20;

// Walks the table of descriptors forwards only, since values have no offsets of their own.
class ValueWalker {
 public:
  ValueWalker(std::string_view chunk, const TemplateInstance& instance, std::size_t end)
      : chunk_(chunk), instance_(instance), end_(end), at_(instance.values) {}

  // `index` must not decrease from call to call. A value past the table is null; false when the
  // value does not lie in the record.
  bool get(std::size_t index, RawValue& raw) {
    if (index >= instance_.value_count) {
      raw = {};
      return true;
    }
    const char* descriptor = chunk_.data() + instance_.descriptors + next_ * kDescriptorSize;
    for (; next_ < index; ++next_, descriptor += kDescriptorSize) at_ += size_of(descriptor);
    const std::size_t size = size_of(descriptor);
    if (at_ > end_ || size > end_ - at_) return false;
    raw.type = static_cast<std::uint8_t>(descriptor[2]);
    raw.bytes = chunk_.substr(at_, size);
    return true;
  }

  // Whether nothing but the end of the stream follows the last value.
  bool ends_stream() {
    const char* descriptor = chunk_.data() + instance_.descriptors + next_ * kDescriptorSize;
    for (; next_ < instance_.value_count; ++next_, descriptor += kDescriptorSize) {
      at_ += size_of(descriptor);
    }
    return at_ == end_ || (at_ < end_ && chunk_[at_] == 0);
  }

 private:
  static std::size_t size_of(const char* descriptor) {
    std::uint16_t size;
    std::memcpy(&size, descriptor, sizeof size);
    return size;
  }

  std::string_view chunk_;
  const TemplateInstance& instance_;
  std::size_t end_;
  std::size_t at_;
  std::size_t next_ = 0;
};

void put(const Plan& plan, const PlanStep& step, Value value, bool append, Event& event) {
  for (std::uint32_t i = 0; i < step.target_count; ++i) {
    const FieldTree::Target target = plan.targets[step.first_target + i];
    value.rank = target.rank;
    if (append) {
      event.append(target.slot, value);
    } else {
      event.put(target.slot, value);
    }
  }
}

void put_array(const Plan& plan, const PlanStep& step, const RawValue& raw, Event& event) {
  std::string_view rest = raw.bytes;
  RawValue element;
  bool append = step.append;
  while (take_element(raw.type, rest, element)) {
    Value value = make_value(element, event.arena());
    if (value.size == 0) value = event::plain({});
    put(plan, step, value, append, event);
    append = true;
  }
}

PlanResult put_empty(const Plan& plan, const PlanStep& step, const RawValue& raw, Event& event) {
  if (step.null_leaves_out && raw.is(ValueType::kNull)) return PlanResult::kDone;
  switch (step.when_empty) {
    case PlanStep::WhenEmpty::kNothing:
      break;
    case PlanStep::WhenEmpty::kNull:
      put(plan, step, event::plain({}, Kind::kNull), false, event);
      break;
    case PlanStep::WhenEmpty::kEmptyText:
      put(plan, step, event::plain({}), step.append, event);
      break;
    case PlanStep::WhenEmpty::kWalk:
      return PlanResult::kWalk;
  }
  return PlanResult::kDone;
}

PlanResult run_step(const Plan& plan, const PlanStep& step, const RawValue& raw, Event& event,
                    EmbeddedXml& embedded) {
  if (is_empty(raw)) return put_empty(plan, step, raw, event);
  if (raw.is(ValueType::kBinXml)) {
    if (step.place == PlanStep::kNoPlace || embedded.place != nullptr) return PlanResult::kWalk;
    embedded = {raw, &plan.places[step.place]};
    // The element around is an object now.
    if (step.target_count != 0) put(plan, step, event::plain({}, Kind::kStructure), false, event);
    return PlanResult::kDone;
  }
  if (step.among_elements) return PlanResult::kWalk;
  if (step.target_count == 0) return PlanResult::kDone;
  if (!raw.is_array()) {
    put(plan, step, make_value(raw, event.arena()), step.append, event);
    return PlanResult::kDone;
  }
  if (!step.content) return PlanResult::kWalk;
  put_array(plan, step, raw, event);
  return PlanResult::kDone;
}

}  // namespace

PlanResult run_plan(const Plan& plan, std::string_view chunk, const TemplateInstance& instance,
                    std::size_t end, Event& event, EmbeddedXml& embedded) {
  if (plan.irregular) return PlanResult::kWalk;
  for (const std::uint16_t index : plan.required) {
    const std::size_t descriptor = instance.descriptors + std::size_t{index} * kDescriptorSize;
    if (index < instance.value_count && chunk[descriptor + 2] == 0) return PlanResult::kWalk;
  }
  for (const Plan::Static& known : plan.statics) event.put(known.slot, known.value);
  ValueWalker walker(chunk, instance, end);
  for (const PlanStep& step : plan.steps) {
    RawValue raw;
    if (!walker.get(step.substitution, raw)) return PlanResult::kWalk;
    if (run_step(plan, step, raw, event, embedded) == PlanResult::kWalk) return PlanResult::kWalk;
  }
  return walker.ends_stream() ? PlanResult::kDone : PlanResult::kWalk;
}

PlanCache::PlanCache(const FieldTree& tree, const Limits& limits) : tree_(tree), limits_(limits) {
  limits_.values_max = std::min(limits_.values_max, kTemplateValuesMax);
  limits_.record_bytes_max = std::min(limits_.record_bytes_max, kTemplateBytesMax);
}

void PlanCache::start_chunk(std::string_view chunk) {
  chunk_ = chunk;
  if (++chunk_number_ == 0) {
    table_.fill({});
    chunk_number_ = 1;
  }
  plan_count_ = 0;
  texts_.clear();
}

const Plan* PlanCache::find(std::uint32_t definition, const Plan* parent, const PlanPlace* place) {
  // Definitions are at least a few dozen bytes long, so the low bits say little.
  const std::size_t hash = (definition >> 3) * 31 + reinterpret_cast<std::uintptr_t>(place) / 64;
  for (std::size_t i = 0; i < kTableSize; ++i) {
    Entry& entry = table_[(hash + i) % kTableSize];
    if (entry.chunk != chunk_number_) {
      if (plan_count_ >= kPlansMax || texts_.capacity_bytes() > kTextBytesMax) return nullptr;
      entry = {chunk_number_, definition, place, compile(definition, parent, place)};
      return entry.plan;
    }
    if (entry.definition == definition && entry.place == place) return entry.plan;
  }
  return nullptr;
}

const Plan* PlanCache::compile(std::uint32_t definition, const Plan* parent,
                               const PlanPlace* place) {
  if (plan_count_ == plans_.size()) plans_.push_back(std::make_unique<Plan>());
  Plan& plan = *plans_[plan_count_++];
  plan = Plan();
  scratch_.clear();
  xml_.clear();
  TreeBuilder builder(chunk_, limits_, scratch_, xml_);
  if (!builder.build_definition(definition)) return nullptr;
  PlanCompiler compiler(tree_, xml_, texts_, scratch_, plan);
  compiler.compile(place == nullptr ? PlanPlace() : *place,
                   parent == nullptr ? std::string_view() : parent->static_text);
  return &plan;
}

}  // namespace vedette::formats::logs::evtx
