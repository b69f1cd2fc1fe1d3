// SPDX-License-Identifier: Apache-2.0
#include "rules/field_names.h"

#include <algorithm>

namespace vedette::rules {

std::vector<std::string> paths_of(const LogSources& log_sources, std::string_view field) {
  std::vector<std::string> paths{std::string(field)};
  const auto add = [&paths](std::string path) {
    if (std::find(paths.begin(), paths.end(), path) == paths.end())
      paths.push_back(std::move(path));
  };
  if (const auto aliases = log_sources.aliases.find(field); aliases != log_sources.aliases.end()) {
    for (const std::string& path : aliases->second) add(path);
  }
  for (const std::string& container : log_sources.containers)
    add(container + "." + std::string(field));
  return paths;
}

}  // namespace vedette::rules
