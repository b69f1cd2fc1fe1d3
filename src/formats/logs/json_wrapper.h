// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace vedette::formats::logs {

// Wrappers: objects that are not a record but hold an array of records, as CloudTrail's
// {"Records":[...]}, Azure's {"value":[...]} or a search answer's {"hits":{"hits":[...]}}.
//
// An ordinary record may have a member of such a name too. So an object is a wrapper when
//  - a member of it bears a name of the table and is an array of objects (or an empty one), and
//  - the name is one of those that are certain, or else the object is the only value of the input
//    and its other members are scalars (or an object called "metadata", as lists of Kubernetes
//    have).
// This is decided once, on the input's first object, by its first kWrapperWindow bytes: what lies
// beyond is taken to agree. Where the first object is a wrapper, later ones of the same name are.
struct WrapperRow {
  std::string_view outer;  // member that holds the object with the array, or empty
  std::string_view name;   // of the array
  enum class Certainty : std::uint8_t { kCertain, kIfAlone } certainty;
};

std::span<const WrapperRow> wrapper_rows();

constexpr std::size_t kWrapperWindow = std::size_t{64} << 10;

struct WrapperFinding {
  enum class Kind : std::uint8_t { kWrapper, kNone, kNeedMore } kind = Kind::kNone;
  const WrapperRow* row = nullptr;
  std::size_t array = 0;      // where the array's '[' stands
  std::size_t enclosing = 0;  // objects around it
};

// `head` begins with '{'. `rows` are those that count; `whole` says that the input ends with
// `head`. When head.size() >= kWrapperWindow or `whole`, the answer is never kNeedMore.
WrapperFinding find_wrapper(std::string_view head, std::span<const WrapperRow> rows, bool whole);

// Whether the input that begins with `head` is wrapped, as far as that can be told.
bool is_wrapped(std::string_view head, bool whole);

}  // namespace vedette::formats::logs
