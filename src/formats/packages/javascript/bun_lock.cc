// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/javascript/javascript.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// "a/@b/c" without its last package.
std::string_view outer(std::string_view place) {
  std::string_view rest = folder_of(place);
  return file_name(rest).starts_with('@') ? folder_of(rest) : rest;
}

std::uint32_t resolve(const PackageReading& reading, std::string_view place,
                      std::string_view name) {
  while (true) {
    std::string candidate(place);
    if (!candidate.empty()) candidate += '/';
    candidate.append(name);
    const std::uint32_t index = reading.find(candidate);
    if (index != PackageReading::kNone || place.empty()) return index;
    place = outer(place);
  }
}

// ["name@1.0.0", "registry", {"dependencies": …}, "sha512-…"]; of other sources less.
std::uint32_t add(const Member& member, PackageReading& reading) {
  const std::span<const Member> parts = member.value.members;
  const std::string_view resolution =
      !member.value.is_list() || parts.empty() ? std::string_view() : parts[0].value.text;
  const std::size_t at = resolution.find('@', 1);
  if (at == std::string_view::npos) {
    reading.problem(member.line, "expected a list that begins with \"name@version\"");
    return PackageReading::kNone;
  }
  const std::string_view version = resolution.substr(at + 1);
  const bool own = version.starts_with("workspace:");
  const std::uint32_t index =
      reading.add(resolution.substr(0, at), own ? std::string_view() : version, member.line);
  Package& package = reading.at(index);
  if (own) package.relation = Relation::kRoot;
  const std::string_view last = parts.back().value.text;
  if (last.starts_with("sha")) package.checksum = last;
  reading.know(std::string(member.key), index);
  return index;
}

}  // namespace

PackageList read_bun_lock(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_json(path, bytes, limits, JsonForm::kRelaxed);
  PackageReading reading(path, Ecosystem::kNpm, tree);
  const Node& packages = tree.root["packages"];
  reading.expect(packages.is_table() || tree.root.has("lockfileVersion"), 1, "\"packages\"");
  std::vector<std::uint32_t> indices;
  for (const Member& member : packages.members) indices.push_back(add(member, reading));
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const Member& member = packages.members[i];
    for (const Member& part : member.value.members) {
      for (const std::string_view kind : kNpmInnerNeeds) {
        for (const Member& need : part.value[kind].members) {
          reading.need(indices[i], resolve(reading, member.key, need.key));
        }
      }
    }
  }
  for (const Member& workspace : tree.root["workspaces"].members) {
    const std::string_view name = workspace.value["name"].text;
    std::uint32_t own = reading.find(std::string(name));
    if (own == PackageReading::kNone || reading.at(own).relation != Relation::kRoot) {
      own = name.empty() ? PackageReading::kNone
                         : reading.add(name, workspace.value["version"].text, workspace.line);
      reading.at(own).relation = Relation::kRoot;
    }
    for (const NpmNeedKind& kind : kNpmNeedKinds) {
      for (const Member& need : workspace.value[kind.key].members) {
        // A member of the workspace may have packages of its own below its name.
        const std::uint32_t index = resolve(reading, name, need.key);
        reading.need(own, index);
        reading.ask(index, kind.scope);
        if (index != PackageReading::kNone) reading.at(index).requested = need.value.text;
      }
    }
  }
  reading.scopes_by_reach();
  return reading.take();
}

}  // namespace vedette::formats::packages
