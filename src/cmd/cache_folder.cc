// SPDX-License-Identifier: Apache-2.0
#include "cmd/cache_folder.h"

#include <cstdlib>

namespace vedette::cmd {

std::string default_cache_folder() {
  // XDG Base Directory Specification: relative paths are to be ignored.
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/')
    return std::string(cache) + "/vedette";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
    return std::string(home) + "/.cache/vedette";
  return "";
}

}  // namespace vedette::cmd
