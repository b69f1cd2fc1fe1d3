// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/jars/jar_coordinates.h"

#include <algorithm>
#include <optional>

#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

bool is_whole(const JarName& name) {
  return !name.group.empty() && !name.artifact.empty() && !name.version.empty();
}

struct Layout {
  JarName name;
  bool is_artifact = false;  // and not another file of the same release
};

// Whether the folders above say artifact and version.
std::optional<Layout> layout_of(std::string_view file, std::string_view version_folder,
                                std::string_view group) {
  Layout layout;
  layout.name.version = file_name(version_folder);
  layout.name.artifact = file_name(folder_of(version_folder));
  const std::string stem = layout.name.artifact + "-" + layout.name.version;
  if (layout.name.artifact.empty() || !file.starts_with(stem)) return std::nullopt;
  layout.is_artifact = cut_last(file, ".").before == stem;
  layout.name.group = group;
  std::ranges::replace(layout.name.group, '/', '.');
  return layout;
}

std::optional<Layout> layout_of(const JarPlace& place) {
  const std::string_view file = file_name(place.path);
  const std::string_view folder = folder_of(place.path);
  const std::string_view group_folder = folder_of(folder_of(folder_of(folder)));
  if (file_name(folder_of(group_folder)) == "files-2.1" || file_name(group_folder) == "files-2.1") {
    const std::string_view version_folder = folder_of(folder);
    return layout_of(file, version_folder, file_name(folder_of(folder_of(version_folder))));
  }
  std::string group = jar_name("", place.path).group;
  const std::string_view below = folder_of(folder_of(folder));
  if (group.empty() && below.size() > place.folder.size() && below.starts_with(place.folder))
    group = trimmed(below.substr(place.folder.size()), "/");
  return layout_of(file, folder, group);
}

}  // namespace

JarName jar_coordinates(const JarPlace& place, const std::vector<JarName>& poms,
                        std::string_view manifest) {
  const std::optional<Layout> layout = layout_of(place);
  if (layout && !layout->is_artifact) return {};
  const std::string_view stem = cut_last(file_name(place.path), ".").before;
  for (const JarName& pom : poms) {
    const bool is_named = stem == pom.artifact + "-" + pom.version || stem == pom.artifact;
    if (is_whole(pom) && (is_named || (!layout && poms.size() == 1))) return pom;
  }
  if (layout && is_whole(layout->name)) return layout->name;
  JarName named = jar_name(manifest, place.path);
  return is_whole(named) ? named : JarName();
}

}  // namespace vedette::formats::packages
