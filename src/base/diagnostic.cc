// SPDX-License-Identifier: Apache-2.0
#include "base/diagnostic.h"

#include <fmt/format.h>

namespace vedette {

std::string to_string(const Place& place) {
  if (place.line != 0 && place.column == 0) return fmt::format("{}:{}", place.file, place.line);
  if (place.line != 0) return fmt::format("{}:{}:{}", place.file, place.line, place.column);
  if (place.offset != 0) return fmt::format("{}@{}", place.file, place.offset);
  return place.file;
}

}  // namespace vedette
