// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "event/alert.h"

namespace vedette::output {

// A copy of an alert that outlives Sink::write(). The rule is not copied: it lives in the rule set.
class KeptAlert {
 public:
  explicit KeptAlert(const event::Alert& alert);
  KeptAlert(KeptAlert&&) = default;
  KeptAlert& operator=(KeptAlert&&) = default;

  // Views into this object; its numbers may be changed.
  event::Alert& alert() { return alert_; }
  const event::Alert& alert() const { return alert_; }
  // The newest event's place.
  void set_place(const event::Alert& newest);

  std::size_t bytes() const;

 private:
  event::Alert alert_;
  std::vector<char> text_;  // moving a vector keeps its memory, and so the views, in place
  std::vector<char> input_;
  std::vector<event::MatchedField> matched_;
  std::vector<event::AlertField> event_;
  std::vector<event::AlertField> output_fields_;
  std::vector<event::AlertField> group_;
  std::vector<std::string_view> rules_;
};

}  // namespace vedette::output
