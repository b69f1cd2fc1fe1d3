// SPDX-License-Identifier: Apache-2.0
#include "scan/git/pack_families.h"

#include <algorithm>

namespace vedette::scan::git {

using formats::git::ObjectType;
using formats::git::Pack;
using formats::git::PackEntry;

namespace {

// The row that begins at `offset`, before `row`. Bases are mostly near.
std::uint32_t row_before(const std::vector<PackLayout::Row>& rows, std::uint32_t row,
                         std::uint64_t offset) {
  std::uint32_t high = row;
  std::uint32_t step = 1;
  while (high >= step && rows[high - step].offset > offset) {
    high -= step;
    step *= 2;
  }
  const std::uint32_t low = high >= step ? high - step : 0;
  const auto begin = rows.begin();
  const auto found = std::lower_bound(
      begin + low, begin + row, offset,
      [](const PackLayout::Row& one, std::uint64_t wanted) { return one.offset < wanted; });
  return found != begin + row && found->offset == offset ? static_cast<std::uint32_t>(found - begin)
                                                         : PackLayout::kNone;
}

}  // namespace

PackLayout read_layout(const Pack& pack, formats::git::HashKind hash) {
  PackLayout layout;
  layout.rows.resize(pack.index.count());
  for (std::uint32_t i = 0; i < layout.rows.size(); ++i)
    layout.rows[i] = {pack.index.offset(i), i, PackLayout::kNone};
  std::ranges::sort(layout.rows, {}, &PackLayout::Row::offset);
  layout.types.resize(layout.rows.size());
  formats::git::PackWindow window;
  for (std::uint32_t i = 0; i < layout.rows.size(); ++i) {
    PackLayout::Row& row = layout.rows[i];
    const auto bytes = window.view(pack.file, row.offset, formats::git::kEntryHeadMax);
    if (!bytes) continue;
    const Result<PackEntry> entry = formats::git::parse_pack_entry(*bytes, row.offset, hash);
    if (!entry) continue;
    layout.types[i] = entry->type;
    if (entry->type != ObjectType::kOffsetDelta) continue;
    row.base = row_before(layout.rows, i, entry->base_offset);
    layout.types[i] = row.base == PackLayout::kNone ? ObjectType::kNone : layout.types[row.base];
  }
  return layout;
}

PackFamilies find_families(const PackLayout& layout, const std::vector<bool>& wanted) {
  const auto& rows = layout.rows;
  // Members that are needed, the object itself included; bases stand before what is made from them.
  std::vector<std::uint32_t> members(rows.size());
  for (std::size_t i = rows.size(); i-- > 0;) {
    if (members[i] != 0 || wanted[rows[i].position]) ++members[i];
    if (rows[i].base != PackLayout::kNone) members[rows[i].base] += members[i];
  }
  PackFamilies families;
  families.nodes.reserve(rows.size() -
                         static_cast<std::size_t>(std::ranges::count(members, std::uint32_t{0})));
  std::vector<std::uint32_t> node_of(rows.size());
  std::vector<std::uint32_t> members_of;  // by node
  members_of.reserve(families.nodes.capacity());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (members[i] == 0) continue;
    const auto node = static_cast<std::uint32_t>(families.nodes.size());
    node_of[i] = node;
    families.nodes.push_back({rows[i].offset, rows[i].position});
    members_of.push_back(members[i]);
    if (rows[i].base == PackLayout::kNone) {
      families.roots.push_back({node, members[i]});
      continue;
    }
    PackFamilies::Node& base = families.nodes[node_of[rows[i].base]];
    std::uint32_t branch = node;
    if (base.largest == PackFamilies::kNone || members[i] > members_of[base.largest])
      std::swap(branch, base.largest);
    if (branch == PackFamilies::kNone) continue;
    families.nodes[branch].next = base.first;
    base.first = branch;
  }
  return families;
}

}  // namespace vedette::scan::git
