// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "event/batch.h"
#include "event/event.h"
#include "event/field_tree.h"
#include "formats/logs/evtx_binxml.h"
#include "formats/logs/windows_xml_tree.h"

// The second way to the same answer, for tests: a record by its tree, without plans.
namespace vedette::formats::logs::evtx {

// The chunk in which a record lies that EvtxDecoder found.
inline std::string_view chunk_of(const event::Batch& batch, std::size_t offset) {
  constexpr std::size_t kFileHeaderSize = 4096;
  constexpr std::size_t kChunkSize = 65536;
  const std::string_view bytes = batch.buffer.view();
  const bool header = bytes.starts_with("ElfFile") ||
                      (!bytes.starts_with("ElfChnk") && bytes.size() > kFileHeaderSize &&
                       bytes.substr(kFileHeaderSize).starts_with("ElfChnk"));
  const std::size_t first = header ? kFileHeaderSize : 0;
  return bytes.substr(offset - (offset - first) % kChunkSize, kChunkSize);
}

// Fills the slots of `event` from the record of `decoded`, and lists everything. False when there
// is no tree.
inline bool read_by_tree(const event::Batch& batch, const event::Event& decoded,
                         const event::FieldTree& tree, const Limits& limits, event::Event& event,
                         std::vector<event::NamedValue>& listed) {
  constexpr std::size_t kRecordHeaderSize = 24;
  event.clear();
  const std::string_view chunk = chunk_of(batch, decoded.offset);
  const auto begin = static_cast<std::size_t>(decoded.raw.data() - chunk.data());
  XmlTree xml;
  TreeBuilder builder(chunk, limits, event.arena(), xml);
  if (!builder.build_record(begin + kRecordHeaderSize, begin + decoded.raw.size() - 4)) {
    return false;
  }
  XmlFieldWriter(tree, event, nullptr).write(xml);
  XmlFieldWriter(event.arena(), listed).write(xml);
  return true;
}

// A value as a line that holds all that matters.
inline std::string line_of(std::string_view path, const event::Value& value, Arena& arena) {
  return std::string(path) + '/' + std::to_string(static_cast<int>(value.kind)) + '=' +
         std::string(event::text_of(value, arena));
}

inline std::vector<std::string> lines_of(const std::vector<event::NamedValue>& listed,
                                         Arena& arena) {
  std::vector<std::string> lines;
  for (const event::NamedValue& named : listed) {
    lines.push_back(line_of(named.path, named.value, arena));
  }
  return lines;
}

inline std::vector<std::string> slots_of(event::Event& event) {
  std::vector<event::Slot> slots(event.present());
  std::sort(slots.begin(), slots.end());
  std::vector<std::string> lines;
  for (const event::Slot slot : slots) {
    for (const event::Value* value = &event[slot]; value != nullptr; value = event.next(*value)) {
      lines.push_back(
          line_of(std::to_string(slot) + '.' + std::to_string(value->rank), *value, event.arena()));
    }
  }
  return lines;
}

// Whether what was listed for `decoded` is what its tree lists.
inline bool lists_like_tree(const event::Batch& batch, event::Event& decoded,
                            const std::vector<event::NamedValue>& listed, const Limits& limits) {
  const event::FieldTree none = event::FieldTree::Builder().build();
  event::Event event(0);
  std::vector<event::NamedValue> wanted;
  static_cast<void>(read_by_tree(batch, decoded, none, limits, event, wanted));
  return lines_of(listed, decoded.arena()) == lines_of(wanted, event.arena());
}

}  // namespace vedette::formats::logs::evtx
