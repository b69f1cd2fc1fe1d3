// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include "formats/packages/jvm/jvm.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// A version as Gradle's catalogs write it: a text, or a table of how strict it is.
struct CatalogVersion {
  std::string_view exact;
  std::string_view range;
};

CatalogVersion version_of(std::string_view text) {
  const bool is_range = text.empty() || text.find_first_of("[(,") != std::string_view::npos ||
                        text.ends_with('+') || text.starts_with("latest.");
  return is_range ? CatalogVersion{{}, text} : CatalogVersion{text, {}};
}

CatalogVersion version_of(const Node& version, const Node& versions) {
  if (version.is_text()) return version_of(version.text);
  if (!version["ref"].text.empty()) {
    const Node& shared = versions[version["ref"].text];
    return shared.is_table() ? version_of(shared, {}) : version_of(shared.text);
  }
  for (const std::string_view kind : {"prefer", "strictly", "require"}) {
    if (const CatalogVersion one = version_of(version[kind].text); !one.exact.empty()) return one;
  }
  for (const std::string_view kind : {"strictly", "require", "prefer"}) {
    if (!version[kind].text.empty()) return {{}, version[kind].text};
  }
  return {};
}

void add(const Member& member, const Node& versions, PackageReading& reading) {
  const Node& entry = member.value;
  std::string name(entry["module"].text);
  CatalogVersion version = version_of(entry["version"], versions);
  if (name.empty() && entry.is_table())
    name = std::string(entry["group"].text) + ':' + std::string(entry["name"].text);
  if (entry.is_text()) {  // "group:name:version"
    const Halves halves = cut_last(entry.text, ":");
    name = halves.before;
    version = version_of(halves.behind);
  }
  const std::size_t colon = name.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == name.size()) {
    reading.problem(member.line, "expected group, name and version of a library");
    return;
  }
  const std::uint32_t index = reading.add(name, version.exact, member.line);
  reading.at(index).requested = version.range;
  reading.ask(index, Scope::kProduction);
}

}  // namespace

PackageList read_gradle_catalog(std::string_view path, std::string_view bytes,
                                const Limits& limits) {
  Tree tree = read_toml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kMaven, tree);
  reading.list().complete = false;
  const Node& root = tree.root;
  reading.expect(root.has("libraries") || root.has("versions") || root.has("plugins"), 1,
                 "[libraries]");
  for (const Member& member : root["libraries"].members) add(member, root["versions"], reading);
  return reading.take();
}

}  // namespace vedette::formats::packages
