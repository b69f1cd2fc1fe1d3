// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/evtx_plan.h"

#include <cstring>

#include "base/hash.h"
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
// In front of a name's count and characters: offset of the next name, hash. Behind them: NUL.
constexpr std::size_t kNameHeadSize = 6;

// What is compared is short, mostly, so that calling memcmp would take most of the time.
bool same_bytes(const char* a, const char* b, std::size_t size) {
  const auto differ = [&]<typename Word>(Word) {
    std::array<Word, 4> words;
    std::memcpy(&words[0], a, sizeof(Word));
    std::memcpy(&words[1], b, sizeof(Word));
    std::memcpy(&words[2], a + size - sizeof(Word), sizeof(Word));
    std::memcpy(&words[3], b + size - sizeof(Word), sizeof(Word));
    return ((words[0] ^ words[1]) | (words[2] ^ words[3])) != 0;
  };
  for (; size > 16; size -= 8, a += 8, b += 8) {
    std::uint64_t ours;
    std::uint64_t theirs;
    std::memcpy(&ours, a, sizeof ours);
    std::memcpy(&theirs, b, sizeof theirs);
    if (ours != theirs) return false;
  }
  if (size >= 8) return !differ(std::uint64_t{});
  if (size >= 4) return !differ(std::uint32_t{});
  for (std::size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

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

// put() into the one slot of a step.
inline void put_one(const PlanStep& step, const Value& value, Event& event) {
  Value* held = event.claim(step.target.slot, step.target.rank);
  if (held == nullptr) return;
  held->data = value.data;
  held->size = value.size;
  held->kind = value.kind;
  held->encoding = value.encoding;
  held->rank = step.target.rank;
  held->next = 0;
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

// The attributes of a step's element, for one event.
enum class Attributed : std::uint8_t { kNo, kYes, kWalk };

Attributed attributed(const Plan& plan, const PlanStep& step, const InstanceValues& values) {
  Attributed result = Attributed::kNo;
  for (std::uint32_t i = 0; i < step.attribute_count; ++i) {
    const RawValue raw = values[plan.attributes[step.first_attribute + i]];
    if (is_empty(raw)) continue;
    if (raw.is(ValueType::kBinXml)) return Attributed::kWalk;
    result = Attributed::kYes;
  }
  return result;
}

PlanResult put_empty(const Plan& plan, const PlanStep& step, const InstanceValues& values,
                     Event& event) {
  if (step.null_leaves_out && values.is_null(step.substitution)) return PlanResult::kDone;
  switch (step.when_empty) {
    case PlanStep::WhenEmpty::kNothing:
      break;
    case PlanStep::WhenEmpty::kNull: {
      if (step.target_count == 0) break;
      const Attributed any = attributed(plan, step, values);
      if (any == Attributed::kWalk) return PlanResult::kWalk;
      const Kind kind = any == Attributed::kYes ? Kind::kStructure : Kind::kNull;
      put(plan, step, event::plain({}, kind), false, event);
      break;
    }
    case PlanStep::WhenEmpty::kEmptyText:
      put(plan, step, event::plain({}), step.append, event);
      break;
  }
  return PlanResult::kDone;
}

// The text of an element that may have attributes, where it stands beside them.
PlanResult put_text(const Plan& plan, const PlanStep& step, const InstanceValues& values,
                    const RawValue& raw, Event& event) {
  const Attributed any = attributed(plan, step, values);
  if (any == Attributed::kWalk) return PlanResult::kWalk;
  if (any == Attributed::kNo) return PlanResult::kDone;
  PlanStep text = step;
  text.first_target += step.target_count;
  text.target_count = step.text_target_count;
  if (raw.is_array()) {
    put_array(plan, text, raw, event);
  } else {
    put(plan, text, make_value(raw, event.arena()), false, event);
  }
  return PlanResult::kDone;
}

PlanResult run_step(const Plan& plan, const PlanStep& step, const InstanceValues& values,
                    Event& event, EmbeddedXml& embedded) {
  const RawValue raw = values[step.substitution];
  const bool idle = step.target_count + step.text_target_count == 0;
  if (raw.is(ValueType::kString)) {  // most values are
    if (idle && !step.among_elements) return PlanResult::kDone;
    const std::string_view text = trim_utf16(raw.bytes);
    if (text.empty()) return put_empty(plan, step, values, event);
    if (step.among_elements) return PlanResult::kWalk;
    put(plan, step, utf16_value(text), step.append, event);
  } else if (is_empty(raw)) {
    return put_empty(plan, step, values, event);
  } else if (raw.is(ValueType::kBinXml)) {
    if (step.place == PlanStep::kNoPlace || embedded.place != nullptr) return PlanResult::kWalk;
    embedded = {raw, &plan.places[step.place]};
    // The element around is an object now.
    if (step.target_count != 0) put(plan, step, event::plain({}, Kind::kStructure), false, event);
    return PlanResult::kDone;
  } else {
    if (step.among_elements) return PlanResult::kWalk;
    if (idle) return PlanResult::kDone;
    if (raw.is_array()) {
      if (!step.content) return PlanResult::kWalk;
      put_array(plan, step, raw, event);
    } else {
      put(plan, step, make_value(raw, event.arena()), step.append, event);
    }
  }
  if (step.text_target_count == 0) return PlanResult::kDone;
  return put_text(plan, step, values, raw, event);
}

// run_step() for kOne and the usual types.
inline PlanResult run_one(const Plan& plan, const PlanStep& step, const InstanceValues& values,
                          Event& event, EmbeddedXml& embedded) {
  const RawValue raw = values[step.substitution];
  if (raw.is(ValueType::kString)) {
    const std::string_view text = trim_utf16(raw.bytes);
    if (!text.empty()) {
      put_one(step, utf16_value(text), event);
      return PlanResult::kDone;
    }
  }
  if (raw.is(ValueType::kString) || raw.is(ValueType::kNull)) {
    const bool null = step.when_empty == PlanStep::WhenEmpty::kNull;
    if (step.null_leaves_out || step.attribute_count != 0 || !null) {
      return put_empty(plan, step, values, event);
    }
    put_one(step, event::plain({}, Kind::kNull), event);
    return PlanResult::kDone;
  }
  if (fixed_size(raw.type) == 0 || raw.bytes.empty()) {
    return run_step(plan, step, values, event, embedded);
  }
  put_one(step, make_value(raw, event.arena()), event);
  return PlanResult::kDone;
}

}  // namespace

PlanResult run_plan(const Plan& plan, const InstanceValues& values, Event& event,
                    EmbeddedXml& embedded) {
  if (plan.irregular) return PlanResult::kWalk;
  for (const std::uint16_t index : plan.required) {
    if (values.is_null(index)) return PlanResult::kWalk;
  }
  for (const PlanStep& step : values.any_xml() ? plan.steps : plan.busy) {
    PlanResult result = PlanResult::kDone;
    switch (step.kind) {
      case PlanStep::Kind::kStatic:
        event.put(plan.statics[step.first_target].slot, plan.statics[step.first_target].value);
        break;
      case PlanStep::Kind::kOne:
        result = run_one(plan, step, values, event, embedded);
        break;
      case PlanStep::Kind::kGeneral:
        result = run_step(plan, step, values, event, embedded);
        break;
    }
    if (result == PlanResult::kWalk) return result;
  }
  return PlanResult::kDone;
}

PlanCache::PlanCache(const FieldTree& tree, const Limits& limits) : tree_(tree), limits_(limits) {
  limits_.values_max = std::min(limits_.values_max, kTemplateValuesMax);
  limits_.record_bytes_max = std::min(limits_.record_bytes_max, kTemplateBytesMax);
}

void PlanCache::start_chunk(std::string_view chunk) {
  chunk_ = chunk;
  compiled_ = 0;
  if (plan_count_ > kPlansMax || bytes_held() > kBytesMax) {
    known_.clear();
    texts_.clear();
    plan_count_ = 0;
    plan_bytes_ = 0;
  }
  if (++chunk_number_ == 0) {
    table_.fill({});
    chunk_number_ = 1;
  }
}

const Plan* PlanCache::find(std::uint32_t definition, const Plan* parent, const PlanPlace* place) {
  // Definitions are at least a few dozen bytes long, so the low bits say little.
  const std::size_t hash = (definition >> 3) * 31 + reinterpret_cast<std::uintptr_t>(place) / 64;
  for (std::size_t i = 0; i < kTableSize; ++i) {
    Entry& entry = table_[(hash + i) % kTableSize];
    if (entry.chunk == chunk_number_) {
      if (entry.definition == definition && entry.place == place) return entry.plan;
      continue;
    }
    if (compiled_ >= kCompiledPerChunkMax) return nullptr;
    ++compiled_;
    entry = {chunk_number_, definition, place, find_known(definition, parent, place)};
    return entry.plan;
  }
  return nullptr;
}

const Plan* PlanCache::find_known(std::uint32_t definition, const Plan* parent,
                                  const PlanPlace* place) {
  std::size_t begin = 0;
  std::size_t end = 0;
  if (!definition_bounds(chunk_, definition, begin, end)) return nullptr;
  constexpr std::size_t kGuidAt = 4;
  constexpr std::size_t kGuidSize = 16;
  const std::uint64_t key = hash_bytes(chunk_.substr(definition + kGuidAt, kGuidSize),
                                       reinterpret_cast<std::uintptr_t>(place));
  std::vector<Known>& candidates = known_[key];
  for (const Known& known : candidates) {
    if (known.place == place && known.print.equals(chunk_, definition)) return known.plan.get();
  }
  if (bytes_held() > 2 * kBytesMax || candidates.size() >= kCandidatesMax) {
    return nullptr;
  }
  auto plan = compile(definition, parent, place);
  if (plan == nullptr) return nullptr;
  ++plan_count_;
  plan_bytes_ += plan->memory_bytes();
  candidates.push_back({place, DefinitionPrint(chunk_, definition, marks_), std::move(plan)});
  return candidates.back().plan.get();
}

std::unique_ptr<Plan> PlanCache::compile(std::uint32_t definition, const Plan* parent,
                                         const PlanPlace* place) {
  scratch_.clear();
  xml_.clear();
  marks_.clear();
  TreeBuilder builder(chunk_, limits_, scratch_, xml_);
  if (!builder.build_definition(definition, marks_)) return nullptr;
  auto plan = std::make_unique<Plan>();
  PlanCompiler compiler(tree_, xml_, texts_, scratch_, *plan);
  compiler.compile(place == nullptr ? PlanPlace() : *place,
                   parent == nullptr ? std::string_view() : parent->static_text);
  if (plan->irregular) return plan;
  plan->listing.values = builder.values_spent();
  plan->listing.bytes = builder.bytes_spent();
  ListingCompiler listing(xml_, place == nullptr ? std::string_view() : place->path, texts_,
                          scratch_, plan->listing);
  listing.compile();
  for (PlanPlace& inner : plan->places) inner.path = listing.path(inner.element);
  return plan;
}

DefinitionPrint::DefinitionPrint(std::string_view chunk, std::size_t definition,
                                 const std::vector<DefinitionMark>& marks) {
  std::size_t at = 0;
  std::size_t end = 0;
  usable_ = definition_bounds(chunk, definition, at, end);
  const auto keep = [&](std::size_t from, std::size_t size) {
    bytes_ += chunk.substr(from, size);
    return static_cast<std::uint32_t>(bytes_.size() - size);
  };
  std::unordered_map<std::string, std::uint32_t> names;
  const auto index_of = [&](std::string_view name) {
    const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(names.size(), kNamesMax));
    return names.try_emplace(std::string(name), count).first->second;
  };
  for (const DefinitionMark& mark : marks) {
    if (mark.kind == DefinitionMark::Kind::kInstance || mark.at < at) usable_ = false;
    if (!usable_) return;
    Part part;
    part.literal_size = static_cast<std::uint32_t>(mark.at - at);
    part.literal = keep(at, part.literal_size);
    at = mark.at + 4;
    if (mark.kind == DefinitionMark::Kind::kName) {
      const std::size_t offset = Cursor(chunk, mark.at, end).u32();
      const std::size_t count = Cursor(chunk, offset + 6, chunk.size()).u16();
      part.name_size = static_cast<std::uint32_t>(2 + count * 2);
      part.name = keep(offset + 6, part.name_size);
      part.name_index = index_of(std::string_view(bytes_).substr(part.name, part.name_size));
      if (offset == at) at += kNameHeadSize + part.name_size + 2;
    }
    parts_.push_back(part);
  }
  if (at > end) usable_ = false;
  if (!usable_) return;
  Part last;
  last.literal_size = static_cast<std::uint32_t>(end - at);
  last.literal = keep(at, last.literal_size);
  parts_.push_back(last);
}

bool DefinitionPrint::equals(std::string_view chunk, std::size_t definition) const {
  std::size_t at = 0;
  std::size_t end = 0;
  if (!usable_ || !definition_bounds(chunk, definition, at, end)) return false;
  std::array<std::uint32_t, kNamesMax> offsets{};  // where names of this chunk were compared
  const std::size_t last = parts_.size() - 1;
  for (std::size_t i = 0; i <= last; ++i) {
    const Part& part = parts_[i];
    if (at > end || part.literal_size > end - at) return false;
    if (!same_bytes(chunk.data() + at, bytes_.data() + part.literal, part.literal_size)) {
      return false;
    }
    at += part.literal_size;
    if (i == last) break;
    if (end - at < 4) return false;
    std::uint32_t offset;
    std::memcpy(&offset, chunk.data() + at, sizeof offset);
    at += 4;
    if (part.name_size == 0) continue;
    const bool known = part.name_index < kNamesMax && offsets[part.name_index] == offset;
    if (!known || offset == 0) {
      const std::size_t from = std::size_t{offset} + kNameHeadSize;
      if (from > chunk.size() || part.name_size > chunk.size() - from) return false;
      if (!same_bytes(chunk.data() + from, bytes_.data() + part.name, part.name_size)) return false;
      if (part.name_index < kNamesMax) offsets[part.name_index] = offset;
    }
    if (offset == at) at += kNameHeadSize + part.name_size + 2;
  }
  return at == end;
}

}  // namespace vedette::formats::logs::evtx
