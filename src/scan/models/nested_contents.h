// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "formats/models/pickle/graph.h"

namespace vedette::scan::models {

// Texts and bytes of a pickle that may be models themselves: pickles and what is packed, as they
// are or written in base64 or hexadecimal digits; and those of `loaded`, which a library unpickles,
// with whatever they begin. Bounded by count and size.
std::vector<std::string> nested_contents(const formats::models::ValueGraph& graph,
                                         const std::vector<formats::models::ValueId>& loaded);

}  // namespace vedette::scan::models
