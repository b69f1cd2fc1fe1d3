// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "formats/packages/javascript/javascript.h"
#include "formats/packages/languages/languages.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

void add_list(const Node& list, Scope scope, PackageReading& reading) {
  for (const Member& member : list.members) {
    const Node& entry = member.value;
    const std::string name = lower(entry["name"].text);
    const std::uint32_t index = reading.add(name, entry["version"].text, member.line);
    Package& package = reading.at(index);
    package.scope = scope;
    package.licenses = licenses_of(entry["license"]);
    package.checksum = entry["dist"]["shasum"].text;
    package.resolved = entry["source"]["url"].text;
    reading.know(name, index);
    // "php" and "ext-json" are no packages, and known by nobody.
    for (const Member& need : entry["require"].members) reading.need(index, lower(need.key));
    // What takes another's place is found by its name too, if the other is not there.
    for (const std::string_view kind : {"replace", "provide"}) {
      for (const Member& other : entry[kind].members) reading.know(lower(other.key), index);
    }
  }
}

}  // namespace

PackageList read_composer_lock(std::string_view path, std::string_view bytes,
                               const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kPackagist, tree);
  reading.list().scopes_known = true;
  reading.expect(tree.root["packages"].is_list(), 1, "\"packages\"");
  add_list(tree.root["packages"], Scope::kProduction, reading);
  add_list(tree.root["packages-dev"], Scope::kDevelopment, reading);
  return reading.take();
}

PackageList read_composer_installed(std::string_view path, std::string_view bytes,
                                    const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kPackagist, tree);
  reading.list().scopes_known = true;
  const Node& list = tree.root.is_list() ? tree.root : tree.root["packages"];
  reading.expect(list.is_list(), 1, "\"packages\"");
  add_list(list, Scope::kProduction, reading);
  std::set<std::string> development;
  for (const Member& name : tree.root["dev-package-names"].members) {
    development.insert(lower(name.value.text));
  }
  for (Package& package : reading.list().packages) {
    if (development.contains(package.name)) package.scope = Scope::kDevelopment;
  }
  return reading.take();
}

PackageList read_composer_json(std::string_view path, std::string_view bytes,
                               const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kPackagist, tree);
  reading.list().complete = false;
  reading.list().scopes_known = true;
  const auto add = [&](std::string_view key, Scope scope) {
    for (const Member& need : tree.root[key].members) {
      if (need.key.find('/') == std::string_view::npos) continue;  // "php", "ext-json"
      const std::string_view range = need.value.text;
      const std::uint32_t index = reading.add(
          lower(need.key), is_exact_semver(range) ? range : std::string_view(), need.line);
      Package& package = reading.at(index);
      package.requested = range;
      package.relation = Relation::kDirect;
      package.scope = scope;
    }
  };
  add("require", Scope::kProduction);
  add("require-dev", Scope::kDevelopment);
  return reading.take();
}

}  // namespace vedette::formats::packages
