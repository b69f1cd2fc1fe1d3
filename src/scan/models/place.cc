// SPDX-License-Identifier: Apache-2.0
#include "scan/models/place.h"

#include <algorithm>

namespace vedette::scan::models {

bool climbs_out(std::string_view path) {
  std::size_t depth = 0;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find_first_of("/\\"), path.size());
    const std::string_view part = path.substr(0, end);
    if (part == ".." && depth == 0) return true;
    if (part == "..")
      --depth;
    else if (!part.empty() && part != ".")
      ++depth;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return false;
}

}  // namespace vedette::scan::models
