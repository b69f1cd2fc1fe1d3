// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "observe/packages.h"

namespace vedette::engine {

// The files that process `pid` sees, as long as it lives: below its root and nowhere else, links
// and pipes of its container notwithstanding. Null when it is gone or may not be looked at.
std::unique_ptr<observe::RootFiles> open_image_root(std::uint32_t pid);

}  // namespace vedette::engine
