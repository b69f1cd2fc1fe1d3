// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "formats/models/pickle/graph.h"

// What loading a pickle costs, where that is out of all proportion to the pickle.
namespace vedette::scan::models {

// Whether `call` of `callee` makes a value whose size only a number in the file says:
// bytearray(2000000000), list(range(2000000000)), "a" * 2000000000.
bool makes_much(const formats::models::ValueGraph& graph, const formats::models::Value& call,
                std::string_view callee);

// A list or table that holds others many times over, so that it has more parts than can be gone
// through when it is hashed, copied or printed; kUnknownValue where there is none. Large pickles
// are not looked at: it takes few operations.
formats::models::ValueId find_unfolding(const formats::models::ValueGraph& graph);

}  // namespace vedette::scan::models
