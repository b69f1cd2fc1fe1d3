// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <fmt/format.h>

#include "formats/git/delta.h"
#include "scan/git/history.h"

namespace vedette::scan::git {

using formats::git::ObjectNumber;
using formats::git::ObjectReader;
using formats::git::ObjectType;
using formats::git::Pack;
using formats::git::PackEntry;

Result<std::unique_ptr<HistoryReader>> HistoryReader::create(const History& history) {
  TRY(ObjectReader objects,
      ObjectReader::create(history.store(), {kCacheBytes, history.content_bytes_max_}));
  return std::unique_ptr<HistoryReader>(new HistoryReader(history, std::move(objects)));
}

void HistoryReader::read(std::uint32_t unit, const Act& act) {
  const History::Unit& part = history_.units_[unit];
  if (part.pack == History::kDirect) {
    for (std::uint32_t i = part.begin; i < part.end; ++i) read_direct(history_.direct_[i], act);
    return;
  }
  const Pack& pack = *history_.store().packs()[part.pack];
  const PackFamilies& families = history_.families_[part.pack];
  for (std::uint32_t i = part.begin; i < part.end; ++i)
    read_family(pack, families, families.roots[i].node, act);
}

void HistoryReader::lose_object(ObjectNumber number, const Error& error) {
  std::string what = to_hexadecimal(history_.store().id(number), history_.store().hash());
  if (const std::string path = history_.path_of(number); !path.empty()) what += " " + path;
  losses_.add(error, what);
}

void HistoryReader::read_direct(ObjectNumber number, const Act& act) {
  const auto object = objects_.read(number);
  if (!object) return lose_object(number, object.error());
  if (object->type != ObjectType::kBlob)
    return lose_object(number, {ErrorCode::kInvalid, "expected a blob, found something else"});
  act({number, object->bytes});
}

// A base that is a delta by id, or whose base is, is left to the general reader.
bool HistoryReader::open_root(const Pack& pack, const PackFamilies& families, std::uint32_t root) {
  const PackFamilies::Node& node = families.nodes[root];
  Open open{root, node.first, std::move(spare_)};
  const auto fill = [&]() -> Result<void> {
    TRY(const PackEntry entry, objects_.entry(pack, node.offset));
    if (entry.type == ObjectType::kBlob) return objects_.inflate(pack, entry, open.bytes);
    TRY(const ObjectReader::Object object, objects_.read(pack.first + node.position));
    if (object.type != ObjectType::kBlob)
      return failure(ErrorCode::kInvalid, "expected a blob, found something else");
    std::memcpy(open.bytes.reset(object.bytes.size()), object.bytes.data(), object.bytes.size());
    return {};
  };
  if (const Result<void> filled = fill(); !filled) {
    lose(pack, families, root, filled.error());
    return false;
  }
  open_bytes_ += open.bytes.capacity();
  open_.push_back(std::move(open));
  return true;
}

// Depth first, without recursion. Branches but the largest are opened above their base; the largest
// takes its place.
void HistoryReader::read_family(const Pack& pack, const PackFamilies& families, std::uint32_t root,
                                const Act& act) {
  open_.clear();
  open_bytes_ = 0;
  if (!open_root(pack, families, root)) return;
  deliver(pack, families, open_.back(), act);
  while (!open_.empty()) {
    Open& top = open_.back();
    const bool is_last = top.branch == PackFamilies::kNone;
    const std::uint32_t child = is_last ? families.nodes[top.node].largest : top.branch;
    if (child == PackFamilies::kNone) {
      open_bytes_ -= top.bytes.capacity();
      spare_ = std::move(top.bytes);
      open_.pop_back();
      continue;
    }
    const PackFamilies::Node& node = families.nodes[child];
    if (!is_last) top.branch = node.next;
    Buffer made = std::move(spare_);
    const Result<void> result = make_member(pack, node, top, families, made);
    if (!result) {
      spare_ = std::move(made);
      lose(pack, families, child, result.error());
      if (is_last) {
        open_bytes_ -= top.bytes.capacity();
        open_.pop_back();
      }
      continue;
    }
    open_bytes_ += made.capacity();
    if (is_last) {
      open_bytes_ -= top.bytes.capacity();
      spare_ = std::move(top.bytes);
      top = {child, node.first, std::move(made)};
    } else {
      open_.push_back({child, node.first, std::move(made)});
      bound_open();
    }
    deliver(pack, families, open_.back(), act);
  }
}

Result<void> HistoryReader::make_member(const Pack& pack, const PackFamilies::Node& node,
                                        Open& base, const PackFamilies& families, Buffer& out) {
  if (base.bytes.capacity() == 0) {
    // It was given back meanwhile.
    TRY(const ObjectReader::Object object,
        objects_.read(pack.first + families.nodes[base.node].position));
    std::memcpy(base.bytes.reset(object.bytes.size()), object.bytes.data(), object.bytes.size());
    open_bytes_ += base.bytes.capacity();
  }
  TRY(const PackEntry entry, objects_.entry(pack, node.offset));
  TRY_VOID(objects_.inflate(pack, entry, delta_));
  return formats::git::apply_delta(base.bytes.view(), delta_.view(), history_.content_bytes_max_,
                                   out);
}

void HistoryReader::bound_open() {
  for (std::size_t i = 0; i + 1 < open_.size() && open_bytes_ > kOpenBytesMax; ++i) {
    open_bytes_ -= open_[i].bytes.capacity();
    open_[i].bytes.free();
  }
}

void HistoryReader::deliver(const Pack& pack, const PackFamilies& families, const Open& open,
                            const Act& act) {
  const ObjectNumber number = pack.first + families.nodes[open.node].position;
  if (history_.is_wanted(number)) act({number, open.bytes.view()});
}

// Counts what is wanted of a branch that cannot be made.
void HistoryReader::lose(const Pack& pack, const PackFamilies& families, std::uint32_t node,
                         const Error& error) {
  std::vector<std::uint32_t> open = {node};
  while (!open.empty()) {
    const PackFamilies::Node& lost = families.nodes[open.back()];
    const bool is_first = open.back() == node;
    open.pop_back();
    const ObjectNumber number = pack.first + lost.position;
    if (history_.is_wanted(number)) {
      lose_object(number, is_first ? error
                                   : Error{error.code, "what it is a delta of cannot be read: " +
                                                           error.message});
    }
    if (lost.largest != PackFamilies::kNone) open.push_back(lost.largest);
    for (std::uint32_t i = lost.first; i != PackFamilies::kNone; i = families.nodes[i].next)
      open.push_back(i);
  }
}

}  // namespace vedette::scan::git
