// SPDX-License-Identifier: Apache-2.0
#include "engine/batch_worker.h"

#include <algorithm>
#include <array>

#include "base/time.h"
#include "engine/decoders.h"

namespace vedette::engine {
namespace {

// What stands where there is no user: Windows; the audit log's auid of what no login started, as
// the kernel, older tools and ausearch write it.
constexpr std::array<std::string_view, 4> kNobody = {"-", "4294967295", "-1", "unset"};
// What Falco's container fields say of the host itself.
constexpr std::array<std::string_view, 2> kNoContainer = {"host", "<NA>"};

// The first text that is none of `but`.
std::string_view first_text(const event::Event& event, std::span<const event::Slot> slots,
                            std::span<const std::string_view> but, Arena& arena) {
  for (const event::Slot slot : slots) {
    const event::Value& value = event[slot];
    if (value.kind != event::Kind::kString && value.kind != event::Kind::kNumber) continue;
    if (value.size == 0) continue;
    const std::string_view text = event::text_of(value, arena);
    if (std::ranges::find(but, text) == but.end()) return text;
  }
  return {};
}

}  // namespace

void BatchResult::clear() {
  arena.clear();
  matches.clear();
  whole_events.clear();
  alerts.clear();
  base.clear();
  observed.clear();
  problems.clear();
  records = 0;
  events = 0;
  unknown_source = 0;
  lost = 0;
}

BatchWorker::BatchWorker(const rules::Program& program, const detect::Correlator* correlator,
                         const Limits& limits, const WorkerOptions& options)
    : program_(program),
      correlator_(correlator),
      options_(options),
      matcher_(program,
               options.profile ? detect::Matcher::Profile::kOn : detect::Matcher::Profile::kOff),
      event_(program.slot_count()),
      decoders_(std::make_unique<Decoders>(program.tree(), limits, options.recover)),
      first_match_(std::ranges::any_of(program.rules().rules, &rules::Rule::first_match)) {}

BatchWorker::~BatchWorker() = default;

void BatchWorker::take_over(BatchWorker& earlier) { decoders_->take_over(*earlier.decoders_); }

void BatchWorker::run(const event::Batch& batch, BatchResult& result) {
  result.clear();
  decoders_->with(batch.input->format, [&](auto& decoder) { run_with(decoder, batch, result); });
}

template <typename Decoder>
void BatchWorker::run_with(Decoder& decoder, const event::Batch& batch, BatchResult& result) {
  static_assert(formats::logs::LogDecoder<Decoder>);
  decoder.start(batch);
  const auto everything = [&](std::vector<event::NamedValue>& out) {
    decoder.everything(event_, out);
  };
  while (decoder.next(event_)) {
    ++result.events;
    const auto matches = counted(matcher_.match(event_, everything));
    if constexpr (requires { decoder.complete(event_); }) {
      if (!matches.empty()) decoder.complete(event_);
    }
    for (const std::uint32_t instance : matches) {
      add_match(instance, batch, result, everything);
    }
    if (!matcher_.source_known()) ++result.unknown_source;
    if (options_.every_event) {
      result.whole_events.push_back(
          {event_.has_time, event_.time, whole_event(result, everything)});
    }
  }
  result.problems.swap(decoder.problems());
  result.records = decoder.records();
  if constexpr (requires { decoder.lost(); }) result.lost = decoder.lost();
}

// Without those whose rule another one stands before (Rule::first_match). Instances are ordered by
// rule.
std::span<const std::uint32_t> BatchWorker::counted(std::span<const std::uint32_t> instances) {
  if (!first_match_ || instances.size() < 2) return instances;
  const auto rule_of = [&](std::uint32_t instance) -> const rules::Rule& {
    return program_.rules().rules[program_.instances()[instance].rule];
  };
  counted_.clear();
  for (const std::uint32_t instance : instances) {
    const rules::Rule& rule = rule_of(instance);
    const bool late =
        rule.first_match && std::ranges::any_of(counted_, [&](std::uint32_t other) {
          const rules::Rule& earlier = rule_of(other);
          return earlier.first_match && earlier.logsource.service == rule.logsource.service;
        });
    if (!late) counted_.push_back(instance);
  }
  return counted_;
}

template <typename Everything>
void BatchWorker::add_match(std::uint32_t instance, const event::Batch& batch, BatchResult& result,
                            Everything&& everything) {
  const std::uint32_t index = program_.instances()[instance].rule;
  const rules::Rule& rule = program_.rules().rules[index];
  BatchResult::Match match;
  match.rule = index;
  if (correlator_ != nullptr && correlator_->uses(index)) {
    match.base = static_cast<std::uint32_t>(result.base.size());
    add_base(instance, batch, result);
  }
  if (!rule.silent) {
    match.alert = static_cast<std::uint32_t>(result.alerts.size());
    event::Alert& alert = result.alerts.emplace_back();
    alert.rule = &rule.info;
    alert.input = batch.input->name;
    alert.record = event_.record;
    alert.offset = event_.offset;
    if (options_.details) add_details(instance, alert, result);
    if (options_.output_fields) add_output_fields(instance, alert, result);
    if (options_.whole_event) alert.event = whole_event(result, everything);
  }
  result.matches.push_back(match);
}

template <typename Everything>
std::span<const event::AlertField> BatchWorker::whole_event(BatchResult& result,
                                                            Everything&& everything) {
  everything_.clear();
  everything(everything_);
  // What is below a structure has paths of its own.
  std::erase_if(everything_, [](const event::NamedValue& named) {
    return named.value.kind == event::Kind::kStructure;
  });
  const auto fields = result.arena.make_array<event::AlertField>(everything_.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto& [path, value] = everything_[i];
    fields[i] = {result.arena.copy(path), result.arena.copy(event::text_of(value, event_.arena())),
                 value.kind};
  }
  return fields;
}

void BatchWorker::add_details(std::uint32_t instance, event::Alert& alert, BatchResult& result) {
  read_time(alert.has_time, alert.time);
  for (std::size_t i = 0; i < event::kRoleCount; ++i) {
    alert.roles[i] = role(static_cast<event::Role>(i), result.arena);
  }
  matched_.clear();
  matcher_.matched_fields(instance, event_, matched_);
  const auto matched = result.arena.make_array<event::MatchedField>(matched_.size());
  for (std::size_t i = 0; i < matched.size(); ++i) {
    matched[i] = {matched_[i].selection, matched_[i].field, result.arena.copy(matched_[i].value),
                  result.arena.copy(matched_[i].test)};
  }
  alert.matched = matched;
}

void BatchWorker::add_output_fields(std::uint32_t instance, event::Alert& alert,
                                    BatchResult& result) {
  const std::vector<event::Slot>& slots = program_.instances()[instance].output;
  const auto has_text = [](const event::Value& value) {
    return value.kind == event::Kind::kString || value.kind == event::Kind::kNumber ||
           value.kind == event::Kind::kBoolean;
  };
  std::size_t count = 0;
  const auto for_each_value = [&](auto&& visit) {
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const event::Value* value = &event_[slots[i]];
      for (; value != nullptr; value = event_.next(*value)) {
        if (has_text(*value)) visit(i, *value);
      }
    }
  };
  for_each_value([&](std::size_t, const event::Value&) { ++count; });
  const auto fields = result.arena.make_array<event::AlertField>(count);
  count = 0;
  for_each_value([&](std::size_t i, const event::Value& value) {
    const event::Kind kind = alert.rule->output_kinds[i];
    fields[count++] = {alert.rule->output_fields[i],
                       result.arena.copy(event::text_of(value, event_.arena())),
                       kind == event::Kind::kAbsent ? value.kind : kind};
  });
  alert.output_fields = fields;
}

