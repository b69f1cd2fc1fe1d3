// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace vedette::formats::models {

// A document of Universal Binary JSON, draft 12, as XGBoost writes it. Lists of numbers of one type
// are one node, whose numbers stay in the bytes. Lists that say once for all that their values are
// null, true or false are none of it: they would grow without bytes.
struct UbjsonNode {
  enum class Kind : std::uint8_t { kNone, kBoolean, kNumber, kText, kList, kTable, kNumbers };
  static constexpr std::uint32_t kNowhere = ~std::uint32_t{0};

  Kind kind = Kind::kNone;
  char type = 0;            // of kNumber and kNumbers: its mark ('i', 'U', 'I', 'l', 'L', 'd', 'D')
  std::string_view key;     // in a table
  std::string_view bytes;   // of kText; the numbers' bytes
  std::uint64_t count = 0;  // of kNumbers
  std::uint32_t parent = kNowhere;
  std::uint32_t next = kNowhere;   // in the same list or table
  std::uint32_t first = kNowhere;  // of what is in it
};

struct UbjsonDocument {
  static constexpr std::size_t kNodesMax = 2'000'000;
  static constexpr std::size_t kDepthMax = 256;

  std::vector<UbjsonNode> nodes;  // the outermost is the first; none: it is no such document
  bool is_whole = false;          // it was read to its end
  bool is_cut = false;            // it has more than kNodesMax

  // The member of a table; null where there is none. Goes through its members.
  const UbjsonNode* find(const UbjsonNode& table, std::string_view key) const;
  const UbjsonNode* at(std::uint32_t index) const {
    return index < nodes.size() ? &nodes[index] : nullptr;
  }
};

// Numbers that are whole, as they stand; 0 for others and beyond the last.
std::int64_t ubjson_number(const UbjsonNode& numbers, std::uint64_t index);

// The bytes outlive it.
UbjsonDocument read_ubjson(std::string_view bytes);

}  // namespace vedette::formats::models
