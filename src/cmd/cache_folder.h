// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace vedette::cmd {

// $XDG_CACHE_HOME/vedette, else ~/.cache/vedette; empty where neither is set.
std::string default_cache_folder();

}  // namespace vedette::cmd
