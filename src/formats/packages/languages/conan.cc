// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/languages/languages.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// "name/version@user/channel#revision%time"
std::uint32_t add(std::string_view reference, std::uint32_t line, PackageReading& reading) {
  const Halves revision = cut_first(reference, "#");
  const Halves owner = cut_first(revision.before, "@");
  const Halves name = cut_first(owner.before, "/");
  const std::uint32_t index = reading.add(name.before, name.behind, line);
  Package& package = reading.at(index);
  package.checksum = cut_first(revision.behind, "%").before;
  package.resolved = owner.behind;
  return index;
}

void read_graph(const Node& nodes, PackageReading& reading) {
  for (const Member& member : nodes.members) {
    const Node& entry = member.value;
    const std::string_view reference =
        entry["ref"].text.empty() ? entry["pref"].text : entry["ref"].text;
    // The project is the first node; a conanfile.txt gives it no name.
    const bool own = member.key == "0";
    const bool named = cut_first(reference, "/").found;
    const std::uint32_t index =
        named || !own ? add(reference, member.line, reading) : PackageReading::kNone;
    if (own) reading.at(index).relation = Relation::kRoot;
    reading.know(std::string(member.key), index);
    for (const std::string_view kind : {"requires", "build_requires"}) {
      const Scope scope = kind == "requires" ? Scope::kProduction : Scope::kDevelopment;
      for (const Member& need : entry[kind].members) {
        reading.need(index, std::string(need.value.text));
        if (own) reading.ask(std::string(need.value.text), scope);
      }
    }
  }
  reading.scopes_by_reach();
}

}  // namespace

PackageList read_conan_lock(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kConan, tree);
  const Node& nodes = tree.root["graph_lock"]["nodes"];
  if (nodes.is_table()) {
    read_graph(nodes, reading);
    return reading.take();
  }
  reading.list().scopes_known = true;
  reading.expect(tree.root.has("requires") || tree.root.has("version"), 1,
                 "\"requires\" or \"graph_lock\"");
  for (const std::string_view kind : {"requires", "build_requires", "python_requires"}) {
    for (const Member& member : tree.root[kind].members) {
      const std::uint32_t index = add(member.value.text, member.line, reading);
      if (kind != "requires") reading.at(index).scope = Scope::kDevelopment;
    }
  }
  return reading.take();
}

}  // namespace vedette::formats::packages
