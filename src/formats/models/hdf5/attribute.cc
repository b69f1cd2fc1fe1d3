// SPDX-License-Identifier: Apache-2.0
#include "formats/models/hdf5/attribute.h"

#include <algorithm>

#include "formats/models/hdf5/hdf5.h"
#include "formats/models/hdf5/record_tree.h"

namespace vedette::formats::models {

void Hdf5SharedMessages::read_table(std::uint64_t extension) {
  constexpr std::uint64_t kIndexesMax = 8;
  for (const Hdf5Message& message : read_object_header(file_, extension)) {
    if (message.type != Hdf5MessageType::kSharedMessages) continue;
    Hdf5Cursor cursor(file_, message.body);
    cursor.skip(1);
    const std::uint64_t table = cursor.address();
    const std::uint64_t count = std::min(cursor.number(1), kIndexesMax);
    Hdf5Cursor entry(file_, table);
    if (!entry.takes("SMTB")) return;
    for (std::uint64_t i = 0; i < count; ++i) {
      entry.skip(2);
      const std::uint64_t types = entry.number(2);
      entry.skip(10);
      entry.address();
      const std::uint64_t heap_at = entry.address();
      if (!entry.good()) return;
      if (auto heap = Hdf5FractalHeap::open(file_, heap_at))
        indexes_.push_back({types, std::move(*heap)});
    }
    return;
  }
}

std::string_view Hdf5SharedMessages::resolve(Hdf5MessageType type, std::string_view reference) {
  Hdf5Cursor cursor(file_, reference);
  const std::uint64_t version = cursor.number(1);
  const std::uint64_t kind = cursor.number(1);
  constexpr std::uint64_t kInHeap = 1;
  constexpr std::size_t kIdSize = 8;
  if (version >= 3 && kind == kInHeap) return in_heap(type, cursor.take(kIdSize));
  if (version == 1) cursor.skip(6);
  const std::uint64_t at = cursor.address();
  if (!cursor.good()) return {};
  // One more reference would lead on, which no writer does.
  for (const Hdf5Message& message : read_object_header(file_, at)) {
    if (message.type == type && !message.is_shared) return message.body;
  }
  return {};
}

std::string_view Hdf5SharedMessages::in_heap(Hdf5MessageType type, std::string_view id) {
  constexpr unsigned kTypesMax = 16;  // an index has a bit for each
  if (static_cast<unsigned>(type) >= kTypesMax) return {};
  const auto bit = std::uint64_t{1} << static_cast<unsigned>(type);
  for (Index& index : indexes_) {
    if ((index.types & bit) != 0) return index.heap.object(id);
  }
  return {};
}

void Hdf5AttributeReader::read_all(const std::vector<Hdf5Message>& messages, const Take& take) {
  for (const Hdf5Message& message : messages) {
    if (message.type == Hdf5MessageType::kAttributeInfo) read_dense(message.body, take);
    if (message.type != Hdf5MessageType::kAttribute) continue;
    if (message.is_shared)
      read_shared(shared_.resolve(message.type, message.body), take);
    else
      read(message.body, take);
  }
}

// A copy is read: what it refers to may be unpacked in its place.
void Hdf5AttributeReader::read_shared(std::string_view body, const Take& take) {
  if (body.size() > kHdf5ValueMax) file_.pass_over();
  read(std::string(body.substr(0, kHdf5ValueMax)), take);
}

// IV.A.2.m. Only version 1 pads its parts.
void Hdf5AttributeReader::read(std::string_view body, const Take& take) {
  Hdf5Cursor cursor(file_, body);
  const std::uint64_t version = cursor.number(1);
  const std::uint64_t flags = cursor.number(1);
  const std::uint64_t name_size = cursor.number(2);
  const std::uint64_t type_size = cursor.number(2);
  const std::uint64_t space_size = cursor.number(2);
  if (version < 1 || version > 3) return;
  if (version == 3) cursor.skip(1);
  const auto part = [&](std::uint64_t size) {
    const std::string_view taken = cursor.take(size);
    if (version == 1 && size % 8 != 0) cursor.skip(8 - size % 8);
    return taken;
  };
  std::string_view name = part(name_size);
  name = name.substr(0, std::min(name.find('\0'), name.size()));
  const std::string_view type_body = part(type_size);
  const std::string_view space_body = part(space_size);
  if (!cursor.good()) return;
  // Both are read before the next one may take the place of a shared one.
  const bool has_shares = version > 1;
  const Hdf5Type type = read_data_type(
      file_, has_shares && (flags & 1) != 0 ? shared_.resolve(Hdf5MessageType::kDatatype, type_body)
                                            : type_body);
  const Hdf5Space space =
      read_dataspace(file_, has_shares && (flags & 2) != 0
                                ? shared_.resolve(Hdf5MessageType::kDataspace, space_body)
                                : space_body);
  if (type.kind == Hdf5Type::Kind::kOther) return;
  const std::string value =
      read_texts(file_, heap_, type, space.count(), cursor.rest(), kHdf5ValueMax);
  if (!value.empty() && file_.spend_unpacked(value.size())) take(name, value);
}

void Hdf5AttributeReader::read_dense(std::string_view info, const Take& take) {
  Hdf5Cursor cursor(file_, info);
  cursor.skip(1);
  if ((cursor.number(1) & 1) != 0) cursor.skip(2);
  const std::uint64_t heap_at = cursor.address();
  const std::uint64_t tree_at = cursor.address();
  if (!cursor.good() || heap_at == file_.none()) return;
  auto heap = Hdf5FractalHeap::open(file_, heap_at);
  constexpr std::size_t kIdSize = 8;
  for (const std::string_view record : read_record_tree(file_, tree_at).records) {
    if (record.size() <= kIdSize) return;
    const std::string_view id = record.substr(0, kIdSize);
    const bool is_shared = (record[kIdSize] & 2) != 0;
    if (is_shared)
      read_shared(shared_.in_heap(Hdf5MessageType::kAttribute, id), take);
    else if (heap)
      read(heap->object(id), take);
  }
}

}  // namespace vedette::formats::models
