// SPDX-License-Identifier: Apache-2.0
#include "formats/kernel/decoder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include "formats/kernel/capture.h"

namespace vedette::formats::kernel {
namespace {

std::array<std::span<const FieldRow>, 6> all_fields() {
  return {event_fields(),      process_fields(),   ancestor_fields(),
          descriptor_fields(), container_fields(), dns_fields()};
}

bool is_event(std::uint16_t kind) {
  return kind >= VEDETTE_KIND_EXEC && kind <= VEDETTE_KIND_BLOCKED;
}

// "proc.aname[2]" is the row "proc.aname" and "2"; "evt.arg.flags" is "evt.arg." and "flags".
struct Name {
  std::string_view row;
  std::string_view argument;
};

Name split_name(std::string_view key) {
  if (key.ends_with(']')) {
    const std::size_t open = key.find('[');
    if (open != std::string_view::npos) {
      return {key.substr(0, open), key.substr(open + 1, key.size() - open - 2)};
    }
  }
  return {key, {}};
}

const FieldRow* find_row(std::string_view name) {
  for (const auto& rows : all_fields()) {
    const auto found = std::ranges::find(rows, name, &FieldRow::name);
    if (found != rows.end()) return &*found;
  }
  return nullptr;
}

const FieldRow* find_prefix(std::string_view key) {
  for (const auto& rows : all_fields()) {
    for (const FieldRow& row : rows) {
      if (row.name.ends_with('.') && key.starts_with(row.name)) return &row;
    }
  }
  return nullptr;
}

std::int32_t index_of(std::string_view text) {
  std::int32_t index = -1;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, index);
  return result.ec == std::errc() && result.ptr == end && index >= 0 ? index : -1;
}

}  // namespace

KernelDecoder::KernelDecoder(const event::FieldTree& tree, const Limits&)
    : state_(std::make_unique<SystemState>()) {
  tree.for_each_root_key([&](std::string_view key, event::FieldTree::Node node) {
    const auto targets = tree.targets(node);
    if (!targets.empty()) want(key, targets);
  });
}

void KernelDecoder::want(std::string_view key, std::span<const event::FieldTree::Target> targets) {
  Name name = split_name(key);
  const FieldRow* row = find_row(name.row);
  if (row == nullptr || (row->argument == FieldRow::Argument::kNone && !name.argument.empty())) {
    row = find_prefix(key);
    if (row == nullptr) return;
    name.argument = key.substr(row->name.size());
  }
  Wanted wanted;
  wanted.row = row;
  wanted.argument = name.argument;
  wanted.index = index_of(name.argument);
  for (const bool late : {false, true}) {
    wanted.targets.clear();
    std::ranges::copy_if(targets, std::back_inserter(wanted.targets),
                         [late](const auto& target) { return target.late == late; });
    if (wanted.targets.empty()) continue;
    place(wanted, late);
  }
}

void KernelDecoder::place(const Wanted& wanted, bool late) {
  const FieldRow& row = *wanted.row;
  if (late) return late_.push_back(wanted);
  if (row.of_state) return of_state_.push_back(wanted);
  if (row.needs == FieldRow::Needs::kSocket) return of_socket_.push_back(wanted);
  if (!names_call_argument(row)) return of_event_.push_back(wanted);
  for (const SystemCall& call : system_calls()) {
    const CallArgument* const argument = find_argument(call, wanted.argument);
    if (argument == nullptr) continue;
    if (of_call_.size() <= call.number) of_call_.resize(call.number + std::size_t{1});
    of_call_[call.number].push_back(wanted);
    of_call_[call.number].back().call_argument = argument;
  }
}

void KernelDecoder::take_over(KernelDecoder& earlier) {
  state_ = std::move(earlier.state_);
  earlier.state_ = std::make_unique<SystemState>();
  state_->forget_prepared();
  input_ = earlier.input_;
  number_ = earlier.number_;
  refused_ = earlier.refused_;
}

void KernelDecoder::start(const event::Batch& batch) {
  bytes_ = batch.buffer.view();
  at_ = 0;
  record_ = 0;
  problems_.clear();
  const std::uint32_t input = batch.input == nullptr ? 0 : batch.input->index;
  if (input != input_) {
    input_ = input;
    number_ = 0;
    state_ = std::make_unique<SystemState>();
  }
  lost_before_ = state_->lost();
  if (batch.offset == 0) begin_input();
  if (refused_) at_ = bytes_.size();
}

// What another version wrote may mean anything: none of it is taken.
void KernelDecoder::begin_input() {
  refused_ = false;
  if (!is_capture(bytes_)) return;
  CaptureHeader header{};
  std::memcpy(&header, bytes_.data(), std::min(sizeof header, bytes_.size()));
  at_ = std::min(sizeof header, bytes_.size());
  if (header.version == VEDETTE_CAPTURE_VERSION) return;
  refused_ = true;
  note(0, "expected a capture of version " + std::to_string(VEDETTE_CAPTURE_VERSION) +
              ", found version " + std::to_string(header.version) +
              "; read it with the version that wrote it");
  ++record_;
}

void KernelDecoder::note(std::size_t offset, std::string message) {
  problems_.push_back({offset, record_, std::move(message)});
}

