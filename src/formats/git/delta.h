// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/buffer.h"
#include "base/result.h"

namespace vedette::formats::git {

// The size of what a delta makes, as it says itself; kInvalid.
Result<std::uint64_t> delta_result_size(std::string_view delta);

// Makes an object from its base (gitformat-pack, "Deltified representation"). Fails with kInvalid
// when the delta is not for this base or is damaged, with kLimit when the result is larger than
// `bytes_max`. `base` must not be in `out`.
Result<void> apply_delta(std::string_view base, std::string_view delta, std::uint64_t bytes_max,
                         Buffer& out);

}  // namespace vedette::formats::git