void BatchWorker::add_base(std::uint32_t instance, const event::Batch& batch, BatchResult& result) {
  detect::BaseMatch& base = result.base.emplace_back();
  const rules::Instance& which = program_.instances()[instance];
  base.rule = which.rule;
  base.input = batch.input->name;
  base.record = event_.record;
  base.offset = event_.offset;
  base.host = role(event::Role::kHost, result.arena);
  read_time(base.has_time, base.time);
  const std::span<const event::Slot> slots = program_.extra_slots(which);
  const auto values = result.arena.make_array<std::string_view>(slots.size());
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const event::Value& value = event_[slots[i]];
    const bool has_text = value.kind == event::Kind::kString ||
                          value.kind == event::Kind::kNumber || value.kind == event::Kind::kBoolean;
    if (!has_text) continue;
    const std::string_view text = result.arena.copy(event::text_of(value, event_.arena()));
    // An empty text is a value; only an absent field has no address.
    values[i] = text.empty() ? std::string_view("", 0) : text;
  }
  base.values = values;
}

void BatchWorker::read_time(bool& has_time, TimeNs& time) {
  if (event_.has_time) {
    has_time = true;
    time = event_.time;
    return;
  }
  for (const event::Slot slot : program_.time_slots()) {
    const event::Value& value = event_[slot];
    if (value.kind != event::Kind::kString && value.kind != event::Kind::kNumber) continue;
    if (const auto parsed = parse_time(event::text_of(value, event_.arena()))) {
      has_time = true;
      time = *parsed;
      return;
    }
  }
}

std::string_view BatchWorker::role(event::Role role, Arena& arena) {
  std::span<const std::string_view> but;
  if (role == event::Role::kUser) but = kNobody;
  if (role == event::Role::kContainer || role == event::Role::kPod) but = kNoContainer;
  return arena.copy(first_text(event_, program_.role_slots(role), but, event_.arena()));
}

}  // namespace vedette::engine
