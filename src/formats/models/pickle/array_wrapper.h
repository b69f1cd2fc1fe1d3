// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "formats/models/pickle/graph.h"

namespace vedette::formats::models {

// Bytes that joblib writes behind the BUILD of its NumpyArrayWrapper.
struct RawArray {
  std::uint64_t size = 0;
  bool is_objects = false;   // a pickle of its own instead
  bool has_padding = false;  // one byte with the count of padding bytes goes before
};
// Whether a module's name is joblib's wrapper, or an object is one.
bool is_array_wrapper(std::string_view module, std::string_view name);
bool is_array_wrapper(const ValueGraph& graph, ValueId object);

// Nothing where the state does not tell.
std::optional<RawArray> raw_array_of(const ValueGraph& graph, ValueId wrapper, ValueId state);

// The value of a key in a dictionary of strings; kUnknownValue where there is none.
ValueId entry_of(const ValueGraph& graph, ValueId dictionary, std::string_view key);

}  // namespace vedette::formats::models
