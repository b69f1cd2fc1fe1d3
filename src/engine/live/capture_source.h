// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "event/source.h"

namespace vedette::engine {

// Captures as a source for watch(), one behind the other; needs no privileges.
Result<std::unique_ptr<event::Source>> open_captures(const std::vector<std::string>& files,
                                                     const Limits& limits);

}  // namespace vedette::engine
