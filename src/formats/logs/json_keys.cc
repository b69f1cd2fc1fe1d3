// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/json_keys.h"

#include "base/hash.h"
#include "event/value.h"
#include "formats/logs/json_shapes.h"

namespace vedette::formats::logs {

using event::FieldTree;

namespace {

// Together they bound what unheard-of keys can take.
constexpr std::size_t kTextBytesMax = std::size_t{1} << 20;

}  // namespace

void JsonKeys::forget() {
  known_.clear();
  known_.resize(1);
  table_.assign(kTableSize, {});
  texts_.clear();
}

JsonKeys::Index JsonKeys::look_up(Index last, FieldTree::Node parent, std::string_view key) {
  if (known_.size() >= kKnownMax || texts_.size() + key.size() > kTextBytesMax) {
    forget();
    last = kFirst;
  }
  std::uint64_t at = hash_bytes(key, parent) % kTableSize;
  while (table_[at].known != 0) {
    const Slot& slot = table_[at];
    if (known_[slot.known].parent == parent &&
        std::string_view(texts_.data() + slot.text, slot.size) == key)
      break;
    at = (at + 1) % kTableSize;
  }
  if (table_[at].known == 0) {
    table_[at] = {static_cast<Index>(known_.size()), static_cast<std::uint32_t>(key.size()),
                  static_cast<std::uint32_t>(texts_.size())};
    texts_.insert(texts_.end(), key.begin(), key.end());
    Known& fresh = known_.emplace_back();
    fresh.parent = parent;
    describe(fresh, key);
  }
  Known& before = known_[last];
  before.other = before.next;
  before.next = table_[at].known;
  return before.next;
}

void JsonKeys::describe(Known& known, std::string_view key) const {
  constexpr std::size_t kAround = 3;  // two quotes and a colon
  if (key.size() + kAround <= known.quoted.size()) {
    known.distance = static_cast<std::uint32_t>(key.size() + kAround - 1);
    known.quoted[0] = '"';
    if (!key.empty()) std::memcpy(&known.quoted[1], key.data(), key.size());
    known.quoted[key.size() + 1] = '"';
    known.quoted[key.size() + 2] = ':';
  }
  known.place.node = child_of(known.parent, key);
  if (known.parent == FieldTree::kRoot && key == kEmbeddedData) {
    known.place.target_count = Place::kEmbedded;
    return;
  }
  if (known.place.node == FieldTree::kNone) return;
  const auto targets = tree_.targets(known.place.node);
  known.place.target_count = static_cast<std::uint32_t>(targets.size());
  if (!targets.empty()) known.place.target = targets.front();
}

// A key is looked up as it stands; only an unknown one is searched for escapes.
FieldTree::Node JsonKeys::child_of(FieldTree::Node parent, std::string_view key) const {
  const FieldTree::Node node = tree_.child(parent, key);
  if (node != FieldTree::kNone || key.find('\\') == std::string_view::npos) return node;
  Arena arena(key.size() * 2 + 16);
  const event::Value escaped{key.data(),
                             static_cast<std::uint32_t>(key.size()),
                             event::Kind::kString,
                             event::Encoding::kJson,
                             0,
                             0};
  return tree_.child(parent, event::text_of(escaped, arena));
}

}  // namespace vedette::formats::logs
