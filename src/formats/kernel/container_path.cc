// SPDX-License-Identifier: Apache-2.0
#include "formats/kernel/container_path.h"

#include <algorithm>

namespace vedette::formats::kernel {
namespace {

bool is_container_id(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

ContainerPath parse_container_path(std::string_view path) {
  ContainerPath result;
  while (!path.empty()) {
    const std::size_t slash = path.rfind('/');
    const std::string_view part = slash == std::string_view::npos ? path : path.substr(slash + 1);
    if (is_container_id(part)) {
      result.id = part;
      return result;
    }
    if (slash == std::string_view::npos) break;
    path = path.substr(0, slash);
  }
  return result;
}

}  // namespace vedette::formats::kernel