// Reads the record at at_, or the next sound one; false at the end.
bool KernelDecoder::read_record(std::size_t& offset) {
  while (at_ < bytes_.size()) {
    offset = at_;
    const std::string_view rest = bytes_.substr(at_);
    if (reader_.read(rest)) {
      at_ += reader_.header().size;
      return true;
    }
    const std::size_t size = record_size(rest);
    const bool whole = size != 0 && size != kMalformed && size <= rest.size();
    at_ = whole ? at_ + size : find_record(bytes_, std::min(at_ + 8, bytes_.size()));
    note(offset, at_ < bytes_.size() || whole ? "the record is malformed and was left out"
                                              : "the last record is cut off");
    ++record_;
  }
  return false;
}

bool KernelDecoder::next(event::Event& event) {
  std::size_t offset = 0;
  while (read_record(offset)) {
    const std::uint64_t record = record_++;
    state_->apply(reader_);
    if (!is_event(reader_.header().kind)) {
      if (on_state_) on_state_();
      continue;
    }
    ++number_;
    event.clear();
    event.raw = reader_.bytes();
    event.raw_text = event::RawText::kOpaque;
    event.record = record;
    event.offset = offset;
    event.has_time = true;
    event.time = state_->to_time(reader_.header().time);
    fill(event);
    return true;
  }
  return false;
}

FieldContext KernelDecoder::context_for(Arena& arena) const {
  FieldContext context{.record = reader_, .state = *state_, .arena = arena, .argument = {}};
  context.process = state_->current();
  if (context.process != nullptr) {
    context.container = state_->container_of(context.process->cgroup);
  }
  const std::uint32_t number = reader_.header().syscall;
  if (number != VEDETTE_NO_SYSCALL) context.call = find_call(number);
  context.number = number_;
  return context;
}

// Makes the wanted fields' values: put(slot, value, more) for each, further ones with `more`.
template <typename Put>
void KernelDecoder::make(const std::vector<Wanted>& wanted_fields, FieldContext context,
                         Put&& put) {
  FieldValues values(context.arena);
  for (const Wanted& wanted : wanted_fields) {
    context.argument = wanted.argument;
    context.index = wanted.index;
    context.call_argument = wanted.call_argument;
    values.clear();
    wanted.row->get(context, values);
    for (const event::FieldTree::Target& target : wanted.targets) {
      bool more = false;
      for (event::Value value : values.values()) {
        value.rank = target.rank;
        put(target.slot, value, more);
        more = true;
      }
    }
  }
}

void KernelDecoder::prepare(Process& process) {
  process.prepared_text.clear();
  process.prepared.clear();
  make(of_state_, context_for(process.prepared_text),
       [&process](event::Slot slot, const event::Value& value, bool more) {
         process.prepared.push_back({slot, more, value});
       });
  // Of a field with several values none can be told by the stamp.
  if (++stamp_ == 0) {
    stamp_ = 1;
    state_->outdate();
  }
  for (std::size_t i = 0; i < process.prepared.size(); ++i) {
    const bool alone = !process.prepared[i].more &&
                       (i + 1 == process.prepared.size() || !process.prepared[i + 1].more);
    if (alone) process.prepared[i].value.stamp = stamp_;
  }
  process.prepared_at = state_->epoch();
}

void KernelDecoder::fill(event::Event& event) {
  const auto put = [&event](event::Slot slot, const event::Value& value, bool more) {
    more ? event.append(slot, value) : event.put(slot, value);
  };
  if (Process* const process = state_->current()) {
    if (process->prepared_at != state_->epoch()) prepare(*process);
    for (const PreparedValue& each : process->prepared) put(each.slot, each.value, each.more);
  }
  const FieldContext context = context_for(event.arena());
  make(of_event_, context, put);
  if (reader_.has(VEDETTE_FIELD_SOCKET) || reader_.has(VEDETTE_FIELD_ADDRESS)) {
    make(of_socket_, context, put);
  }
  if (context.call != nullptr && context.call->number < of_call_.size()) {
    make(of_call_[context.call->number], context, put);
  }
}

void KernelDecoder::complete(event::Event& event) {
  make(late_, context_for(event.arena()),
       [&event](event::Slot slot, const event::Value& value, bool more) {
         more ? event.append(slot, value) : event.put(slot, value);
       });
}

void KernelDecoder::everything(event::Event& event, std::vector<event::NamedValue>& out) {
  FieldContext context = context_for(event.arena());
  FieldValues values(event.arena());
  const auto list = [&](std::string_view path) {
    for (const event::Value& value : values.values()) out.push_back({path, value});
  };
  for (const auto& rows : all_fields()) {
    for (const FieldRow& row : rows) {
      // Those that need a name have no value without one; parts of evt.arg follow below.
      if (row.name.ends_with('.') || row.name == "evt.arg" || row.name == "evt.rawarg") continue;
      values.clear();
      row.get(context, values);
      list(row.name);
    }
  }
  if (context.call == nullptr) return;
  for (const CallArgument& argument : context.call->arguments) {
    values.clear();
    const std::string_view text = argument_text(argument, context);
    if (text.data() == nullptr) continue;
    values.text(text);
    list(event.arena().copy("evt.arg." + std::string(argument.name)));
  }
}

}  // namespace vedette::formats::kernel
