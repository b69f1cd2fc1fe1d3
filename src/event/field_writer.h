// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "event/event.h"
#include "event/field_tree.h"

namespace vedette::event {

// What a decoder of flat records writes to: a value goes into the slots that its key fills, and,
// when asked, into the list of everything that the event holds (keyword rules, `explain`, reports).
class FieldWriter {
 public:
  // `everything` may be null. All three outlive the writer.
  FieldWriter(const FieldTree& tree, Event& event, std::vector<NamedValue>* everything)
      : tree_(tree), event_(event), everything_(everything) {}

  // `key` may be dotted: "id.orig_h" fills the path id.orig_h. `text` lives as long as the batch or
  // arena().
  void put(std::string_view key, std::string_view text, Kind kind = Kind::kString) {
    put(key, plain(text, kind));
  }
  void put(std::string_view key, const Value& value) {
    const FieldTree::Node node = tree_.child(FieldTree::kRoot, key);
    if (node != FieldTree::kNone) {
      for (const FieldTree::Target& target : tree_.targets(node)) {
        Value ranked = value;
        ranked.rank = target.rank;
        event_.put(target.slot, ranked);
      }
    }
    if (everything_ != nullptr) everything_->push_back({key, value});
  }
  // One more value of a key that may repeat (an array's element).
  void append(std::string_view key, const Value& value) {
    const FieldTree::Node node = tree_.child(FieldTree::kRoot, key);
    if (node != FieldTree::kNone) {
      for (const FieldTree::Target& target : tree_.targets(node)) {
        Value ranked = value;
        ranked.rank = target.rank;
        event_.append(target.slot, ranked);
      }
    }
    if (everything_ != nullptr) everything_->push_back({key, value});
  }

  // Whether put() of this key would reach anyone: spares making text that nobody reads.
  bool wants(std::string_view key) const {
    return everything_ != nullptr || tree_.child(FieldTree::kRoot, key) != FieldTree::kNone;
  }
  // The same for dotted keys that begin with "key.".
  bool wants_below(std::string_view key) const {
    if (everything_ != nullptr) return true;
    const FieldTree::Node node = tree_.child(FieldTree::kRoot, key);
    return node != FieldTree::kNone && tree_.has_children(node);
  }

  // For text (and keys) that stand nowhere in the batch.
  Arena& arena() { return event_.arena(); }

 private:
  const FieldTree& tree_;
  Event& event_;
  std::vector<NamedValue>* everything_;
};

}  // namespace vedette::event
