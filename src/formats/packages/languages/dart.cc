// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/languages/languages.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {

PackageList read_pubspec_lock(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_yaml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kPub, tree);
  reading.list().scopes_known = true;
  const Node& packages = tree.root["packages"];
  reading.expect(packages.is_table() || tree.root.has("packages"), 1, "\"packages\"");
  for (const Member& member : packages.members) {
    const Node& entry = member.value;
    Package& package = reading.at(reading.add(member.key, entry["version"].text, member.line));
    const std::string_view kind = entry["dependency"].text;
    package.relation = kind.starts_with("direct") ? Relation::kDirect : Relation::kTransitive;
    if (kind == "direct dev") package.scope = Scope::kDevelopment;
    const Node& description = entry["description"];
    package.checksum = description["sha256"].text;
    if (!package.checksum.empty()) package.checksum.insert(0, "sha256:");
    if (entry["source"].text != "hosted") {
      const std::string_view url = description["url"].text;
      package.resolved = !url.empty()            ? url
                         : description.is_text() ? description.text
                                                 : description["path"].text;
    }
  }
  return reading.take();
}

}  // namespace vedette::formats::packages
