// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/advisories/advisory.h"

namespace vedette::formats::advisories {

// Dates of endoflife.date (JSON): its list of products with releases ("/api/v1/products/full"), one
// product of it, or the older array of one product's cycles, whose name is `product`.
Result<std::vector<Lifecycle>> read_lifecycles(std::string_view json, std::string_view product);

}  // namespace vedette::formats::advisories
