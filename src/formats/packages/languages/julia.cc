// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "formats/packages/languages/languages.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// Names are not unique in Julia, so the identifier goes where a manifest can be compared by it.
std::string identity(std::string_view uuid) { return fmt::format("uuid:{}", uuid); }

void add(const Member& member, std::string_view julia, PackageReading& reading) {
  for (const Member& element : member.value.members) {
    const Node& entry = element.value;
    const std::string_view uuid = entry["uuid"].text;
    // The standard library has Julia's own version.
    const std::string_view version = entry.has("version")         ? entry["version"].text
                                     : entry.has("git-tree-sha1") ? ""
                                                                  : julia;
    const std::uint32_t index = reading.add(member.key, version, entry.line);
    Package& package = reading.at(index);
    package.resolved = identity(uuid);
    package.checksum = entry["git-tree-sha1"].text;
    reading.know(std::string(uuid), index);
    reading.know(std::string(member.key), index);
    for (const Member& need : entry["deps"].members) {
      // A list of names, or a table of name and identifier where names are not unique.
      reading.need(index, std::string(need.value.text));
    }
  }
}

}  // namespace

PackageList read_julia_manifest(std::string_view path, std::string_view bytes,
                                const Limits& limits) {
  Tree tree = read_toml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kJulia, tree);
  const std::string_view julia = tree.root["julia_version"].text;
  // Before format 2, packages stand at the top.
  const Node& packages = tree.root.has("manifest_format") ? tree.root["deps"] : tree.root;
  for (const Member& member : packages.members) {
    if (member.value.is_list()) add(member, julia, reading);
  }
  return reading.take();
}

PackageList read_julia_project(std::string_view path, std::string_view bytes,
                               const Limits& limits) {
  Tree tree = read_toml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kJulia, tree);
  reading.list().complete = false;
  const auto add_table = [&](std::string_view key, Scope scope) {
    for (const Member& member : tree.root[key].members) {
      Package& package = reading.at(reading.add(member.key, "", member.line));
      package.requested = tree.root["compat"][member.key].text;
      package.resolved = identity(member.value.text);
      package.relation = Relation::kDirect;
      package.scope = scope;
    }
  };
  add_table("deps", Scope::kProduction);
  add_table("weakdeps", Scope::kOptional);
  add_table("extras", Scope::kDevelopment);
  return reading.take();
}

}  // namespace vedette::formats::packages
