// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "event/batch.h"
#include "event/event.h"
#include "event/field_tree.h"
#include "formats/kernel/decoder.h"
#include "observe/sighting.h"

namespace vedette::observe {

// Reads kernel records and says what was done. It keeps a SystemState of its own, so it needs all
// batches of an input, in order, and no rules. Not thread-safe.
class SightingReader {
 public:
  // Names that DNS gave, remembered for so many addresses; beyond it all are forgotten.
  static constexpr std::size_t kNamesMax = 16384;

  explicit SightingReader(const Limits& limits);

  // Batches of other formats are passed over. `visit` may not keep what it is shown.
  void read(const event::Batch& batch, const std::function<void(const Sighting&)>& visit);

  // Events that were lost between kernel and program, of all that was read.
  std::uint64_t lost() const { return lost_; }
  const formats::kernel::SystemState& state() const { return decoder_.state(); }

 private:
  using Visit = std::function<void(const Sighting&)>;

  void look(const Visit& visit);
  void look_at_program(Sighting& sighting, const Visit& visit);
  void look_at_call(Sighting& sighting, const Visit& visit);
  void look_at_open(Sighting& sighting, const Visit& visit);
  void look_at_change(Sighting& sighting, const Visit& visit);
  void look_at_socket(Sighting& sighting, const Visit& visit);
  void look_at_calls(const Visit& visit);
  void remember_names();
  Sighting begin();
  std::string_view text(event::Slot slot);
  std::uint16_t port(event::Slot slot);
  std::string_view image_for(const formats::kernel::Container* container);

  event::FieldTree tree_;
  formats::kernel::KernelDecoder decoder_;
  event::Event event_;
  const Visit* visit_ = nullptr;                                 // during read()
  std::map<std::string, std::string, std::less<>> names_;        // by address
  std::map<std::string, std::string, std::less<>> image_names_;  // by container's id
  std::string unanswered_;  // the image of a container without an answer
  std::uint64_t lost_ = 0;
};

}  // namespace vedette::observe
