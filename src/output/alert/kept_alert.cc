// SPDX-License-Identifier: Apache-2.0
#include "output/alert/kept_alert.h"

#include <span>

namespace vedette::output {
namespace {

std::size_t text_size(const event::Alert& alert) {
  std::size_t size = 0;
  for (const std::string_view role : alert.roles) size += role.size();
  for (const event::MatchedField& leaf : alert.matched) {
    size += leaf.selection.size() + leaf.field.size() + leaf.value.size() + leaf.test.size();
  }
  for (const auto& fields : {alert.event, alert.output_fields, alert.group}) {
    for (const event::AlertField& field : fields) size += field.name.size() + field.value.size();
  }
  for (const std::string_view rule : alert.rules) size += rule.size();
  return size;
}

}  // namespace

KeptAlert::KeptAlert(const event::Alert& alert)
    : alert_(alert),
      matched_(alert.matched.begin(), alert.matched.end()),
      event_(alert.event.begin(), alert.event.end()),
      output_fields_(alert.output_fields.begin(), alert.output_fields.end()),
      group_(alert.group.begin(), alert.group.end()),
      rules_(alert.rules.begin(), alert.rules.end()) {
  text_.reserve(text_size(alert));  // so that no view below moves
  const auto keep = [&](std::string_view& text) {
    const std::size_t start = text_.size();
    text_.insert(text_.end(), text.begin(), text.end());
    text = {text_.data() + start, text.size()};
  };
  for (std::string_view& role : alert_.roles) keep(role);
  for (event::MatchedField& leaf : matched_) {
    keep(leaf.selection);
    keep(leaf.field);
    keep(leaf.value);
    keep(leaf.test);
  }
  for (auto* fields : {&event_, &output_fields_, &group_}) {
    for (event::AlertField& field : *fields) {
      keep(field.name);
      keep(field.value);
    }
  }
  for (std::string_view& rule : rules_) keep(rule);
  alert_.matched = matched_;
  alert_.event = event_;
  alert_.output_fields = output_fields_;
  alert_.group = group_;
  alert_.rules = rules_;
  set_place(alert);
}

void KeptAlert::set_place(const event::Alert& newest) {
  if (alert_.input.data() != input_.data() || alert_.input != newest.input) {
    input_.assign(newest.input.begin(), newest.input.end());
    alert_.input = {input_.data(), input_.size()};
  }
  alert_.record = newest.record;
  alert_.offset = newest.offset;
}

std::size_t KeptAlert::bytes() const {
  return sizeof(*this) + text_.capacity() + input_.capacity() +
         matched_.size() * sizeof(event::MatchedField) +
         (event_.size() + output_fields_.size() + group_.size()) * sizeof(event::AlertField) +
         rules_.size() * sizeof(std::string_view);
}

}  // namespace vedette::output
