// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/javascript/javascript.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

constexpr std::string_view kFolder = "node_modules/";

Scope scope_of(const Node& entry) {
  if (entry["dev"].is_true()) return Scope::kDevelopment;
  const bool optional = entry["optional"].is_true() || entry["devOptional"].is_true();
  return optional ? Scope::kOptional : Scope::kProduction;
}

// Where a package that lies at `place` finds `name`: as node does, in the nearest node_modules.
std::uint32_t resolve(const PackageReading& reading, std::string_view place,
                      std::string_view name) {
  while (true) {
    std::string candidate(place);
    if (!candidate.empty()) candidate += '/';
    candidate.append(kFolder).append(name);
    const std::uint32_t index = reading.find(candidate);
    if (index != PackageReading::kNone || place.empty()) return index;
    const std::size_t folder = place.rfind(kFolder);
    if (folder != std::string_view::npos) {
      place = trimmed(place.substr(0, folder), "/");
    } else {
      place = folder_of(place);
    }
  }
}

void fill(const Node& entry, Package& package) {
  package.resolved = entry["resolved"].text;
  package.checksum = entry["integrity"].text;
  package.licenses = licenses_of(entry["license"]);
  package.scope = scope_of(entry);
}

// "npm:real@1.2.3" stands for another package.
struct NameAndVersion {
  std::string_view name;
  std::string_view version;
};
NameAndVersion without_alias(std::string_view name, std::string_view version) {
  if (!version.starts_with("npm:")) return {name, version};
  const Halves halves = cut_last(version.substr(4), "@");
  if (!halves.found || halves.before.empty()) return {name, version};
  return {halves.before, halves.behind};
}

// lockfileVersion 2 and 3: places in the tree of folders, "" being the project.
class PlacesReader {
 public:
  PlacesReader(const Tree& tree, PackageReading& reading)
      : packages_(tree.root["packages"]), top_(tree.root), reading_(reading) {}

  void read() {
    for (const Member& member : packages_.members) add(member);
    for (const Link& link : links_) reading_.know(link.from, reading_.find(link.to));
    for (const Placed& placed : placed_) add_needs(placed);
  }

 private:
  struct Placed {
    std::string_view place;
    const Node* entry = nullptr;
    std::uint32_t index = 0;
    bool own = false;  // of the project
  };
  struct Link {
    std::string from;
    std::string to;
  };

  void add(const Member& member) {
    const std::string_view place = member.key;
    const Node& entry = member.value;
    if (!entry.is_table()) {
      reading_.problem(member.line, "expected a table for a package, found something else");
      return;
    }
    if (entry["link"].is_true()) {
      links_.push_back({std::string(place), std::string(entry["resolved"].text)});
      return;
    }
    const std::size_t folder = place.rfind(kFolder);
    const bool own = folder == std::string_view::npos;
    std::string_view name = entry["name"].text;
    if (name.empty() && !own) name = place.substr(folder + kFolder.size());
    if (name.empty() && place.empty()) name = top_["name"].text;
    if (name.empty() && own) name = file_name(place);
    std::uint32_t index = PackageReading::kNone;
    if (!name.empty()) {
      index = reading_.add(name, entry["version"].text, member.line);
      fill(entry, reading_.at(index));
      if (own) reading_.at(index).relation = Relation::kRoot;
      reading_.know(std::string(place), index);
    } else if (!place.empty()) {
      reading_.problem(member.line, "expected the name of a package, found none");
    }
    placed_.push_back({place, &entry, index, own});
  }

  void add_needs(const Placed& placed) {
    for (const NpmNeedKind& kind : kNpmNeedKinds) {
      if (!placed.own && kind.scope == Scope::kDevelopment) continue;
      for (const Member& need : (*placed.entry)[kind.key].members) {
        const std::uint32_t needed = resolve(reading_, placed.place, need.key);
        reading_.need(placed.index, needed);
        if (placed.own) reading_.ask(needed, kind.scope);
      }
    }
  }

  const Node& packages_;
  const Node& top_;
  PackageReading& reading_;
  std::vector<Placed> placed_;
  std::vector<Link> links_;
};

// lockfileVersion 1: tables in tables, as folders in folders.
void read_nested(const Node& top, PackageReading& reading) {
  struct Open {
    std::string place;
    const Node* dependencies = nullptr;
  };
  struct Placed {
    std::string place;
    const Node* entry = nullptr;
    std::uint32_t index = 0;
  };
  std::vector<Open> open = {{"", &top["dependencies"]}};
  std::vector<Placed> placed;
  while (!open.empty()) {
    const Open here = std::move(open.back());
    open.pop_back();
    for (const Member& member : here.dependencies->members) {
      const Node& entry = member.value;
      if (!entry.is_table()) {
        reading.problem(member.line, "expected a table for a package, found something else");
        continue;
      }
      std::string place = here.place;
      if (!place.empty()) place += '/';
      place.append(kFolder).append(member.key);
      const auto [name, version] = without_alias(member.key, entry["version"].text);
      const std::uint32_t index = reading.add(name, version, member.line);
      fill(entry, reading.at(index));
      reading.know(place, index);
      if (entry["dependencies"].is_table()) open.push_back({place, &entry["dependencies"]});
      placed.push_back({std::move(place), &entry, index});
    }
  }
  for (const Placed& one : placed) {
    for (const Member& need : (*one.entry)["requires"].members) {
      reading.need(one.index, resolve(reading, one.place, need.key));
    }
  }
}

}  // namespace

PackageList read_npm_lock(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kNpm, tree);
  reading.list().scopes_known = true;
  if (tree.root["packages"].is_table()) {
    PlacesReader(tree, reading).read();
  } else {
    // A project without dependencies has no table of them.
    reading.expect(tree.root["dependencies"].is_table() || tree.root.has("lockfileVersion"), 1,
                   "\"packages\" or \"dependencies\"");
    read_nested(tree.root, reading);
  }
  return reading.take();
}

}  // namespace vedette::formats::packages
