// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "event/batch.h"
#include "event/event.h"
#include "event/field_tree.h"
#include "formats/kernel/fields.h"
#include "formats/kernel/record_reader.h"
#include "formats/kernel/system_state.h"
#include "formats/logs/decoder.h"

namespace vedette::formats::kernel {

// The LogDecoder (formats/logs/decoder.h) of kernel records, live or from a capture. Unlike others
// it remembers: what a record means depends on those before it. So all batches of one input go
// through one decoder, in order; with the first batch of another input it forgets everything.
// Records of state are counted as records, but next() passes over them. Of the fields only those
// that the tree wants are made; those that follow from the state are made once for each process and
// state, not for each event.
class KernelDecoder {
 public:
  KernelDecoder(const event::FieldTree& tree, const Limits& limits);

  // Goes on, with other fields, where another decoder of the same stream stands.
  void take_over(KernelDecoder& earlier);

  void start(const event::Batch& batch);
  bool next(event::Event& event);
  // Makes the fields that no condition asks for (FieldTree::Target::late) of the event that next()
  // returned last.
  void complete(event::Event& event);
  void everything(event::Event& event, std::vector<event::NamedValue>& out);
  std::vector<logs::RecordProblem>& problems() { return problems_; }
  std::uint64_t records() const { return record_; }
  // Events that LOST records of the batch tell of.
  std::uint64_t lost() const { return state_->lost() - lost_before_; }

  // Called by next() for each record that it passes over, once the state has taken it in.
  void on_state(std::function<void()> look) { on_state_ = std::move(look); }

  // As of the event that next() returned last.
  const SystemState& state() const { return *state_; }
  const RecordReader& record() const { return reader_; }

 private:
  struct Wanted {
    const FieldRow* row = nullptr;
    std::string argument;
    std::int32_t index = -1;
    std::vector<event::FieldTree::Target> targets;
    const CallArgument* call_argument = nullptr;
  };

  void place(const Wanted& wanted, bool late);
  void want(std::string_view key, std::span<const event::FieldTree::Target> targets);
  void begin_input();
  void note(std::size_t offset, std::string message);
  bool read_record(std::size_t& offset);
  void fill(event::Event& event);
  template <typename Put>
  void make(const std::vector<Wanted>& wanted_fields, FieldContext context, Put&& put);
  void prepare(Process& process);
  FieldContext context_for(Arena& arena) const;

  std::vector<Wanted> of_state_;
  std::vector<Wanted> of_event_;
  std::vector<Wanted> of_socket_;
  std::vector<std::vector<Wanted>> of_call_;  // arguments, by the call's number
  std::vector<Wanted> late_;

  std::string_view bytes_;  // of the batch
  std::size_t at_ = 0;
  std::uint64_t record_ = 0;
  std::uint32_t input_ = 0xFFFFFFFF;
  std::uint64_t number_ = 0;  // of the event in its input
  std::uint64_t lost_before_ = 0;
  std::uint32_t stamp_ = 0;  // given out last
  bool refused_ = false;     // the input at hand is of another version
  RecordReader reader_;
  std::unique_ptr<SystemState> state_;
  std::vector<logs::RecordProblem> problems_;
  std::function<void()> on_state_;
};

}  // namespace vedette::formats::kernel
