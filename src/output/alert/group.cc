// SPDX-License-Identifier: Apache-2.0
#include "output/alert/group.h"

#include <algorithm>
#include <list>
#include <string>
#include <unordered_map>

#include "output/alert/kept_alert.h"

namespace vedette::output {
namespace {

struct Group {
  Group(std::string its_key, const event::Alert& alert) : key(std::move(its_key)), kept(alert) {}
  std::string key;
  KeptAlert kept;
  std::size_t bytes = 0;  // as counted at its start
};

void append_part(std::string_view text, std::string& key) {
  key += std::to_string(text.size());
  (key += ':') += text;
}

class GroupSink : public event::Sink {
 public:
  GroupSink(std::unique_ptr<event::Sink> inner, std::size_t bytes_max)
      : inner_(std::move(inner)), bytes_max_(bytes_max) {}

  Result<void> write(const event::Alert& alert) override {
    key_.clear();
    append_part({reinterpret_cast<const char*>(&alert.rule), sizeof(alert.rule)}, key_);
    for (const auto role : {event::Role::kHost, event::Role::kContainer, event::Role::kPod})
      append_part(alert.role(role), key_);
    for (const event::AlertField& field : alert.group) {
      append_part(field.name, key_);
      append_part(field.value, key_);
    }
    const auto found = by_key_.find(key_);
    if (found != by_key_.end()) {
      fold(alert, found->second->kept);
      return {};
    }
    groups_.emplace_back(key_, alert);
    event::Alert& first = groups_.back().kept.alert();
    if (!alert.rule->correlation) first.first_time = first.time;
    by_key_.emplace(groups_.back().key, std::prev(groups_.end()));
    groups_.back().bytes = groups_.back().kept.bytes() + 2 * key_.size() + sizeof(Group);
    bytes_ += groups_.back().bytes;
    while (bytes_ > bytes_max_) TRY_VOID(hand_on_first());
    return {};
  }

  Result<void> finish(const event::Summary& summary) override {
    while (!groups_.empty()) TRY_VOID(hand_on_first());
    return inner_->finish(summary);
  }

  bool wants_event() const override { return inner_->wants_event(); }
  bool wants_output_fields() const override { return inner_->wants_output_fields(); }

 private:
  static void fold(const event::Alert& alert, KeptAlert& kept) {
    event::Alert& group = kept.alert();
    group.event_count += alert.event_count;
    if (!alert.has_time) {
      if (!group.has_time) kept.set_place(alert);
      return;
    }
    const TimeNs first = alert.rule->correlation ? alert.first_time : alert.time;
    if (!group.has_time || alert.time >= group.time) {
      group.time = alert.time;
      group.value = alert.value;
      kept.set_place(alert);
    }
    group.first_time = group.has_time ? std::min(group.first_time, first) : first;
    group.has_time = true;
  }

  Result<void> hand_on_first() {
    const Group& first = groups_.front();
    TRY_VOID(inner_->write(first.kept.alert()));
    bytes_ -= first.bytes;
    by_key_.erase(first.key);
    groups_.pop_front();
    return {};
  }

  std::unique_ptr<event::Sink> inner_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::string key_;
  std::list<Group> groups_;  // in the order of their first alerts
  std::unordered_map<std::string, std::list<Group>::iterator> by_key_;
};

}  // namespace

std::unique_ptr<event::Sink> make_group_sink(std::unique_ptr<event::Sink> inner,
                                             std::size_t bytes_max) {
  return std::make_unique<GroupSink>(std::move(inner), bytes_max);
}

}  // namespace vedette::output
